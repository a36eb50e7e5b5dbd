// What a connector leaves behind to prove what it answered: a signature for the hub's ledger, a line in its
// own journal. Either may be missing.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "catalog/base/clock.h"
#include "catalog/base/journal.h"
#include "catalog/base/signatures.h"
#include "connectors/agent/journal.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::connectors {

// Thread-safe. Costs a hash for each answer, and for each message one signature (about 50 microseconds) and
// one write.
class AnswerSeal {
 public:
  // `clock` must outlive it.
  AnswerSeal(std::optional<Ed25519Key> key, std::unique_ptr<Journal> journal, const Clock& clock)
      : key_(std::move(key)), journal_(std::move(journal)), clock_(clock) {}

  // Puts the digest into a reply that has records, and adds what is to be said of it to `lines`.
  void Describe(const v1::ConnectorQuery& query, v1::ConnectorReply& reply,
                std::vector<JournalLine>& lines) const;

  // Signs a message whose replies have `lines`, and writes these down; before it leaves. An error of the
  // journal (JOURNAL_UNWRITABLE): it must not leave.
  absl::Status Close(v1::ReplyBatch& replies, std::vector<JournalLine>& lines) const;

 private:
  const std::optional<Ed25519Key> key_;
  const std::unique_ptr<Journal> journal_;  // thread-safe
  const Clock& clock_;
};

}  // namespace zhanqiao::connectors
