#include "hub/oversight/reports/mail.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::oversight {
namespace {

constexpr size_t kLineMax = 76;         // characters of a line of base64
constexpr size_t kWordBytesMax = 42;    // bytes of text in one encoded word: 75 characters at most with its frame

absl::Status BadAddress(std::string_view field) {
  return BadField("MAIL_ADDRESS", field, "Not a mail address; give local@domain in ASCII.");
}

// A header's text as encoded words (RFC 2047), cut at whole characters.
std::string EncodedWords(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t end = std::min(text.size(), kWordBytesMax);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    if (end == 0) end = std::min(text.size(), kWordBytesMax);
    absl::StrAppend(&out, out.empty() ? "" : "\r\n ", "=?UTF-8?B?", ToBase64(text.substr(0, end)), "?=");
    text.remove_prefix(end);
  }
  return out;
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace_if(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return line;
}

struct Upload {
  std::string_view rest;
};

size_t Give(char* out, size_t size, size_t count, void* state) {
  auto& upload = *static_cast<Upload*>(state);
  const size_t bytes = std::min(size * count, upload.rest.size());
  std::copy_n(upload.rest.data(), bytes, out);
  upload.rest.remove_prefix(bytes);
  return bytes;
}

void StartCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  constexpr std::string_view kLocal = ".!#$%&'*+/=?^_`{|}~-";
  const size_t at = text.find('@');
  if (text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64) return false;
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const std::string_view domain = text.substr(at + 1);
  if (domain.empty() || domain.front() == '.' || domain.back() == '.' || domain.front() == '-') return false;
  return std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(at),
                     [&](char c) { return alphanumeric(c) || kLocal.find(c) != std::string_view::npos; }) &&
         std::all_of(domain.begin(), domain.end(), [&](char c) { return alphanumeric(c) || c == '.' || c == '-'; });
}

std::string Compose(const Mail& mail, std::string_view from, absl::Time now, std::string_view id) {
  std::string to;
  for (const std::string& address : mail.to) absl::StrAppend(&to, to.empty() ? "" : ",\r\n ", "<", address, ">");
  const std::string domain(from.substr(from.find('@') + 1));
  std::string out = absl::StrCat(
      "Date: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S %z", now, Shanghai()), "\r\nFrom: <", Absl(from), ">\r\nTo: ", to,
      "\r\nSubject: ", EncodedWords(OneLine(mail.subject)), "\r\nMessage-ID: <", Absl(id), "@", domain,
      ">\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
      "Auto-Submitted: auto-generated\r\n\r\n");
  const std::string body = ToBase64(mail.text);
  for (size_t at = 0; at < body.size(); at += kLineMax) absl::StrAppend(&out, body.substr(at, kLineMax), "\r\n");
  return out;
}

absl::StatusOr<std::unique_ptr<SmtpMailer>> SmtpMailer::Create(SmtpOptions options, const Clock& clock, Random& random) {
  if (!IsMailAddress(options.from)) return BadAddress("from");
  StartCurl();
  return std::unique_ptr<SmtpMailer>(new SmtpMailer(std::move(options), clock, random));
}

absl::Status SmtpMailer::Send(const Mail& mail) {
  if (mail.to.empty()) return BadAddress("to");
  for (const std::string& address : mail.to) {
    if (!IsMailAddress(address)) return BadAddress("to");
  }
  const absl::Time now = clock_.Now();
  const std::string message = Compose(mail, options_.from, now, NewId(now, random_));
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  curl_slist* list = nullptr;
  for (const std::string& address : mail.to) list = curl_slist_append(list, absl::StrCat("<", address, ">").c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(list, &curl_slist_free_all);
  if (!curl || !recipients) return absl::ResourceExhaustedError("no memory for a mail");
  Upload upload{message};
  char cause[CURL_ERROR_SIZE] = "";
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
  const std::string sender = absl::StrCat("<", options_.from, ">");
  set(CURLOPT_URL, options_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_USE_SSL, static_cast<long>(options_.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  if (!options_.ca.empty()) set(CURLOPT_CAINFO, options_.ca.c_str());
  if (!options_.user.empty()) {
    set(CURLOPT_USERNAME, options_.user.c_str());
    set(CURLOPT_PASSWORD, options_.password.c_str());
  }
  set(CURLOPT_MAIL_FROM, sender.c_str());
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, &Give);
  set(CURLOPT_READDATA, static_cast<void*>(&upload));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(options_.timeout)));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");  // a relay is named, never found through the environment
  set(CURLOPT_ERRORBUFFER, cause);
  const CURLcode sent = curl_easy_perform(curl.get());
  if (sent == CURLE_OK) return absl::OkStatus();
  return Fail(absl::StatusCode::kUnavailable, "MAIL_NOT_TAKEN",
              "The mail relay did not take the mail; the notice in the hub stands.",
              {{"relay", options_.url}, {"cause", cause[0] != '\0' ? cause : curl_easy_strerror(sent)}});
}

absl::StatusOr<Contacts> ReadContacts(std::string_view csv) {
  const auto bad = [](int row, std::string_view column, std::string_view expected) {
    return Fail(absl::StatusCode::kInvalidArgument, "CONTACTS_INVALID", "The table of contacts has a mistake at the named cell.",
                {{"row", absl::StrCat(row)}, {"column", std::string(column)}, {"expected", std::string(expected)}});
  };
  const CsvTable table = TRY(ParseCsv(csv));
  if (table.header != std::vector<std::string>{"code", "address"}) return bad(1, "code", "the heading code,address");
  Contacts contacts;
  for (const CsvRow& row : table.rows) {
    if (!access::IsOrganizationCode(row.cells[0])) return bad(row.line, "code", "an organisation's code");
    if (!IsMailAddress(row.cells[1])) return bad(row.line, "address", "a mail address");
    contacts[absl::StrCat("organizations/", row.cells[0])].push_back(row.cells[1]);
  }
  return contacts;
}

}  // namespace zhanqiao::oversight
