// What the portal's own pages need beyond CKAN's actions.
#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "hub/oversight/datasets/dataset.h"
#include "hub/portal/portal.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

absl::Time TimeOf(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

json::string_view KindWord(v1::SubmissionKind kind) {
  switch (kind) {
    case v1::SUBMISSION_KIND_CORRECTION:
      return "correction";
    case v1::SUBMISSION_KIND_REQUEST:
      return "request";
    default:
      return "feedback";
  }
}

json::string_view StateWord(v1::SubmissionState state) {
  switch (state) {
    case v1::SUBMISSION_STATE_ACCEPTED:
      return "accepted";
    case v1::SUBMISSION_STATE_ANSWERED:
      return "answered";
    case v1::SUBMISSION_STATE_DECLINED:
      return "declined";
    default:
      return "received";
  }
}

json::object SubmissionJson(const v1::Submission& submission) {
  json::object one = {{"id", submission.name().substr(submission.name().find('/') + 1)},
                      {"kind", KindWord(submission.kind())},
                      {"dataset", submission.dataset().empty() ? "" : PackageName(submission.dataset())},
                      {"state", StateWord(submission.state())},
                      {"shown", submission.shown()},
                      {"title", submission.title()},
                      {"text", submission.text()},
                      {"answer", submission.answer()},
                      {"create_time", CkanTime(TimeOf(submission.create_time()))}};
  one["answer_time"] = submission.has_answer_time() ? json::value(CkanTime(TimeOf(submission.answer_time()))) : json::value(nullptr);
  return one;
}

json::object UsageJson(const Usage::Counts& counts) {
  return {{"views", counts.views}, {"downloads", counts.downloads}, {"queries", counts.queries}};
}

std::string TextIn(const json::object& object, json::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

v1::SubmissionKind KindOf(const std::string& word) {
  if (word == "feedback") return v1::SUBMISSION_KIND_FEEDBACK;
  if (word == "correction") return v1::SUBMISSION_KIND_CORRECTION;
  return word == "request" ? v1::SUBMISSION_KIND_REQUEST : v1::SUBMISSION_KIND_UNSPECIFIED;
}

}  // namespace

Page Portal::Summary(const Shelf& shelf) {
  v1::CountDatasetsRequest request;
  const auto counted = parts_.datasets.count().Count(request);
  if (!counted.ok()) return Refused(counted.status());
  const auto list = [](const std::vector<Shelf::Counted>& parties) {
    json::array all;
    for (const auto& one : parties) all.push_back({{"name", one.party.name}, {"title", one.party.title}, {"count", one.packages}});
    return all;
  };
  std::map<std::string, int64_t> formats;
  absl::Time modified = absl::UnixEpoch();
  for (const PackagePtr& package : shelf.packages()) {
    for (const std::string& format : package->formats) ++formats[format];
    modified = std::max(modified, package->modified);
  }
  json::array format_list;
  for (const auto& [name, count] : formats) format_list.push_back({{"name", name}, {"title", name}, {"count", count}});
  Page page;
  page.body = json::serialize(json::object{{"datasets", shelf.packages().size()},
                                           {"counted", counted->counted()},
                                           {"target", counted->target()},
                                           {"as_of", counted->as_of()},
                                           {"organizations", list(shelf.bodies())},
                                           {"themes", list(shelf.themes())},
                                           {"formats", std::move(format_list)},
                                           {"downloads", usage_.downloads()},
                                           {"searches", usage_.searches()},
                                           {"modified", CkanTime(modified)}});
  return page;
}

Page Portal::DatasetJson(std::string_view name, const Shelf& shelf) {
  const PackagePtr package = shelf.Find(name);
  if (package == nullptr) {
    const Gone* const gone = shelf.FindGone(name);
    if (gone == nullptr) return NotFound();
    Page page;
    page.status = 410;
    page.body = json::serialize(json::object{{"name", gone->name},
                                             {"title", gone->title},
                                             {"state", gone->recalled ? "recalled" : "withdrawn"},
                                             {"reason", gone->reason},
                                             {"time", CkanTime(gone->time)}});
    return page;
  }
  const v1::Dataset& dataset = package->dataset;
  json::array distributions;
  for (const v1::Distribution& one : dataset.current().distributions()) {
    json::array files;
    for (const File& file : package->files) {
      if (file.distribution != &one) continue;
      files.push_back({{"id", file.id}, {"format", file.format}, {"url", file.address}});
    }
    distributions.push_back({{"id", one.id()},
                             {"title", one.title().empty() ? dataset.title() : one.title()},
                             {"rows", one.rows()},
                             {"bytes", one.bytes()},
                             {"sha256", ToHex(one.sha256())},
                             {"columns", DictionaryJson(one)},
                             {"files", std::move(files)}});
  }
  json::object freshness = {{"update_cycle", json::string(FrequencyOf(dataset.update_cycle()).chinese)},
                            {"data_update_date", dataset.current().data_update_date()},
                            {"due", nullptr},
                            {"overdue", false}};
  if (const auto due = datasets::UpdateDueOf(dataset)) {
    freshness["due"] = FormatDay(*due);
    freshness["overdue"] = *due < CivilDayOf(parts_.clock.Now());
  }
  json::object probe = {{"working", nullptr}, {"date", ""}};
  const auto probed = parts_.store.Get(datasets::ProbeName(dataset.name()));
  if (probed.ok()) {
    const auto found = probed->As<v1::DatasetProbe>();
    if (found.ok()) probe = {{"working", found->working()}, {"date", found->date()}};
  }
  json::array submissions;
  const auto shown = service_.Shown(dataset.name(), 50);
  if (shown.ok()) {
    for (const v1::Submission& one : *shown) submissions.push_back(SubmissionJson(one));
  }
  json::error_code failed;
  Page page;
  page.body = json::serialize(json::object{{"dataset", dataset.name()},
                                           {"state", "published"},
                                           {"sample", dataset.sample()},
                                           {"access", dataset.access() == v1::DATASET_ACCESS_CONTROLLED ? "restricted" : "public"},
                                           {"package", json::parse(package->json, failed)},
                                           {"distributions", std::move(distributions)},
                                           {"freshness", std::move(freshness)},
                                           {"probe", std::move(probe)},
                                           {"usage", UsageJson(usage_.Of(dataset.name()))},
                                           {"submissions", std::move(submissions)}});
  page.use = Use::kView;
  page.used = dataset.name();
  return page;
}

Page Portal::Statistics(std::string_view extension) {
  const auto months = parts_.exchange ? parts_.exchange() : std::vector<ExchangeMonth>();
  if (!months.ok()) return Refused(months.status());
  Page page;
  if (extension == "csv") {
    page.type = "text/csv; charset=utf-8";
    page.body = "month,provider,provider_name,exchanges,rows\r\n";
    page.headers = {{"content-disposition", Disposition("数据共享交换统计", "exchange-statistics", "csv")}};
  }
  json::array rows;
  for (const ExchangeMonth& one : *months) {
    const std::string code = one.provider.substr(one.provider.find('/') + 1);
    const auto body = parts_.catalog.FindOrganization(one.provider);
    const std::string title = body == nullptr ? code : body->display_name();
    absl::StrAppend(&page.body, extension == "csv" ? absl::StrCat(one.month, ",", CsvCell(code), ",", CsvCell(title), ",", one.exchanges, ",", one.rows, "\r\n") : "");
    rows.push_back({{"month", one.month}, {"provider", code}, {"provider_name", title}, {"exchanges", one.exchanges}, {"rows", one.rows}});
  }
  if (extension == "json") page.body = json::serialize(json::object{{"rows", std::move(rows)}});
  return page;
}

// GET: those shown, or one by id; POST: a new one.
Page Portal::Submissions(const Ask& ask) {
  Page page;
  page.keep = false;
  page.max_age_s = 0;
  if (ask.method == "POST") {
    json::error_code failed;
    json::parse_options options;
    options.max_depth = 4;
    const json::value value = ask.request->body.size() > 32 << 10 ? json::value() : json::parse(ask.request->body, failed, {}, options);
    // A form of another site cannot send this type without asking first.
    if (failed || !value.is_object() || !absl::StartsWith(Absl(ask.Header("content-type")), "application/json")) {
      return Refused(BadField("BODY_INVALID", "body", "Send one JSON object as application/json, at most 32 KiB: kind, title, text, dataset."));
    }
    const json::object& object = value.as_object();
    v1::CreateSubmissionRequest request;
    request.set_kind(KindOf(TextIn(object, "kind")));
    request.set_title(TextIn(object, "title"));
    request.set_text(TextIn(object, "text"));
    const std::string dataset = TextIn(object, "dataset");
    const PackagePtr package = dataset.empty() ? nullptr : keeper_.Newest()->Find(dataset);
    request.set_dataset(package != nullptr ? package->dataset.name() : dataset);
    Caller caller;
    caller.address = ask.request->peer == nullptr ? "" : ask.request->peer->address;
    const auto created = service_.CreateSubmission(caller, request);
    if (!created.ok()) return Refused(created.status());
    page.status = 201;
    page.body = json::serialize(SubmissionJson(*created));
    return page;
  }
  if (ask.method != "GET") return NotFound();
  if (!ask.Get("id").empty()) {
    v1::GetSubmissionRequest request;
    request.set_name(absl::StrCat("submissions/", ask.Get("id")));
    const auto found = service_.GetSubmission({}, request);
    if (!found.ok()) return Refused(found.status());
    page.body = json::serialize(SubmissionJson(*found));
    return page;
  }
  const PackagePtr package = ask.Get("dataset").empty() ? nullptr : keeper_.Newest()->Find(ask.Get("dataset"));
  if (!ask.Get("dataset").empty() && package == nullptr) return NotFound();
  const auto shown = service_.Shown(package == nullptr ? "" : package->dataset.name(), 100);
  if (!shown.ok()) return Refused(shown.status());
  json::array submissions;
  for (const v1::Submission& one : *shown) submissions.push_back(SubmissionJson(one));
  page.body = json::serialize(json::object{{"submissions", std::move(submissions)}});
  return page;
}

}  // namespace zhanqiao::portal
