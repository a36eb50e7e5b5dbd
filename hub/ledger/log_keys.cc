#include "hub/ledger/log_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/verify.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;
using storage::Table;

std::string IdText(const VerifierKey& key) { return absl::StrFormat("%08x", key.id()); }

absl::Status Missing(const fs::path& where, const VerifierKey& key) {
  return Fail(absl::StatusCode::kNotFound, "SIGNING_KEY_MISSING",
              "A signing key of the log is not where the configuration says; put it back or correct the configuration.",
              {{"file", where.string()}, {"key_id", IdText(key)}});
}

absl::Status Malformed() {
  return Fail(absl::StatusCode::kDataLoss, "LOG_KEYS_MALFORMED",
              "The list of the log's keys is not in its form; restore the store.");
}

bool IsKeyFile(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "log.pem" || (name.starts_with("log-") && name.ends_with(".pem"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Signer>> FileKeyVault::First() {
  std::shared_ptr<const Signer> signer = TRY(Ed25519FileSigner::OpenOrCreate(directory_ / "log.pem", origin_));
  return signer;
}

absl::StatusOr<std::shared_ptr<const Signer>> FileKeyVault::Find(std::string_view public_key) {
  std::error_code error;
  for (const auto& file : fs::directory_iterator(directory_, error)) {
    if (!IsKeyFile(file.path())) continue;
    std::shared_ptr<const Signer> signer = TRY(Ed25519FileSigner::Open(file.path(), origin_));
    if (signer->public_key() == public_key) return signer;
  }
  return Missing(directory_, {origin_, std::string(public_key)});
}

// Under a name of its own before it is anybody's: a crash in between leaves a key that the next call takes up.
absl::StatusOr<std::shared_ptr<const Signer>> FileKeyVault::Create() {
  const fs::path fresh = directory_ / "new-log-key.pem";
  std::shared_ptr<const Signer> signer = TRY(Ed25519FileSigner::OpenOrCreate(fresh, origin_));
  const fs::path file = directory_ / absl::StrCat("log-", IdText(VerifierKeyOf(*signer)), ".pem");
  std::error_code error;
  fs::rename(fresh, file, error);
  if (!error && SyncDirectory(directory_)) return signer;
  return Fail(absl::StatusCode::kUnavailable, "SIGNING_KEY_WRITE",
              "The signing key cannot be written; check the directory, its rights and its disk.",
              {{"file", file.string()}});
}

std::string LogKey::id() const { return IdText(key); }

std::string KeysToText(const std::vector<LogKey>& keys) {
  std::string text;
  for (const LogKey& key : keys) {
    absl::StrAppend(&text, key.key.ToText(), " ", key.added, " ", key.retired ? absl::StrCat(*key.retired) : "-", "\n");
  }
  return text;
}

absl::StatusOr<std::vector<LogKey>> ParseKeys(std::string_view text) {
  std::vector<LogKey> keys;
  for (const absl::string_view line : absl::StrSplit(Absl(text), '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    LogKey key;
    if (words.size() != 3 || !absl::SimpleAtoi(words[1], &key.added)) return Malformed();
    if (uint64_t retired = 0; words[2] != "-") {
      if (!absl::SimpleAtoi(words[2], &retired)) return Malformed();
      key.retired = retired;
    }
    key.key = TRY(ParseVerifierKey(words[0]));
    keys.push_back(std::move(key));
  }
  return keys;
}

void KeyHistory::Read(uint64_t index, const v1::LedgerEntry& entry) {
  if (entry.has_genesis()) keys_ = {{{entry.genesis().origin(), entry.genesis().public_key()}, index, std::nullopt}};
  const v1::KeyEvent& event = entry.key_event();
  if (!entry.has_key_event() || event.purpose() != "checkpoint" || keys_.empty()) return;
  if (event.verb() == "added") keys_.push_back({{keys_[0].key.name, event.public_key()}, index, std::nullopt});
  for (LogKey& key : keys_) {
    if (event.verb() == "retired" && key.key.public_key == event.public_key() && !key.retired) key.retired = index;
  }
}

bool KeyHistory::Signs(const VerifierKey& key) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const LogKey& one) { return one.key == key && !one.retired; });
}

std::vector<LogKey> KeysAt(std::vector<LogKey> keys, uint64_t size) {
  std::erase_if(keys, [&](const LogKey& key) { return key.added >= size; });
  for (LogKey& key : keys) {
    if (key.retired && *key.retired >= size) key.retired.reset();
  }
  return keys;
}

absl::StatusOr<std::vector<LogKey>> KeysOfLog(const storage::Reader& reader) {
  if (const auto text = TRY(reader.Get(Table::kMeta, kKeysKey))) return ParseKeys(*text);
  const auto first = TRY(reader.Get(Table::kEntries, storage::BigEndian(0)));
  if (!first) return std::vector<LogKey>();
  VerifierKey key = TRY(KeyOfLog(reader));
  return std::vector<LogKey>{{std::move(key), 0, std::nullopt}};
}

absl::StatusOr<std::unique_ptr<LogKeys>> LogKeys::Open(const storage::Reader& reader, std::unique_ptr<KeyVault> vault,
                                                       std::string_view origin) {
  const std::vector<LogKey> stated = TRY(KeysOfLog(reader));
  std::unique_ptr<LogKeys> keys(new LogKeys(std::move(vault)));
  absl::MutexLock lock(&keys->mu_);
  for (const LogKey& key : stated) {
    if (key.key.name != origin) {
      return Fail(absl::StatusCode::kFailedPrecondition, "LEDGER_ORIGIN_OTHER",
                  "The log in the store bears another origin than the configuration; correct the origin, or start a "
                  "new log in a store of its own.",
                  {{"log_origin", key.key.name}, {"configured_origin", std::string(origin)}});
    }
    Held held{key, nullptr};
    if (!key.retired) held.signer = TRY(keys->vault_->Find(key.key.public_key));
    keys->held_.push_back(std::move(held));
  }
  if (!stated.empty()) return keys;
  std::shared_ptr<const Signer> first = TRY(keys->vault_->First());
  const VerifierKey key = VerifierKeyOf(*first);
  keys->held_.push_back({{key, 0, std::nullopt}, std::move(first)});
  return keys;
}

std::vector<std::shared_ptr<const Signer>> LogKeys::Active() const {
  absl::MutexLock lock(&mu_);
  std::vector<std::shared_ptr<const Signer>> active;
  for (const Held& held : held_) {
    if (held.signer) active.push_back(held.signer);
  }
  return active;
}

std::vector<VerifierKey> LogKeys::Known() const {
  absl::MutexLock lock(&mu_);
  std::vector<VerifierKey> known;
  for (const Held& held : held_) known.push_back(held.key.key);
  return known;
}

std::vector<LogKey> LogKeys::List() const {
  absl::MutexLock lock(&mu_);
  std::vector<LogKey> list;
  for (const Held& held : held_) list.push_back(held.key);
  return list;
}

// Writes the entry and, in the same write, the list with the entry's index in it.
absl::StatusOr<uint64_t> LogKeys::Log(storage::CommitPipeline& pipeline, std::string_view actor, std::string_view verb,
                                      const VerifierKey& key, std::vector<LogKey> keys, size_t changed) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(std::string(actor));
  auto* event = entry.mutable_key_event();
  event->set_verb(std::string(verb));
  event->set_purpose("checkpoint");
  event->set_public_key(key.public_key);
  event->set_key_id(IdText(key));
  storage::Commit commit;
  commit.records.push_back({entry.SerializeAsString(), {}});
  const bool added = verb == "added";
  commit.late = [keys = std::move(keys), changed, added](const storage::CommitResult& result, storage::Batch& batch) {
    std::vector<LogKey> list = keys;
    const uint64_t index = result.places.front().index;
    if (added) {
      list[changed].added = index;
    } else {
      list[changed].retired = index;
    }
    batch.Put(Table::kMeta, std::string(kKeysKey), KeysToText(list));
  };
  const storage::CommitResult result = TRY(pipeline.Run(std::move(commit)));
  return result.places.front().index;
}

