#include "connectors/adapters/sql/connection.h"

#include <utility>

namespace zhanqiao::connectors {

absl::Status SourceUnavailable() {
  return Fail(
      absl::StatusCode::kUnavailable, "SOURCE_UNAVAILABLE",
      "The department's data source does not answer; its operator finds the reason in the connector's log.",
      {{"link", std::string(kLinkSource)}});
}

absl::Status SourceSlow() {
  return Fail(absl::StatusCode::kDeadlineExceeded, "SOURCE_SLOW",
              "The department's data source did not answer in the time the caller allows.",
              {{"link", std::string(kLinkSource)}});
}

absl::Status SourceChanged() {
  return Fail(
      absl::StatusCode::kFailedPrecondition, "SOURCE_CHANGED",
      "The source's tables or columns are no longer as mapped; its operator has to correct the mapping.",
      {{"link", std::string(kLinkSource)}});
}

absl::Status SourceRefused(std::string_view state) {
  return Fail(absl::StatusCode::kFailedPrecondition, "SOURCE_REFUSED",
              "The department's data source refused the request; its operator knows the state's meaning.",
              {{"link", std::string(kLinkSource)}, {"state", std::string(state)}});
}

absl::Status SqlDatabase::Take(absl::Time deadline, std::unique_ptr<SqlConnection>& connection, bool& fresh) {
  {
    absl::MutexLock lock(&mu_);
    if (!mu_.AwaitWithDeadline(absl::Condition(this, &SqlDatabase::Free), deadline)) return SourceSlow();
    fresh = idle_.empty();
    if (!fresh) {
      connection = std::move(idle_.back());
      idle_.pop_back();
      return absl::OkStatus();
    }
    ++open_;
  }
  auto opened = connect_(deadline);
  if (opened.ok()) {
    connection = *std::move(opened);
    return absl::OkStatus();
  }
  absl::MutexLock lock(&mu_);
  --open_;
  return opened.status();
}

void SqlDatabase::Return(std::unique_ptr<SqlConnection> connection) {
  std::vector<std::unique_ptr<SqlConnection>> stale;  // closed outside the lock
  absl::MutexLock lock(&mu_);
  if (!connection->broken()) return idle_.push_back(std::move(connection));
  // The others that lie idle have most likely lost the same server.
  stale.swap(idle_);
  open_ -= 1 + static_cast<int>(stale.size());
  stale.push_back(std::move(connection));
}

absl::Status SqlDatabase::With(absl::Time deadline, const std::function<absl::Status(SqlConnection&)>& use) {
  for (;;) {
    std::unique_ptr<SqlConnection> connection;
    bool fresh = false;
    TRY(Take(deadline, connection, fresh));
    const absl::Status status = use(*connection);
    const bool again =
        !status.ok() && !fresh && connection->broken() && status.code() == absl::StatusCode::kUnavailable;
    Return(std::move(connection));
    if (!again) return status;
  }
}

}  // namespace zhanqiao::connectors
