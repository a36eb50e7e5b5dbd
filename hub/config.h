// The hub's configuration: one TOML file, read strictly into one plain struct. Unknown keys are errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zhanqiao {

struct ListenerConfig {
  std::string name = "hub";            // appears in logs
  std::string address;                 // "127.0.0.1:7443"; port 0 chooses a free one; "unix:/path"
  bool tls = true;                     // false: loopback and unix sockets only
  std::string certificate;             // PEM files
  std::string key;
  std::string client_ca;
  std::string client_certificate = "required";  // required, optional or none
  std::string identity;                // plain listeners: the zhanqiao:// URI every caller is taken for
};

// [ledger.key]: where the private keys of the log's checkpoints lie.
struct LedgerKeyConfig {
  std::string kind = "file";  // file (state_dir/keys) or pkcs11
  std::string module;         // path of the PKCS#11 library
  std::string token;          // label of the token
  std::string label = "log";  // label of the keys on it
  std::string pin_file;       // holds the user PIN; mode 0600
};

// [ledger]: who vouches for the log.
struct LedgerConfig {
  std::string witness_policy;        // C2SP tlog-policy file; empty: no witnesses
  std::string witness_ca;            // PEM file: authorities of HTTPS witnesses; empty: those of the machine
  std::string witness_start = "warn";  // require: start only when witnesses that answer meet the quorum; warn: start
                                       // all the same (a witness that saw more or other entries always stops it)
  int witness_interval_ms = 1000;    // least time between two rounds of cosignatures
  int witness_timeout_ms = 5000;     // for each request to a witness
  LedgerKeyConfig key;
};

// [payload]: what rests in the hub until it is delivered.
struct PayloadConfig {
  std::string spool_dir;               // files awaiting delivery; empty: spool/ in state_dir
  int spool_gb_max = 200;              // gigabytes (2^30 bytes) of announced files together
  int free_gb_min = 1;                 // gigabytes of the spool's disk that are left free
  int workers = 2;                     // threads that seal, open and read it
};

// [accounts]: how persons sign in without a certificate.
struct AccountsConfig {
  int password_length_min = 12;      // characters of a new password
  int tries_max = 5;                 // failed in a row lock an account
  int lock_minutes = 30;
  int session_idle_minutes = 30;     // a session nobody used for so long is over
  int session_hours_max = 12;        // and one so old, however busy
  int failures_per_network_max = 30;  // sign-ins of one network address failed in ten minutes; then it waits
  int argon2_passes = 3;             // argon2id t
  int argon2_memory_kib = 65536;     // argon2id m, for each password checked at this moment
  int threads = 2;                   // passwords checked at once
  int queue_max = 32;                // waiting; more are told to come again
};

// [oidc]: the city's identity provider; none without an issuer.
struct OidcConfig {
  std::string issuer;             // https URL, exactly as its discovery document names itself (http on loopback)
  std::string client_id;
  std::string client_secret_file;  // mode 0600; empty: a public client
  std::string redirect_uri;
  std::string scope = "openid";
  std::string claim = "sub";      // whose value accounts are linked to
  std::string ca;                 // PEM file: authorities of the provider; empty: those of the machine
  int timeout_ms = 5000;          // for each request to it
};

// [portal]: the open-data portal.
struct PortalConfig {
  std::string url;                           // "https://data.example.cn" the public reaches it by; empty: as each request says
  std::string email = "opendata@localhost";  // contact of datasets that give none
  int downloads_per_minute = 120;            // whole files one network address may take in the long run; 0: no limit
  int downloads_burst = 60;                  // and at once
};

// [console]: the web front end; none without a directory.
struct ConsoleConfig {
  std::string directory;          // what the target zhanqiao_console builds: index.html, console/, assets/
  std::string map;                // the office's approved GeoJSON of the districts (hub/console/district_map.h); empty: a scheme
};

// [reports]: monthly reports on paper.
struct ReportsConfig {
  std::string public_url;                  // of the console, before "/reports/…": what a report's QR code leads to; empty: none
  std::string pdf_program = "weasyprint";  // turns pages into PDFs; found along PATH
};

// [mail]: reminders by mail; none without a relay.
struct MailConfig {
  std::string relay;          // smtp://host:25 or smtps://host:465
  bool require_tls = false;   // refuse a relay that does not offer STARTTLS
  std::string ca;             // PEM file: authorities of the relay; empty: those of the machine
  std::string from;           // address mails come from
  std::string user;           // for a relay that asks
  std::string password_file;  // mode 0600
  std::string contacts;       // CSV code,address: where the bodies read their mail
  int timeout_ms = 10000;     // for one mail
};

struct HubConfig {
  // [hub]
  std::string city = "qingdao";        // of the identities it accepts: zhanqiao://<city>/…
  std::string state_dir;               // the store in store/, keys in keys/
  std::string second_place;            // file that keeps the last checkpoint, best on another disk
  std::string origin = "zhanqiao.qingdao.example/log";  // first line of checkpoints: a URL without schema
  std::string bootstrap;               // JSON array of Person stored in a new hub, so that a security_admin exists
  std::string holidays;                // CSV date,kind,note; empty: Monday to Friday
  std::string policy;                  // CSV key,value,from,to,variant,source of the rules' numbers; empty: built in
  std::string policy_variant;          // which variant rows of that table count; empty: none
  std::string risk_checklist;          // CSV id,dimension,question,weight,critical,source; empty: nothing can be assessed
  std::string archive_dir;             // index and archive files of the ledger; empty: archive/ in state_dir
  std::string retention;               // CSV effective_date,entries_online_months,source; empty: 36 months
  std::string port_file;               // bound addresses are written here once listening
  std::string log_level = "info";      // debug, info, warning or error
  int threads = 0;                     // edge threads; 0: one for every two cores (commits, store and workers need the others)
  int workers = 4;                     // threads for calls that wait for the store
  int in_flight_max = 4096;            // exchanges at once; more are refused at once
  int checkpoint_ms = 100;             // least time between checkpoints
  // [ledger]
  LedgerConfig ledger;
  // [payload]: records of feeds and files awaiting delivery
  PayloadConfig payload;
  // [accounts], [oidc]
  AccountsConfig accounts;
  OidcConfig oidc;
  // [reports], [mail]
  ReportsConfig reports;
  MailConfig mail;
  // [portal]
  PortalConfig portal;

  // [console]
  ConsoleConfig console;
  // [metrics]
  std::string metrics_address;         // own plain listener, loopback; empty: none
  // [[listeners]]
  std::vector<ListenerConfig> listeners;
};

// Reads `toml`; relative paths are taken from `base_dir`. INVALID_ARGUMENT / CONFIG_INVALID with the facts
// `line`, `key` and `expected`.
absl::StatusOr<HubConfig> ParseHubConfig(std::string_view toml, std::string_view base_dir);

// The same from a file; NOT_FOUND / CONFIG_NOT_READABLE.
absl::StatusOr<HubConfig> LoadHubConfig(const std::string& path);

}  // namespace zhanqiao