absl::StatusOr<LogKey> LogKeys::Add(storage::CommitPipeline& pipeline, std::string_view actor) {
  absl::MutexLock change(&change_);
  std::shared_ptr<const Signer> signer = TRY(vault_->Create());
  std::vector<LogKey> keys = List();
  LogKey added{VerifierKeyOf(*signer), 0, std::nullopt};
  keys.push_back(added);
  const size_t place = keys.size() - 1;
  added.added = TRY(Log(pipeline, actor, "added", added.key, std::move(keys), place));
  absl::MutexLock lock(&mu_);
  held_.push_back({added, std::move(signer)});
  return added;
}

absl::StatusOr<LogKey> LogKeys::Retire(storage::CommitPipeline& pipeline, std::string_view key_id,
                                       std::string_view actor) {
  absl::MutexLock change(&change_);
  std::vector<LogKey> keys = List();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const LogKey& key) { return key.id() == key_id; });
  if (found == keys.end()) {
    return Fail(absl::StatusCode::kNotFound, "LOG_KEY_UNKNOWN", "The log has no key of this id; list its keys.",
                {{"key_id", std::string(key_id)}});
  }
  if (found->retired) {
    return Fail(absl::StatusCode::kFailedPrecondition, "LOG_KEY_RETIRED", "The key is retired already.",
                {{"key_id", std::string(key_id)}, {"index", absl::StrCat(*found->retired)}});
  }
  if (std::count_if(keys.begin(), keys.end(), [](const LogKey& key) { return !key.retired; }) == 1) {
    return Fail(absl::StatusCode::kFailedPrecondition, "LOG_KEY_LAST",
                "It is the log's only key; add one first, and let those who verify the log know it.",
                {{"key_id", std::string(key_id)}});
  }
  const auto place = static_cast<size_t>(found - keys.begin());
  LogKey retired = *found;
  retired.retired = TRY(Log(pipeline, actor, "retired", retired.key, std::move(keys), place));
  absl::MutexLock lock(&mu_);
  held_[place] = {retired, nullptr};
  return retired;
}

}  // namespace zhanqiao::ledger
