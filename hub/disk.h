// What the hub opens and reads before it builds anything: the store, the log's keys, the tables its configuration names.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/storage/rocks_store.h"
#include "hub/access/account_key.h"
#include "hub/access/rules.h"
#include "hub/config.h"
#include "hub/ledger/archive/retention.h"
#include "hub/ledger/log_keys.h"

namespace zhanqiao {

// The store, and the log's keys on disk or in a security module.
struct Disk {
  std::unique_ptr<storage::RocksStore> store;
  std::unique_ptr<ledger::LogKeys> keys;
  std::unique_ptr<access::AccountKey> account_key;
};

// Makes the state directory if it is not there. FAILED_PRECONDITION / STATE_DIR_NOT_WRITABLE.
absl::StatusOr<Disk> OpenDisk(const HubConfig& config);

// Where the ledger's index and archive files lie.
std::filesystem::path ArchivesOf(const HubConfig& config);

// Where files await their delivery.
std::filesystem::path SpoolOf(const HubConfig& config);

// NOT_FOUND / `reason` if the file cannot be read.
absl::StatusOr<std::string> ReadText(const std::string& file, std::string_view reason, std::string_view message);

// An empty name reads as a policy that keeps everything. NOT_FOUND / RETENTION_NOT_READABLE.
absl::StatusOr<ledger::RetentionPolicy> ReadRetention(const std::string& file);

// What the rules of sharing say, as the files of the configuration give it.
absl::StatusOr<access::Rules> ReadRules(const HubConfig& config);

}  // namespace zhanqiao
