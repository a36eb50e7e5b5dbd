#include "hub/access/sessions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::access {
namespace {

using storage::Table;

constexpr std::string_view kSessions = "sessions/";
constexpr size_t kTokenBytes = 32;
constexpr absl::Duration kWriteUseAfter = absl::Minutes(5);  // a use is written down when the row is so much older
constexpr int kSweepWritesMax = 1000;                        // rows touched in one commit

std::string RowKey(std::string_view hash) { return absl::StrCat(Absl(kSessions), Absl(hash)); }

void SetTime(absl::Time time, google::protobuf::Timestamp* into) {
  const int64_t micros = absl::ToUnixMicros(time);
  into->set_seconds(micros / 1'000'000);
  into->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

bool Newer(const v1::SessionRow& a, const v1::SessionRow& b) {
  return a.create_time_us() != b.create_time_us() ? a.create_time_us() > b.create_time_us() : a.id() > b.id();
}

}  // namespace

Sessions::Sessions(const storage::Store& store, storage::CommitPipeline& pipeline, const Clock& clock, Random& random,
                   SessionOptions options)
    : store_(store), pipeline_(pipeline), clock_(clock), random_(random), options_(options) {}

absl::Status Sessions::Load() {
  absl::MutexLock lock(&state_->mu);
  return store_.Scan(Table::kMeta, kSessions, storage::PrefixEnd(kSessions), [&](std::string_view key, std::string_view bytes) {
    state_->mu.AssertHeld();
    Kept kept;
    // A row that does not read is nobody's session; the sweep takes it away.
    if (!kept.row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) kept.row.Clear();
    kept.written_us = kept.row.use_time_us();
    state_->all[std::string(key.substr(kSessions.size()))] = std::move(kept);
    return true;
  });
}

bool Sessions::Over(const v1::SessionRow& row, absl::Time now) const {
  return now >= absl::FromUnixMicros(row.create_time_us()) + options_.lifetime ||
         now >= absl::FromUnixMicros(row.use_time_us()) + options_.idle;
}

Sessions::Begun Sessions::Begin(std::string_view person, std::string_view method, std::string_view address,
                                storage::Commit& commit) {
  std::string bytes(kTokenBytes, '\0');
  random_.Fill(bytes.data(), bytes.size());
  Begun begun;
  begun.token = ToHex(bytes);
  const absl::Time now = clock_.Now();
  begun.row.set_id(NewId(now, random_));
  begun.row.set_person(std::string(person));
  begun.row.set_method(std::string(method));
  begun.row.set_address(std::string(address));
  begun.row.set_create_time_us(absl::ToUnixMicros(now));
  begun.row.set_use_time_us(absl::ToUnixMicros(now));
  const std::string hash = ToHex(Bytes(Sha256(begun.token)));
  commit.writes.Put(Table::kMeta, RowKey(hash), begun.row.SerializeAsString());
  commit.applied = [state = state_, hash, row = begun.row](const storage::CommitResult&) {
    absl::MutexLock lock(&state->mu);
    state->all[hash] = {row, row.use_time_us()};
  };
  return begun;
}

std::vector<v1::SessionRow> Sessions::MakeRoom(std::string_view person, storage::Commit& commit) {
  std::vector<v1::SessionRow> held = Of(person);
  std::sort(held.begin(), held.end(), [](const auto& a, const auto& b) { return a.use_time_us() > b.use_time_us(); });
  std::vector<v1::SessionRow> ended;
  for (size_t i = options_.per_person_max - 1; i < held.size(); ++i) {
    if (End(held[i].id(), commit)) ended.push_back(held[i]);
  }
  return ended;
}

std::optional<v1::SessionRow> Sessions::Use(std::string_view token) {
  if (token.size() != kTokenBytes * 2) return std::nullopt;
  const std::string hash = ToHex(Bytes(Sha256(token)));
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&state_->mu);
  const auto found = state_->all.find(hash);
  if (found == state_->all.end() || Over(found->second.row, now)) return std::nullopt;
  found->second.row.set_use_time_us(absl::ToUnixMicros(now));
  return found->second.row;
}

std::vector<v1::SessionRow> Sessions::Of(std::string_view person) const {
  const absl::Time now = clock_.Now();
  std::vector<v1::SessionRow> rows;
  {
    absl::MutexLock lock(&state_->mu);
    for (const auto& [hash, kept] : state_->all) {
      if ((person.empty() || kept.row.person() == person) && !Over(kept.row, now)) rows.push_back(kept.row);
    }
  }
  std::sort(rows.begin(), rows.end(), Newer);
  return rows;
}

std::optional<v1::SessionRow> Sessions::Find(std::string_view id) const {
  for (auto& row : Of("")) {
    if (row.id() == id) return row;
  }
  return std::nullopt;
}

std::vector<v1::SessionRow> Sessions::EndAll(std::string_view person, std::string_view except, storage::Commit& commit) {
  std::vector<v1::SessionRow> ended;
  for (auto& row : Of(person)) {
    if (row.id() != except && End(row.id(), commit)) ended.push_back(std::move(row));
  }
  return ended;
}

bool Sessions::End(std::string_view id, storage::Commit& commit) {
  absl::MutexLock lock(&state_->mu);
  for (auto it = state_->all.begin(); it != state_->all.end(); ++it) {
    if (it->second.row.id() != id) continue;
    commit.writes.Delete(Table::kMeta, RowKey(it->first));
    state_->all.erase(it);
    return true;
  }
  return false;
}

void Sessions::Sweep() {
  const absl::Time now = clock_.Now();
  storage::Commit commit;
  {
    absl::MutexLock lock(&state_->mu);
    for (auto it = state_->all.begin(); it != state_->all.end() && commit.writes.writes().size() < kSweepWritesMax;) {
      Kept& kept = it->second;
      const auto here = it++;
      if (Over(kept.row, now)) {
        commit.writes.Delete(Table::kMeta, RowKey(here->first));
        state_->all.erase(here);
      } else if (kept.row.use_time_us() - kept.written_us >= absl::ToInt64Microseconds(kWriteUseAfter)) {
        commit.writes.Put(Table::kMeta, RowKey(here->first), kept.row.SerializeAsString());
        kept.written_us = kept.row.use_time_us();
      }
    }
  }
  if (commit.writes.empty()) return;
  pipeline_.Submit(std::move(commit), [](const absl::StatusOr<storage::CommitResult>& result) {
    if (!result.ok()) LogStatus(LogLevel::kError, "sessions_not_written", result.status());
  });
}

v1::Session Sessions::ToSession(const v1::SessionRow& row) const {
  v1::Session session;
  session.set_id(row.id());
  session.set_person(row.person());
  session.set_method(row.method());
  session.set_address(row.address());
  const absl::Time created = absl::FromUnixMicros(row.create_time_us());
  SetTime(created, session.mutable_create_time());
  SetTime(absl::FromUnixMicros(row.use_time_us()), session.mutable_use_time());
  SetTime(created + options_.lifetime, session.mutable_expire_time());
  return session;
}

}  // namespace zhanqiao::access
