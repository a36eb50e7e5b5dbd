#include "hub/disk.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "catalog/base/error.h"
#include "catalog/base/ids.h"
#include "hub/access/account_store.h"
#include "hub/ledger/pkcs11.h"

namespace zhanqiao {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::unique_ptr<ledger::KeyVault>> OpenVault(const HubConfig& config) {
  const LedgerKeyConfig& key = config.ledger.key;
  std::unique_ptr<ledger::KeyVault> vault;
  if (key.kind == "pkcs11") {
    vault = TRY(ledger::Pkcs11KeyVault::Open({key.module, key.token, key.label, key.pin_file}, config.origin));
  } else {
    vault = std::make_unique<ledger::FileKeyVault>(fs::path(config.state_dir) / "keys", config.origin);
  }
  return vault;
}

absl::StatusOr<WorkCalendar> ReadCalendar(const std::string& file) {
  if (file.empty()) return WorkCalendar();
  const std::string csv = TRY(ReadText(file, "HOLIDAYS_NOT_READABLE", "The holiday calendar cannot be read."));
  return WorkCalendar::FromCsv(csv);
}

absl::StatusOr<Policy> ReadPolicy(const HubConfig& config) {
  if (config.policy.empty()) return Policy();
  const std::string csv = TRY(ReadText(config.policy, "POLICY_NOT_READABLE", "The policy table cannot be read."));
  return Policy::FromCsv(csv, config.policy_variant);
}

absl::StatusOr<access::RiskChecklist> ReadChecklist(const std::string& file) {
  if (file.empty()) return access::RiskChecklist();
  const std::string csv = TRY(ReadText(file, "CHECKLIST_NOT_READABLE", "The risk checklist cannot be read."));
  return access::RiskChecklist::FromCsv(csv);
}

}  // namespace

absl::StatusOr<Disk> OpenDisk(const HubConfig& config) {
  std::error_code error;
  fs::create_directories(fs::path(config.state_dir) / "keys", error);
  if (error) {
    return Fail(absl::StatusCode::kFailedPrecondition, "STATE_DIR_NOT_WRITABLE",
                "The state directory cannot be made; check its path and owner.", {{"state_dir", config.state_dir}});
  }
  Disk disk;
  disk.store = TRY(storage::RocksStore::Open(fs::path(config.state_dir) / "store"));
  std::unique_ptr<ledger::KeyVault> vault = TRY(OpenVault(config));
  disk.keys = TRY(ledger::LogKeys::Open(*disk.store, std::move(vault), config.origin));
  static SystemRandom random;
  const bool accounts = TRY(access::AccountStore::Any(*disk.store));
  disk.account_key = TRY(access::AccountKey::Open(fs::path(config.state_dir) / "keys", random, !accounts));
  return disk;
}

fs::path ArchivesOf(const HubConfig& config) {
  return config.archive_dir.empty() ? fs::path(config.state_dir) / "archive" : fs::path(config.archive_dir);
}

fs::path SpoolOf(const HubConfig& config) {
  return config.payload.spool_dir.empty() ? fs::path(config.state_dir) / "spool" : fs::path(config.payload.spool_dir);
}

absl::StatusOr<std::string> ReadText(const std::string& file, std::string_view reason, std::string_view message) {
  std::ifstream stream(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) return Fail(absl::StatusCode::kNotFound, reason, message, {{"file", file}});
  return text;
}

absl::StatusOr<ledger::RetentionPolicy> ReadRetention(const std::string& file) {
  if (file.empty()) return ledger::RetentionPolicy();
  const std::string csv = TRY(ReadText(file, "RETENTION_NOT_READABLE", "The retention policy cannot be read."));
  return ledger::RetentionPolicy::FromCsv(csv);
}

absl::StatusOr<access::Rules> ReadRules(const HubConfig& config) {
  access::Rules rules;
  rules.calendar = TRY(ReadCalendar(config.holidays));
  rules.policy = TRY(ReadPolicy(config));
  rules.checklist = TRY(ReadChecklist(config.risk_checklist));
  return rules;
}

}  // namespace zhanqiao
