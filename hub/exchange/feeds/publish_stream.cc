#include "hub/exchange/feeds/publish_stream.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"

namespace zhanqiao::exchange {
namespace {

constexpr std::string_view kMethod = "/zhanqiao.v1.FeedService/Publish";
constexpr int kRecordsMax = 4096;
constexpr size_t kMessageMax = 2 << 20;
constexpr size_t kKeyMax = 128;
constexpr size_t kUnstoredMax = 8 << 20;  // bytes of a stream that wait to be stored before it is held back

using Sink = std::shared_ptr<StreamSink<v1::PublishResponse>>;

absl::Status Misfit(std::string_view what, int record) {
  return Fail(absl::StatusCode::kInvalidArgument, "RECORD_SCHEMA",
              "The records do not fit the resource's entry; read it and send every field in its order.",
              {{"link", std::string(kLinkCaller)}, {"misfit", std::string(what)}, {"record", absl::StrCat(record)}});
}

absl::Status Wrong(std::string_view reason, std::string_view field, std::string_view description) {
  return WithFact(BadField(reason, field, description), "link", kLinkCaller);
}

// What the handler and its records under way share.
class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  Outbox(Feeds& feeds, Sink sink) : feeds_(feeds), sink_(std::move(sink)) {}

  std::shared_ptr<const std::atomic<bool>> gone() const { return gone_; }

  void Begin(size_t bytes) {
    bool pause = false;
    {
      absl::MutexLock lock(&mu_);
      ++under_way_;
      unstored_ += bytes;
      pause = unstored_ > kUnstoredMax && !std::exchange(paused_, unstored_ > kUnstoredMax);
    }
    if (pause) sink_->Pause();
  }

  void Stored(uint64_t number, size_t bytes, const Caller& caller, absl::StatusOr<Publication::Stored> stored) {
    bool post = false;
    {
      absl::MutexLock lock(&mu_);
      --under_way_;
      unstored_ -= bytes;
      if (stored.ok() && !*gone_) {
        response_.set_number(number);
        response_.set_last_offset(stored->last_offset);
        response_.set_published(response_.published() + stored->stored);
        response_.set_repeated(response_.repeated() + stored->repeated);
        post = !std::exchange(posted_, true);
      }
    }
    if (!stored.ok()) return Refuse(caller, stored.status());
    if (post) sink_->Post([self = shared_from_this()] { self->Flush(); });
  }

  // On the stream's thread: one acknowledgement for all that became durable.
  void Flush() {
    v1::PublishResponse response;
    bool resume = false, finish = false;
    {
      absl::MutexLock lock(&mu_);
      posted_ = false;
      if (*gone_) return;
      response = response_;
      resume = paused_ && unstored_ <= kUnstoredMax / 2;
      if (resume) paused_ = false;
      finish = half_closed_ && under_way_ == 0;
    }
    sink_->Write(response);
    if (resume) sink_->Resume();
    if (finish) Finish(absl::OkStatus());
  }

  void HalfClose() {
    {
      absl::MutexLock lock(&mu_);
      half_closed_ = true;
      if (under_way_ > 0 || posted_) return;
    }
    Finish(absl::OkStatus());
  }

  // Nothing of the stream is stored after the first refusal, so that its order holds when it is sent again.
  void Refuse(const Caller& caller, absl::Status status) {
    if (gone_->exchange(true)) return;
    access::Refused refused;
    refused.actor = caller.subject;
    refused.trace = caller.trace;
    refused.denial.set_method(std::string(kMethod));
    refused.denial.set_identity(caller.identity);
    refused.denial.set_fingerprint(caller.fingerprint);
    if (const auto feed = feed_.load(); feed != nullptr) refused.denial.set_resource(feed->resource_name());
    feeds_.parts().refusals.Record(std::move(refused), std::move(status),
                                   [sink = sink_](absl::Status written) { sink->Finish(written); });
  }

  void Gone() { gone_->store(true); }
  void SetFeed(const Feed* feed) { feed_ = feed; }

 private:
  void Finish(const absl::Status& status) {
    if (!gone_->exchange(true)) sink_->Finish(status);
  }

  Feeds& feeds_;
  const Sink sink_;
  const std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
  std::atomic<const Feed*> feed_{nullptr};  // feeds live as long as `feeds_`
  absl::Mutex mu_;                          // makes counting one message one step
  v1::PublishResponse response_ ABSL_GUARDED_BY(mu_);
  size_t under_way_ ABSL_GUARDED_BY(mu_) = 0;
  size_t unstored_ ABSL_GUARDED_BY(mu_) = 0;
  bool posted_ ABSL_GUARDED_BY(mu_) = false;
  bool paused_ ABSL_GUARDED_BY(mu_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
};

class PublishStream final : public StreamHandler<v1::PublishRequest> {
 public:
  PublishStream(Feeds& feeds, Sink sink) : feeds_(feeds), outbox_(std::make_shared<Outbox>(feeds, std::move(sink))) {}
  ~PublishStream() override { outbox_->Gone(); }

