#include "connectors/adapters/postgres/replication.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "connectors/adapters/sql/connection.h"
#include "connectors/adapters/sql/dialect.h"

namespace zhanqiao::connectors {
namespace {

constexpr absl::Duration kStatusEvery = absl::Seconds(10);
constexpr char kOptions[] =
    "-c datestyle=ISO,YMD -c timezone=<+08>-08 -c bytea_output=hex -c extra_float_digits=1";

struct Result {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Result>;

void AppendUint64(uint64_t value, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

absl::Status Refused(std::string_view state) {
  return Fail(absl::StatusCode::kFailedPrecondition, "CAPTURE_REFUSED",
              "The database does not replicate: it needs wal_level = logical, a user with REPLICATION, a free slot and the "
              "publication.",
              {{"link", std::string(kLinkSource)}, {"state", std::string(state)}});
}

absl::Status Malformed() {
  return Fail(absl::StatusCode::kInternal, "CAPTURE_PROTOCOL", "The database broke the replication protocol.",
              {{"link", std::string(kLinkSource)}});
}

std::string StateOf(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

std::string QuotedName(std::string_view name) { return Quoted(*FindDialect("postgres"), name); }

}  // namespace

// Reads a message from the left; beyond its end everything is zero and `good` false.
class ReplicationSlot::Message {
 public:
  explicit Message(std::string_view data) : data_(data) {}
  bool good() const { return good_; }
  uint64_t Number(size_t bytes) {
    uint64_t number = 0;
    for (const char c : Take(bytes)) number = number << 8 | static_cast<uint8_t>(c);
    return number;
  }
  std::string_view Take(size_t bytes) {
    if (bytes > data_.size()) {
      good_ = false;
      data_ = {};
      return {};
    }
    const std::string_view taken = data_.substr(0, bytes);
    data_.remove_prefix(bytes);
    return taken;
  }
  std::string Text() {
    const size_t end = data_.find('\0');
    if (end == std::string_view::npos) {
      good_ = false;
      return "";
    }
    std::string text(data_.substr(0, end));
    data_.remove_prefix(end + 1);
    return text;
  }

 private:
  std::string_view data_;
  bool good_ = true;
};

void ReplicationSlot::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

std::string LsnText(uint64_t place) {
  return absl::StrFormat("%X/%X", place >> 32, place & 0xFFFFFFFF);
}

absl::StatusOr<std::unique_ptr<ReplicationSlot>> ReplicationSlot::Open(const ReplicationOptions& options, bool make,
                                                                       absl::Time deadline) {
  const auto seconds = std::to_string(std::max<int64_t>(2, absl::ToInt64Seconds(deadline - absl::Now())));
  const char* const keys[] = {"dbname", "fallback_application_name", "client_encoding", "replication", "options",
                              "connect_timeout", options.password.empty() ? nullptr : "password", nullptr};
  const char* const values[] = {options.connection.c_str(), "zhanqiao-connector", "UTF8", "database", kOptions,
                                seconds.c_str(), options.password.c_str(), nullptr};
  std::unique_ptr<ReplicationSlot> slot(new ReplicationSlot(PQconnectdbParams(keys, values, 1)));
  if (PQstatus(slot->connection_.get()) != CONNECTION_OK) return slot->Lost();
  TRY(slot->Start(options, make));
  return slot;
}

absl::Status ReplicationSlot::Start(const ReplicationOptions& options, bool make) {
  PGconn* const connection = connection_.get();
  const std::string publication = absl::StrReplaceAll(options.publication, {{"'", "''"}});
  const std::string begin = absl::StrCat("START_REPLICATION SLOT ", QuotedName(options.slot),
                                         " LOGICAL 0/0 (proto_version '1', publication_names '", publication, "')");
  for (bool again = make;; again = false) {
    const ResultPtr started(PQexec(connection, begin.c_str()));
    if (PQresultStatus(started.get()) == PGRES_COPY_BOTH) return absl::OkStatus();
    const std::string state = StateOf(started.get());
    if (state != "42704") return state.empty() ? Lost() : Refused(state);  // 42704: there is no such slot
    if (!again) {
      return Fail(absl::StatusCode::kFailedPrecondition, "CAPTURE_SLOT_LOST",
                  "The replication slot is gone, and with it what changed since: publish the table anew, then remove the "
                  "capture's state file to begin with a new slot.",
                  {{"link", std::string(kLinkSource)}, {"slot", options.slot}});
    }
    const ResultPtr made(PQexec(connection, absl::StrCat("CREATE_REPLICATION_SLOT ", QuotedName(options.slot),
                                                         " LOGICAL pgoutput NOEXPORT_SNAPSHOT")
                                                .c_str()));
    if (PQresultStatus(made.get()) != PGRES_TUPLES_OK) return Refused(StateOf(made.get()));
  }
}

absl::Status ReplicationSlot::Lost() const {
  // libpq tells of hosts, users and databases here, never of rows.
  Log(LogLevel::kWarning, "source_unavailable", {{"cause", PQerrorMessage(connection_.get())}});
  return SourceUnavailable();
}

absl::Status ReplicationSlot::Send() {
  std::string status(1, 'r');
  AppendUint64(std::max(told_, confirmed_), status);
  AppendUint64(confirmed_, status);
  AppendUint64(confirmed_, status);
  AppendUint64(static_cast<uint64_t>(absl::ToUnixMicros(absl::Now()) - int64_t{946'684'800'000'000}), status);
  status += '\0';
  sent_ = absl::Now();
  const bool sent = PQputCopyData(connection_.get(), status.data(), static_cast<int>(status.size())) == 1 &&
                    PQflush(connection_.get()) == 0;
  return sent ? absl::OkStatus() : Lost();
}

absl::Status ReplicationSlot::Confirm(uint64_t end) {
  confirmed_ = std::max(confirmed_, end);
  return Send();
}

absl::StatusOr<ReplicatedChange> ReplicationSlot::Next(absl::Time deadline) {
  for (;;) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(connection_.get(), &bytes, 1);
    if (size < 0) return Lost();
    if (size == 0) {
      const absl::Time now = absl::Now();
      if (now - sent_ >= kStatusEvery) TRY(Send());
      if (now >= deadline) return ReplicatedChange();
      pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
      const absl::Duration patience = std::min(deadline - now, kStatusEvery);
      poll(&socket, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)) + 1);
      if (PQconsumeInput(connection_.get()) == 0) return Lost();
      continue;
    }
    const std::unique_ptr<char, void (*)(void*)> freed(bytes, PQfreemem);
    Message message(std::string_view(bytes, static_cast<size_t>(size)));
    const char kind = static_cast<char>(message.Number(1));
    if (kind == 'k') {
      const uint64_t end = message.Number(8);
      message.Number(8);
      // Between transactions whose rows are all safe, whatever else the log holds concerns nobody here.
      if (transaction_ == 0 && confirmed_ >= told_) confirmed_ = std::max(confirmed_, end);
      if (message.Number(1) == 1) TRY(Send());
      continue;
    }
    if (kind != 'w') return Malformed();
    message.Take(24);
    if (!message.good()) return Malformed();
    auto change = TRY(Decode(std::string_view(bytes, static_cast<size_t>(size)).substr(25)));
    if (change) return *std::move(change);
  }
}

absl::StatusOr<std::optional<ReplicatedChange>> ReplicationSlot::Decode(std::string_view data) {
  Message message(data);
  switch (static_cast<char>(message.Number(1))) {
    case 'B':
      transaction_ = message.Number(8);
      number_ = 0;
      break;
    case 'R': {
      Relation& relation = relations_[static_cast<uint32_t>(message.Number(4))];
      relation.schema = message.Text();
      relation.table = message.Text();
      message.Number(1);
      relation.columns.clear();
      for (auto left = message.Number(2); left > 0 && message.good(); --left) {
        message.Number(1);
        relation.columns.push_back(message.Text());
        message.Number(8);
      }
      break;
    }
    case 'I':
      return DecodeRow(message, false);
    case 'U':
      return DecodeRow(message, true);
    case 'C': {
      message.Number(9);
      ReplicatedChange commit;
      commit.kind = ReplicatedChange::Kind::kCommit;
      commit.transaction = transaction_;
      commit.end = told_ = message.Number(8);
      transaction_ = 0;
      if (!message.good()) return Malformed();
      return commit;
    }
    default:  // deletions, truncations, types, origins
      break;
  }
  if (!message.good()) return Malformed();
  return std::nullopt;
}

absl::StatusOr<std::optional<ReplicatedChange>> ReplicationSlot::DecodeRow(Message& message, bool update) {
  const auto known = relations_.find(static_cast<uint32_t>(message.Number(4)));
  if (known == relations_.end()) return Malformed();
  const Relation& relation = known->second;
  std::vector<std::optional<std::string>> old;
  std::vector<bool> unchanged;
  const auto tuple = [&](std::vector<std::optional<std::string>>& cells) {
    unchanged.clear();
    for (auto left = message.Number(2); left > 0 && message.good(); --left) {
      const char kind = static_cast<char>(message.Number(1));
      unchanged.push_back(kind == 'u');
      auto& cell = cells.emplace_back();
      if (kind == 't') cell = std::string(message.Take(message.Number(4)));
    }
  };
  char kind = static_cast<char>(message.Number(1));
  const bool whole = kind == 'O';  // the whole old row; with K its key alone
  if (update && (kind == 'K' || kind == 'O')) {
    tuple(old);
    kind = static_cast<char>(message.Number(1));
  }
  ReplicatedChange change;
  tuple(change.row.cells);
  if (!message.good() || kind != 'N' || change.row.cells.size() != relation.columns.size()) return Malformed();
  for (size_t i = 0; i < unchanged.size(); ++i) {
    if (!unchanged[i]) continue;
    if (!whole || i >= old.size()) {
      return Fail(absl::StatusCode::kFailedPrecondition, "CAPTURE_TOAST",
                  "An update left a long value out; let the table send it along: ALTER TABLE … REPLICA IDENTITY FULL.",
                  {{"link", std::string(kLinkSource)}, {"table", relation.table}, {"column", relation.columns[i]}});
    }
    change.row.cells[i] = std::move(old[i]);
  }
  change.kind = ReplicatedChange::Kind::kRow;
  change.row.schema = relation.schema;
  change.row.table = relation.table;
  change.row.columns = relation.columns;
  change.transaction = transaction_;
  change.number = ++number_;
  return change;
}

}  // namespace zhanqiao::connectors
