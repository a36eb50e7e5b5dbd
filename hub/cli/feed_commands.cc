// zq feed: declares a feed, publishes records of a CSV file, subscribes and acknowledges what it has printed.
#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/csv.h"
#include "catalog/base/records.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/progress.h"
#include "hub/cli/resources.h"
#include "zhanqiao/v1/feed.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::FeedService::Stub;

constexpr int kBatchRecords = 500;

std::string FeedArgument(std::string_view text) {
  if (text.starts_with("feeds/")) return std::string(text);
  return absl::StrCat("feeds/", ResourceArgument(text).substr(std::string_view("resources/").size()));
}

void PrintFeed(Context& context, const v1::Feed& feed) {
  if (context.json()) return PrintJson(feed, context.out);
  Sheet sheet;
  sheet.Add("feed", feed.name());
  sheet.Add("publishers", absl::StrJoin(feed.publishers(), ", "));
  sheet.Add("retention", absl::StrCat(feed.retention_hours(), " hours, ", feed.bytes_max(), " bytes",
                                      feed.drop_when_read() ? ", leaves when read" : ""));
  sheet.Add("overflow", EnumText(v1::FeedOverflow_descriptor(), feed.overflow()));
  sheet.Add("records", absl::StrCat(feed.records(), " (", feed.bytes(), " bytes)"));
  sheet.Add("offsets", absl::StrCat(feed.earliest_offset(), " to ", feed.next_offset() - 1));
  sheet.Add("newest", TimeText(feed.publish_time()));
  context.out << sheet.Render();
}

absl::Status Show(Context& context, const std::string& name) {
  Session session(context.options);
  v1::GetFeedRequest request;
  request.set_name(FeedArgument(name));
  PrintFeed(context, TRY(session.Call(&Stub::GetFeed, request)));
  return absl::OkStatus();
}

// What was declared before stays, but for what is given now.
absl::Status Declare(Context& context, const v1::Feed& given, bool refuse_publish) {
  Session session(context.options);
  v1::GetFeedRequest get;
  get.set_name(FeedArgument(given.name()));
  const auto stored = session.Call(&Stub::GetFeed, get);
  v1::UpdateFeedRequest request;
  request.set_allow_missing(true);
  v1::Feed& feed = *request.mutable_feed();
  if (stored.ok()) feed = *stored;
  feed.MergeFrom(given);
  if (given.publishers_size() > 0) *feed.mutable_publishers() = given.publishers();
  feed.set_name(get.name());
  if (feed.retention_hours() == 0) feed.set_retention_hours(72);
  if (feed.bytes_max() == 0) feed.set_bytes_max(1 << 30);
  if (refuse_publish) feed.set_overflow(v1::FEED_OVERFLOW_REFUSE_PUBLISH);
  PrintFeed(context, TRY(session.Call(&Stub::UpdateFeed, request)));
  return absl::OkStatus();
}

struct Publishing {
  std::string feed;
  std::string file;
  std::vector<std::string> keys;  // fields that make the idempotency key
};