  void OnMessage(const Caller& caller, v1::PublishRequest& message) override {
    if (outbox_->gone()->load()) return;
    absl::Status taken = Publish(caller, message);
    if (!taken.ok()) outbox_->Refuse(caller, std::move(taken));
  }
  void OnHalfClose() override { outbox_->HalfClose(); }
  void OnCancel() override { outbox_->Gone(); }

 private:
  absl::Status Publish(const Caller& caller, v1::PublishRequest& message) {
    if (feed_ == nullptr) {
      feed_ = feeds_.Find(message.feed());
      if (feed_ == nullptr) {
        return Fail(absl::StatusCode::kNotFound, "FEED_NOT_FOUND",
                    "There is no such feed; name one as feeds/{code}, or have its provider declare it.",
                    {{"link", std::string(kLinkCaller)}});
      }
      outbox_->SetFeed(feed_.get());
    } else if (!message.feed().empty() && message.feed() != feed_->name()) {
      return Wrong("FEED_CHANGED", "feed", "One stream publishes to one feed; open another for another.");
    }
    TRY(feed_->CheckPublisher(caller.subject));
    if (message.number() <= number_) return Wrong("NUMBER_ORDER", "number", "Give a number greater than the one before.");
    number_ = message.number();
    v1::RecordBatch& records = *message.mutable_records();
    if (records.rows_size() < 1 || records.rows_size() > kRecordsMax) {
      return Wrong("RECORDS_COUNT", "records.rows", "Send 1 to 4096 records in a message.");
    }
    const auto resource = feeds_.parts().catalog.FindResource(feed_->resource_name());
    if (resource == nullptr) return Misfit("resource", 0);
    TRY(CheckRecords(records, *resource));
    Publication publication;
    publication.digests = TRY(DigestsOf(message));
    publication.count = records.rows_size();
    v1::RecordBatch schema;
    schema.set_schema_fingerprint(records.schema_fingerprint());
    schema.mutable_fields()->Swap(records.mutable_fields());
    records.clear_schema_fingerprint();
    publication.schema = schema.SerializeAsString();
    publication.rows = records.SerializeAsString();
    if (publication.rows.size() > kMessageMax) return Wrong("MESSAGE_LARGE", "records", "Send at most 2 MiB in a message.");
    const auto shared = std::make_shared<const Caller>(caller);
    const size_t bytes = publication.rows.size();
    publication.caller = shared;
    publication.gone = outbox_->gone();
    publication.done = [outbox = outbox_, shared, bytes, number = number_](absl::StatusOr<Publication::Stored> stored) {
      outbox->Stored(number, bytes, *shared, std::move(stored));
    };
    outbox_->Begin(bytes);
    feed_->Publish(std::move(publication));
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> DigestsOf(const v1::PublishRequest& message) const {
    std::vector<std::string> digests;
    if (message.idempotency_keys().empty()) return digests;
    if (message.idempotency_keys_size() != message.records().rows_size()) {
      return Wrong("KEYS_COUNT", "idempotency_keys", "Give one key for each record (empty where it has none), or none at all.");
    }
    digests.reserve(static_cast<size_t>(message.idempotency_keys_size()));
    for (const std::string& key : message.idempotency_keys()) {
      if (key.size() > kKeyMax) return Wrong("KEY_LONG", "idempotency_keys", "A key has at most 128 bytes.");
      digests.push_back(key.empty() ? std::string() : feeds_.parts().keys.DigestOf(feed_->code(), key));
    }
    return digests;
  }

  Feeds& feeds_;
  const std::shared_ptr<Outbox> outbox_;  // shared with records under way
  std::shared_ptr<Feed> feed_;            // shared with the registry
  uint64_t number_ = 0;
};

}  // namespace

absl::Status CheckRecords(const v1::RecordBatch& records, const v1::Resource& resource) {
  if (records.schema_fingerprint() != resource.schema_fingerprint()) return Misfit("schema fingerprint", 0);
  if (records.fields_size() != resource.fields_size()) return Misfit("field count", 0);
  for (int i = 0; i < records.fields_size(); ++i) {
    if (records.fields(i) != resource.fields(i).field()) return Misfit("field order", 0);
  }
  for (int r = 0; r < records.rows_size(); ++r) {
    const v1::Row& row = records.rows(r);
    if (row.values_size() != resource.fields_size()) return Misfit("value count", r);
    for (int i = 0; i < row.values_size(); ++i) {
      const v1::Field& field = resource.fields(i);
      if (!FitsType(row.values(i), field.data_type(), field.length())) return Misfit("value type", r);
    }
  }
  return absl::OkStatus();
}

std::unique_ptr<StreamHandler<v1::PublishRequest>> NewPublishStream(
    Feeds& feeds, std::shared_ptr<StreamSink<v1::PublishResponse>> sink) {
  return std::make_unique<PublishStream>(feeds, std::move(sink));
}

}  // namespace zhanqiao::exchange
