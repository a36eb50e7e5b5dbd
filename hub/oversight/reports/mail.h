// Mail to bodies over the city's relay (SMTP, RFC 5321; by libcurl). Plain text in UTF-8. A relay that is away holds
// nothing up: the notice in the hub stands, the problem is told and logged.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"

namespace zhanqiao::oversight {

struct Mail {
  std::vector<std::string> to;  // addresses
  std::string subject;          // one line
  std::string text;
};

// What carries mail. Thread-safe.
class Mailer {
 public:
  virtual ~Mailer() = default;
  // OK when the relay took the mail for every recipient. UNAVAILABLE / MAIL_NOT_TAKEN (facts: relay, cause),
  // INVALID_ARGUMENT / MAIL_ADDRESS.
  virtual absl::Status Send(const Mail& mail) = 0;
};

struct SmtpOptions {
  std::string url;            // smtp://host:25 or smtps://host:465; STARTTLS is used where the relay offers it
  bool require_tls = false;   // refuse a relay without TLS
  std::string ca;             // PEM file of the relay's authorities; empty: those of the machine
  std::string from;           // address mails come from
  std::string user;           // for a relay that asks; empty: none
  std::string password;
  absl::Duration timeout = absl::Seconds(10);  // for one mail
};

class SmtpMailer final : public Mailer {
 public:
  // `clock` and `random` must outlive it. INVALID_ARGUMENT / MAIL_ADDRESS for a wrong sender.
  static absl::StatusOr<std::unique_ptr<SmtpMailer>> Create(SmtpOptions options, const Clock& clock, Random& random);
  absl::Status Send(const Mail& mail) override;

 private:
  SmtpMailer(SmtpOptions options, const Clock& clock, Random& random)
      : options_(std::move(options)), clock_(clock), random_(random) {}
  const SmtpOptions options_;
  const Clock& clock_;
  Random& random_;
};

// The mail as it goes over the wire: header and base64 body (RFC 5322, 2045, 2047), lines ending CR LF.
std::string Compose(const Mail& mail, std::string_view from, absl::Time now, std::string_view id);

// Addresses of bodies by organizations/{code}, from CSV with the heading code,address; a body may have several rows.
// INVALID_ARGUMENT / CONTACTS_INVALID (facts: row, column, expected).
using Contacts = std::map<std::string, std::vector<std::string>>;
absl::StatusOr<Contacts> ReadContacts(std::string_view csv);

// local@domain of ASCII letters, digits and .!#$%&'*+/=?^_`{|}~-; at most 254 characters.
bool IsMailAddress(std::string_view text);

}  // namespace zhanqiao::oversight