absl::StatusOr<std::string> ReadInput(const std::string& file) {
  if (file != "-") return ReadFile(file);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

// Rows of `table` as records of `resource`; a column the file does not have is absent in every record.
class Records {
 public:
  static absl::StatusOr<Records> Of(const CsvTable& table, const v1::Resource& resource, const std::vector<std::string>& keys) {
    Records records(table, resource);
    for (const auto& field : resource.fields()) {
      const int by_name = table.Column(field.field());
      records.columns_.push_back(by_name >= 0 ? by_name : table.Column(field.display_name()));
    }
    for (const std::string& key : keys) {
      records.key_columns_.push_back(table.Column(key));
      if (records.key_columns_.back() < 0) return BadField("KEY_COLUMN", "--key", "The file has no such column; name one of its heading.");
    }
    return records;
  }
  absl::StatusOr<v1::PublishRequest> Batch(size_t from, size_t count) const {
    v1::PublishRequest message;
    auto& batch = *message.mutable_records();
    batch.set_schema_fingerprint(resource_.schema_fingerprint());
    for (const auto& field : resource_.fields()) batch.add_fields(field.field());
    for (size_t i = from; i < from + count; ++i) {
      const std::vector<std::string>& cells = table_.rows[i].cells;
      auto& row = *batch.add_rows();
      for (int f = 0; f < resource_.fields_size(); ++f) {
        auto& value = *row.add_values();
        const int column = columns_[static_cast<size_t>(f)];
        if (column < 0 || cells[static_cast<size_t>(column)].empty()) continue;
        auto typed = ValueOf(resource_.fields(f), cells[static_cast<size_t>(column)]);
        if (!typed.ok()) return WithFact(typed.status(), "line", absl::StrCat(table_.rows[i].line));
        value.Swap(&*typed);
      }
      if (key_columns_.empty()) continue;
      std::string& key = *message.add_idempotency_keys();
      for (const int column : key_columns_) absl::StrAppend(&key, cells[static_cast<size_t>(column)], "\x1f");
    }
    return message;
  }

 private:
  Records(const CsvTable& table, const v1::Resource& resource) : table_(table), resource_(resource) {}
  const CsvTable& table_;
  const v1::Resource& resource_;
  std::vector<int> columns_;
  std::vector<int> key_columns_;
};

absl::Status Publish(Context& context, const Publishing& publishing) {
  Session session(context.options);
  const std::string feed = FeedArgument(publishing.feed);
  v1::GetResourceRequest get;
  get.set_name(absl::StrCat("resources/", feed.substr(std::string_view("feeds/").size())));
  const v1::Resource resource = TRY(session.Call(&v1::CatalogService::Stub::GetResource, get));
  const std::string text = TRY(ReadInput(publishing.file));
  const CsvTable table = TRY(ParseCsv(text));
  const Records records = TRY(Records::Of(table, resource, publishing.keys));
  const auto channel = TRY(session.Channel());
  Stub stub(channel);
  grpc::ClientContext call;
  const auto stream = stub.Publish(&call);
  Progress progress(context.err, "records", static_cast<int64_t>(table.rows.size()));
  v1::PublishResponse last;
  std::thread reader([&] {
    for (v1::PublishResponse response; stream->Read(&response);) {
      last = response;
      progress.Set(last.published() + last.repeated());
    }
  });
  absl::Status written;
  uint64_t number = 0;
  for (size_t at = 0; at < table.rows.size() && written.ok(); at += kBatchRecords) {
    auto message = records.Batch(at, std::min<size_t>(kBatchRecords, table.rows.size() - at));
    written = message.status();
    if (!message.ok()) break;
    message->set_feed(feed);
    message->set_number(++number);
    if (!stream->Write(*message)) break;
  }
  stream->WritesDone();
  reader.join();
  const grpc::Status ended = stream->Finish();
  progress.Done();
  if (!written.ok()) return written;
  if (!ended.ok()) return WithFact(FromGrpc(ended), "published", absl::StrCat(last.published()));
  if (context.json()) {
    PrintJson(last, context.out);
  } else {
    context.out << last.published() << " records published, " << last.repeated() << " were there already\n";
  }
  return absl::OkStatus();
}

struct Subscribing {
  v1::SubscribeStart start;
  std::string from;    // earliest, latest, an offset, or a time
  int64_t count = 0;   // stop after so many records; 0: go on
  bool drain = false;  // stop when everything was read
};

absl::Status FillFrom(const std::string& from, v1::SubscribeStart& start) {
  uint64_t offset = 0;
  absl::Time time;
  if (from.empty()) return absl::OkStatus();
  if (from == "earliest") {
    start.set_earliest(true);
  } else if (from == "latest") {
    start.set_latest(true);
  } else if (absl::SimpleAtoi(from, &offset)) {
    start.set_offset(offset);
  } else if (absl::ParseTime(absl::RFC3339_full, from, &time, nullptr)) {
    start.mutable_time()->set_seconds(absl::ToUnixSeconds(time));
  } else {
    return BadField("FROM_FORM", "--from", "Write earliest, latest, an offset, or a time as 2026-11-24T09:00:00+08:00.");
  }
  return absl::OkStatus();
}

// Prints, then acknowledges: what was acknowledged has left this program.
absl::Status Subscribe(Context& context, const Subscribing& subscribing) {
  Session session(context.options);
  const auto channel = TRY(session.Channel());
  Stub stub(channel);
  grpc::ClientContext call;
  const auto stream = stub.Subscribe(&call);
  v1::SubscribeRequest start;
  *start.mutable_start() = subscribing.start;
  start.mutable_start()->set_grant(GrantArgument(subscribing.start.grant()));
  TRY(FillFrom(subscribing.from, *start.mutable_start()));
  stream->Write(start);
  Progress progress(context.err, "records", 0);
  int64_t received = 0;
  bool closed = false;
  for (v1::SubscribeResponse response; stream->Read(&response);) {
    const bool empty = response.has_started() && subscribing.drain && response.started().offset() == response.started().next_offset();
    if (empty && !closed) stream->WritesDone(), closed = true;
    if (!response.has_delivery() || closed) continue;
    const v1::FeedDelivery& delivery = response.delivery();
    if (context.json()) {
      PrintJson(delivery, context.out);
    } else if (delivery.records().rows_size() > 0) {
      PrintRecords(delivery.records(), context.out);
      context.out << "offsets " << delivery.offsets(0) << " to " << delivery.through_offset() << ", ledger entry "
                  << delivery.receipt().index() << ", " << delivery.lag() << " to come\n";
    }
    context.out.flush();
    if (!context.out) return Fail(absl::StatusCode::kAborted, "OUTPUT_CLOSED", "The output was closed; nothing more is acknowledged.");
    received += delivery.records().rows_size();
    progress.Set(received);
    v1::SubscribeRequest acknowledge;
    acknowledge.mutable_acknowledge()->set_offset(delivery.through_offset());
    stream->Write(acknowledge);
    const bool enough = (subscribing.count > 0 && received >= subscribing.count) || (subscribing.drain && delivery.lag() == 0);
    if (enough) stream->WritesDone(), closed = true;
  }
  progress.Done();
  const grpc::Status ended = stream->Finish();
  return ended.ok() ? absl::OkStatus() : FromGrpc(ended);
}

absl::Status ListSubscriptions(Context& context, const std::string& feed) {
  Session session(context.options);
  v1::ListSubscriptionsRequest request;
  request.set_parent(FeedArgument(feed));
  const auto all = TRY(ListAll(session, &Stub::ListSubscriptions, request, &v1::ListSubscriptionsResponse::mutable_subscriptions));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"SUBSCRIPTION", "ACKNOWLEDGED", "LAG", "OPEN", "NAME"});
  for (const auto& one : all.subscriptions()) {
    const std::string id = one.name().substr(one.name().rfind('/') + 1);
    table.Add({id, absl::StrCat(one.acknowledged_offset()), absl::StrCat(one.lag()), one.connected() ? "yes" : "no", one.name()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status Forget(Context& context, const std::string& name) {
  Session session(context.options);
  v1::DeleteSubscriptionRequest request;
  request.set_name(name);
  const v1::Subscription gone = TRY(session.Call(&Stub::DeleteSubscription, request));
  if (context.json()) {
    PrintJson(gone, context.out);
  } else {
    context.out << gone.name() << " forgotten at offset " << gone.acknowledged_offset() << "\n";
  }
  return absl::OkStatus();
}

void AddDeclaring(CLI::App& group, Context& context) {
  auto* show = group.add_subcommand("show", "One feed: what is declared and what it holds");
  auto name = std::make_shared<std::string>();
  show->add_option("feed", *name, "Code of the resource, or feeds/{code}")->required();
  show->callback([&context, name] { context.action = [&context, name] { return Show(context, *name); }; });

  auto* declare = group.add_subcommand("declare", "Declares the feed of a resource, or changes it");
  auto feed = std::make_shared<v1::Feed>();
  auto refuse = std::make_shared<bool>(false);
  auto hours = std::make_shared<int>(0);
  auto bytes = std::make_shared<int64_t>(0);
  auto drop = std::make_shared<bool>(false);
  auto publishers = std::make_shared<std::vector<std::string>>();
  declare->add_option("feed", *feed->mutable_name(), "Code of the resource")->required();
  declare->add_option("--hours", *hours, "Records older than this leave (72; up to 2160)");
  declare->add_option("--bytes", *bytes, "Bytes of records kept at most (1 GiB)");
  declare->add_option("--publisher", *publishers, "Connector or system that may publish; may be repeated");
  declare->add_flag("--drop-when-read", *drop, "Records all subscriptions have acknowledged leave at once");
  declare->add_flag("--refuse-publish", *refuse, "When full, refuse publishers instead of dropping the oldest");
  declare->callback([&context, feed, hours, bytes, drop, publishers, refuse] {
    feed->set_retention_hours(*hours);
    feed->set_bytes_max(*bytes);
    feed->set_drop_when_read(*drop);
    for (const std::string& publisher : *publishers) feed->add_publishers(publisher);
    context.action = [&context, feed, refuse] { return Declare(context, *feed, *refuse); };
  });
}

void AddSubscribing(CLI::App& group, Context& context) {
  auto* subscribe = group.add_subcommand("subscribe", "Reads a feed under a grant, acknowledging what was printed");
  auto subscribing = std::make_shared<Subscribing>();
  v1::SubscribeStart& start = subscribing->start;
  subscribe->add_option("--grant", *start.mutable_grant(), "grants/{id} or id")->required();
  subscribe->add_option("--as", *start.mutable_subscription(), "Your name for this subscription: its cursor is kept")->required();
  subscribe->add_option("--matter", *start.mutable_matter(), "Number of the case this is for; logged")->required();
  subscribe->add_option("--from", subscribing->from,
                        "Where to begin: earliest, latest, an offset, or a time; else where it left off");
  subscribe->add_option_function<int>(
      "--unacknowledged", [subscribing](int records) { subscribing->start.set_unacknowledged_max(records); },
      "Records delivered and not acknowledged at most (1000)");
  subscribe->add_option("--count", subscribing->count, "Stop after this many records");
  subscribe->add_flag("--drain", subscribing->drain, "Stop when everything there is was read");
  subscribe->callback([&context, subscribing] {
    context.action = [&context, subscribing] { return Subscribe(context, *subscribing); };
  });

  auto* list = group.add_subcommand("subscriptions", "How far each subscriber of a feed has come");
  auto of = std::make_shared<std::string>();
  list->add_option("feed", *of, "Code of the resource, or feeds/{code}")->required();
  list->callback([&context, of] { context.action = [&context, of] { return ListSubscriptions(context, *of); }; });

  auto* forget = group.add_subcommand("forget", "Forgets a subscription and its cursor");
  auto gone = std::make_shared<std::string>();
  forget->add_option("name", *gone, "feeds/{code}/subscriptions/{id}")->required();
  forget->callback([&context, gone] { context.action = [&context, gone] { return Forget(context, *gone); }; });
}

}  // namespace

void AddFeedCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("feed", "Feeds: records published as they arise, and their subscribers");
  group->require_subcommand(1);
  AddDeclaring(*group, context);
  auto* publish = group->add_subcommand("publish", "Publishes the records of a CSV file, in its order");
  auto publishing = std::make_shared<Publishing>();
  publish->add_option("feed", publishing->feed, "Code of the resource, or feeds/{code}")->required();
  publish->add_option("file", publishing->file, "CSV file headed by field names; - for standard input")->required();
  publish->add_option("--key", publishing->keys,
                      "Column that makes the idempotency key; may be repeated. A record whose key is known is not doubled");
  publish->callback(
      [&context, publishing] { context.action = [&context, publishing] { return Publish(context, *publishing); }; });
  AddSubscribing(*group, context);
}

}  // namespace zhanqiao::cli
