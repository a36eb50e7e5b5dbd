#include "hub/oversight/reports/reminders.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"
#include "hub/oversight/facts/month.h"
#include "hub/oversight/reports/punctuality.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kReminders = "reportReminders/";
constexpr std::string_view kBefore = "before";
constexpr std::string_view kOverdue = "overdue";

std::vector<v1::DueReport> NotHandedIn(const RecordsView& view, absl::CivilMonth month, absl::CivilDay today,
                                       const std::vector<std::string>& organizations) {
  std::vector<v1::DueReport> lines = DueReports(view, month, today, {});
  std::erase_if(lines, [&](const v1::DueReport& line) {
    const bool asked = organizations.empty() ||
                       std::find(organizations.begin(), organizations.end(), line.organization()) != organizations.end();
    return !asked || !line.submit_date().empty();
  });
  return lines;
}

Mail MailOf(const std::vector<std::string>& to, const std::string& month, const v1::DueReport& line) {
  Mail mail;
  mail.to = to;
  const bool late = line.days_late() > 0;
  mail.subject = absl::StrCat(late ? "【逾期】" : "【提醒】", month, " 政务信息系统整合共享月报", late ? "尚未报送" : "待报送");
  mail.text = absl::StrCat("贵单位 ", month, " 政务信息系统整合共享月报应于 ", line.due_date(), " 前报送，",
                           late ? absl::StrCat("已逾期 ", line.days_late(), " 天。") : "目前尚未报送。",
                           "请登录共享交换平台核对系统预填数据后报送。\n\nThe monthly report for ", month, " is due on ",
                           line.due_date(), " and has not been handed in. Please check the pre-filled figures and submit it.\n");
  return mail;
}

}  // namespace

absl::Status Reminders::Run(absl::CivilDay today) {
  const absl::CivilMonth month(today);
  const int64_t days = TRY(parts_.rules.policy.At("report.remind_days_before", today));
  if (today >= LastDayOf(month) - days) TRY(RemindOnce(month, kBefore));
  return RemindOnce(month - 1, kOverdue);
}

absl::Status Reminders::RemindOnce(absl::CivilMonth month, std::string_view id) {
  const auto sent = Remind(month, "hub", id, {});
  return sent.ok() || ReasonOf(sent.status()) == "DOCUMENT_EXISTS" ? absl::OkStatus() : sent.status();
}

absl::StatusOr<v1::RemindBodiesResponse> Reminders::Remind(absl::CivilMonth month, std::string_view reminder,
                                                           std::string_view id,
                                                           const std::vector<std::string>& organizations) {
  const absl::Time now = parts_.clock.Now();
  const absl::CivilDay today = CivilDayOf(now);
  std::vector<v1::DueReport> lines;
  TRY(parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
    lines = NotHandedIn(view, month, today, organizations);
    return absl::OkStatus();
  }));
  v1::RemindBodiesResponse response;
  if (lines.empty()) return response;
  v1::ReportReminder made;
  made.set_name(absl::StrCat(Absl(kReminders), FormatMonth(month), "/", id.empty() ? NewId(now, parts_.random) : std::string(id)));
  made.set_month(FormatMonth(month));
  made.set_date(FormatDay(today));
  made.set_reminder(std::string(reminder));
  documents::Transaction transaction;
  transaction.actor = made.reminder();
  const std::string subject = absl::StrCat("reports/", FormatMonth(month));
  for (const v1::DueReport& line : lines) {
    made.add_organizations(line.organization());
    response.add_organizations(line.organization());
    const catalog::NewNotice notice{.kind = line.days_late() > 0 ? "REPORT_OVERDUE" : "REPORT_DUE",
                                    .subject = subject,
                                    .facts = {{"month", made.month()}, {"due_date", line.due_date()},
                                              {"days_late", absl::StrCat(line.days_late())}}};
    transaction.changes.push_back(catalog::NoticeTo(line.organization(), notice, now, parts_.random));
  }
  documents::Change change;
  change.name = made.name();
  change.type = made.GetDescriptor()->full_name();
  change.document = documents::Canonical(made);
  change.expected_revision = 0;
  transaction.changes.insert(transaction.changes.begin(), std::move(change));
  TRY(parts_.store.Apply(std::move(transaction)));
  if (parts_.mailer == nullptr) return response;
  for (const v1::DueReport& line : lines) {
    const auto contact = parts_.contacts.find(line.organization());
    if (contact == parts_.contacts.end()) continue;
    const absl::Status sent = parts_.mailer->Send(MailOf(contact->second, FormatMonth(month), line));
    if (sent.ok()) {
      response.set_mails_sent(response.mails_sent() + 1);
    } else {
      LogStatus(LogLevel::kWarning, "report_mail_not_sent", sent);
      response.add_mail_problems(absl::StrCat(line.organization(), ": ", FactOf(sent, "cause")));
    }
  }
  return response;
}

}  // namespace zhanqiao::oversight
