// What the office keeps, as the configuration wants it: the mail relay and where paper points to.
#include "hub/hub.h"

#include "catalog/base/error.h"
#include "hub/disk.h"
#include "hub/ledger/merkle.h"

namespace zhanqiao {
namespace {

// Null without a relay.
absl::StatusOr<std::unique_ptr<oversight::Mailer>> MailerOf(const MailConfig& config, const Clock& clock, Random& random) {
  std::unique_ptr<oversight::Mailer> mailer;
  if (config.relay.empty()) return mailer;
  oversight::SmtpOptions options{.url = config.relay, .require_tls = config.require_tls, .ca = config.ca, .from = config.from,
                                 .user = config.user, .password = "", .timeout = absl::Milliseconds(config.timeout_ms)};
  if (!config.password_file.empty()) {
    options.password = TRY(ReadText(config.password_file, "MAIL_PASSWORD_NOT_READABLE", "The password of the mail relay cannot be read."));
    while (options.password.ends_with('\n')) options.password.pop_back();
  }
  mailer = TRY(oversight::SmtpMailer::Create(std::move(options), clock, random));
  return mailer;
}

absl::StatusOr<oversight::Contacts> ContactsOf(const MailConfig& config) {
  if (config.contacts.empty()) return oversight::Contacts();
  const std::string csv = TRY(ReadText(config.contacts, "CONTACTS_NOT_READABLE", "The table of contacts cannot be read."));
  return oversight::ReadContacts(csv);
}

}  // namespace

absl::Status Hub::StartOffice() {
  std::unique_ptr<oversight::Mailer> mailer = TRY(MailerOf(config_.mail, clock_, random_));
  oversight::Contacts contacts = TRY(ContactsOf(config_.mail));
  office_ = std::make_unique<oversight::Office>(oversight::Office::Parts{
      .store = documents_, .catalog = catalog_, .pipeline = pipeline_, .records = oversight_->records(), .index = *index_, .entries = entries_,
      .rules = rules_, .clock = clock_, .random = random_,
      .position = [this] { return log_->head()->size() - 1; },
      .checkpoint = [this] { return checkpointer_->Latest(); },
      .root_at = [this](uint64_t size) { return ledger::RootAt(ledger::HeadHashes(log_->store(), log_->head()), size); },
      .open_datasets = [this](const oversight::FigureScope& scope) { return OpenDatasetsOf(scope); }, .mailer = std::move(mailer), .contacts = std::move(contacts),
      .public_url = config_.reports.public_url, .pdf_program = config_.reports.pdf_program});
  sweep_.Add("office", [this](absl::CivilDay today) { return office_->Run(today); });
  return absl::OkStatus();
}

// What a QR code on paper leads to: for everyone, without a sign-in, on every listener.
edge::HttpResponse Hub::PublicReport(const edge::HttpRequest& request) const {
  const auto ask = portal::TakeApart(request, "");
  const bool reads = ask && ask->method == "GET";
  oversight::PublicPage page;
  if (reads) page = office_->public_reports().Answer(ask->path, ask->query);
  edge::HttpResponse response;
  response.status = reads ? page.status : ask ? 405 : 400;
  response.headers = {{"content-type", "text/html; charset=utf-8"},
                      {"x-content-type-options", "nosniff"},
                      {"content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
                      {"referrer-policy", "no-referrer"},
                      {"cache-control", "no-cache"}};
  response.body = std::move(page.html);
  return response;
}

void Hub::RegisterOffice() {
  table_.HttpUnder("/reports/", table_.OnWorkers([this](const edge::HttpRequest& request) { return PublicReport(request); }));
  api::RegisterReports(table_, office_->reports());
  api::RegisterTasks(table_, office_->tasks());
  api::RegisterEvaluations(table_, office_->evaluations());
  api::RegisterProjects(table_, office_->projects());
  api::RegisterAlarms(table_, office_->alarms());
}

}  // namespace zhanqiao
