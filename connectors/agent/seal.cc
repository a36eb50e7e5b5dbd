#include "connectors/agent/seal.h"

#include "catalog/base/error.h"
#include "catalog/base/records.h"

namespace zhanqiao::connectors {

void AnswerSeal::Describe(const v1::ConnectorQuery& query, v1::ConnectorReply& reply,
                          std::vector<JournalLine>& lines) const {
  // A hub that names no commitment is older than journals: such an answer can be bound to nothing.
  if (!reply.has_records() || query.commitment().size() != sizeof(Digest)) return;
  JournalLine line;
  line.resource = query.resource();
  line.commitment = query.commitment();
  line.digest = std::string(Bytes(
      AnswerDigest(query.commitment(), query.resource(), reply.truncated(), CanonicalRows(reply.records()))));
  line.rows = static_cast<uint32_t>(reply.records().rows_size());
  if (key_) reply.set_digest(line.digest);
  lines.push_back(std::move(line));
}

absl::Status AnswerSeal::Close(v1::ReplyBatch& replies, std::vector<JournalLine>& lines) const {
  if (lines.empty()) return absl::OkStatus();
  std::string hash;
  if (key_) {
    std::vector<Digest> digests;
    for (const JournalLine& line : lines) digests.push_back(DigestFrom(line.digest));
    replies.set_signature(key_->Sign(SignedTree(digests).SignedBytes(kSignedAnswers)));
    hash = std::string(Bytes(Sha256(replies.signature())));
  }
  if (journal_ == nullptr) return absl::OkStatus();
  const int64_t now_us = absl::ToUnixMicros(clock_.Now());
  std::string text;
  for (JournalLine& line : lines) {
    line.time_us = now_us;
    line.signature_hash = hash;
    text += ToText(line);
  }
  return journal_->Append(text, now_us);
}

}  // namespace zhanqiao::connectors
