// A small city under a clock that tests move, with the office's services over the real pipeline, ledger and index: three
// bodies that owe reports, persons, and releases written as the exchange writes them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/access/test_city.h"
#include "hub/oversight/office.h"

namespace zhanqiao::oversight {

inline constexpr char kGaj[] = "organizations/370200-GAJ";      // provides
inline constexpr char kZwfwb[] = "organizations/370200-ZWFWB";  // uses
inline constexpr char kShinan[] = "organizations/370202";       // a district

// Keeps what would be sent.
class MailTrap final : public Mailer {
 public:
  absl::Status Send(const Mail& mail) override {
    if (away) return Fail(absl::StatusCode::kUnavailable, "MAIL_NOT_TAKEN", "away", {{"cause", "away"}});
    sent.push_back(mail);
    return absl::OkStatus();
  }
  std::vector<Mail> sent;
  bool away = false;
};

class OfficeCity : public access::TestCity {
 public:
  explicit OfficeCity(absl::CivilSecond start = absl::CivilSecond(2018, 5, 28, 9, 0, 0)) : TestCity(start) {
    Put(kGaj, Body(kGaj, "市公安局", v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT));
    Put(kZwfwb, Body(kZwfwb, "市政务服务办", v1::ORGANIZATION_KIND_MUNICIPAL_OFFICE));
    Put(kShinan, Body(kShinan, "市南区", v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT));
  }
  ~OfficeCity() { index.reset(); }

  static v1::Organization Body(const std::string& name, const std::string& display_name, v1::OrganizationKind kind) {
    v1::Organization body = TestCity::Body(name);
    body.set_display_name(display_name);
    body.set_kind(kind);
    return body;
  }
  // Nine o'clock of that day.
  void Today(absl::CivilDay day) {
    clock.Set(absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), 9, 0, 0), Shanghai()));
  }
  void Today(int month, int day) { Today(absl::CivilDay(2018, month, day)); }
  uint64_t Position() const { return log->head()->size() - 1; }

  template <typename Message>
  uint64_t Change(const std::string& name, const std::function<void(Message&)>& change) {
    Message message = documents.Get(name).value().template As<Message>().value();
    change(message);
    return Put(name, message);
  }

  // A release of the consumer's system, now.
  uint64_t Release(uint32_t rows = 1, const std::vector<std::string>& persons = {}, const std::string& system = access::kSystem) {
    v1::LedgerEntry entry;
    entry.set_version(1);
    entry.set_actor(system);
    v1::Exchange& exchange = *entry.mutable_exchange();
    exchange.set_consumer(system);
    exchange.set_provider(kGaj);
    exchange.set_resource(access::kResidence);
    exchange.set_rows(rows);
    storage::Commit commit;
    commit.records.push_back({entry.SerializeAsString(), SecretOf(std::string(32, 's'), persons)});
    return pipeline.Run(std::move(commit)).value().places.at(0).index;
  }

  Caller ApproverOf(const std::string& code) const { return Person(code, "approver", {"org_approver"}); }
  Caller ClerkOf(const std::string& code) const { return Person(code, "clerk", {"org_clerk"}); }
  Caller OfficeOne() const { return office("one"); }
  Caller OfficeTwo() const { return office("two"); }
  Caller Auditor() const { return Person("370200-ZFBGT", "auditor", {"auditor"}); }

  // The report of one body and month.
  static std::string ReportOf(std::string_view month, std::string_view code = "370200-GAJ") {
    return absl::StrCat("reports/", Absl(month), "/", Absl(code));
  }
  absl::StatusOr<v1::Report> Submit(const std::string& month, const std::string& code = "370200-GAJ") {
    v1::SubmitReportRequest request;
    request.set_name(ReportOf(month, code));
    return services.reports().SubmitReport(ApproverOf(code), request);
  }
  absl::StatusOr<v1::Report> Accept(const std::string& month, const std::string& code = "370200-GAJ") {
    v1::AcceptReportRequest request;
    request.set_name(ReportOf(month, code));
    return services.reports().AcceptReport(OfficeOne(), request);
  }
  v1::Report Report(const std::string& name) {
    v1::GetReportRequest request;
    request.set_name(name);
    const auto report = services.reports().GetReport(OfficeOne(), request);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.value_or(v1::Report());
  }
  static int64_t FigureIn(const v1::ReportFigures& figures, std::string_view key) {
    const v1::ReportFigure* figure = FindFigure(figures, key);
    return figure == nullptr ? -1 : figure->value();
  }

  const storage::TemporaryDirectory files;
  const ledger::StoreEntries entries{store};
  std::unique_ptr<ledger::Index> index =
      ledger::Index::Start(*log, entries, {.directory = files.path(), .interval = absl::Milliseconds(1)}).value();
  Records records{documents};
  MailTrap* mail = new MailTrap;  // the office's
  ledger::SignedCheckpointPtr checkpoint;
  std::optional<int32_t> datasets;  // that are counted
  Office services{{.store = documents, .catalog = catalog, .pipeline = pipeline, .records = records, .index = *index,
                   .entries = entries, .rules = rules, .clock = clock, .random = random,
                   .position = [this] { return Position(); },
                   .checkpoint = [this] { return checkpoint; },
                   .root_at = [this](uint64_t size) { return ledger::RootAt(ledger::HeadHashes(store, log->head()), size); },
                   .open_datasets = [this](const FigureScope&) -> absl::StatusOr<v1::OpenDatasetProgress> {
                     v1::OpenDatasetProgress progress;
                     progress.set_published(datasets.value_or(0));
                     return progress;
                   },
                   .mailer = std::unique_ptr<Mailer>(mail),
                   .contacts = {{kGaj, {"gaj@qingdao.example"}}},
                   .public_url = "https://hub.example"}};
};

}  // namespace zhanqiao::oversight
