#include "connectors/agent/capture.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"
#include "connectors/agent/feed_publisher.h"
#include "connectors/agent/state_file.h"

namespace zhanqiao::connectors {
namespace {

constexpr int kPatienceMs = 30'000;

std::string KeyOf(const v1::Row& row) {
  std::string bytes;
  for (const v1::Value& value : row.values()) AppendCanonical(value, bytes);
  return ToHex(Bytes(Sha256(bytes)));
}

}  // namespace

Capture::Capture(CaptureOptions options, v1::Resource entry, const Adapter& adapter,
                 v1::FeedService::StubInterface& stub, const Clock& clock)
    : options_(std::move(options)), entry_(std::move(entry)), adapter_(adapter), stub_(stub), clock_(clock) {}

absl::Status Capture::Read() {
  if (read_) return absl::OkStatus();
  std::ifstream file(options_.state, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  cursor_ = text.str();
  read_ = true;
  return absl::OkStatus();
}

absl::Status Capture::Save(const std::string& cursor) {
  TRY(WriteStateFile(options_.state, cursor));
  cursor_ = cursor;
  acknowledged_.clear();
  return absl::OkStatus();
}

absl::StatusOr<v1::ConnectorReply> Capture::Chunk() const {
  v1::ConnectorQuery query;
  query.set_resource(entry_.name());
  query.set_chunk(true);
  query.set_cursor(cursor_);
  query.set_row_limit(options_.rows);
  query.set_timeout_ms(kPatienceMs);
  std::vector<SchemaField> schema;
  for (const v1::Field& field : entry_.fields()) {
    query.add_fields(field.field());
    schema.push_back({field.field(), field.data_type()});
  }
  query.set_schema_fingerprint(std::string(Bytes(SchemaFingerprint(schema))));
  v1::Condition& settled = *query.add_conditions();
  settled.set_field(options_.changed);
  settled.set_comparison(v1::COMPARISON_LESS);
  settled.mutable_value()->set_text(
      absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", clock_.Now() - options_.margin, Shanghai()));
  v1::ConnectorReply reply;
  TRY(adapter_.Answer(query, reply));
  return reply;
}

v1::PublishRequest Capture::Fresh(const v1::ConnectorReply& reply) const {
  v1::PublishRequest request;
  request.set_feed(options_.feed);
  v1::RecordBatch& records = *request.mutable_records();
  records.set_schema_fingerprint(reply.records().schema_fingerprint());
  records.mutable_fields()->CopyFrom(reply.records().fields());
  for (const v1::Row& row : reply.records().rows()) {
    std::string key = KeyOf(row);
    if (acknowledged_.contains(key)) continue;
    *records.add_rows() = row;
    request.add_idempotency_keys(std::move(key));
  }
  return request;
}

absl::Status Capture::Round() {
  TRY(Read());
  for (;;) {
    const v1::ConnectorReply reply = TRY(Chunk());
    const v1::PublishRequest request = Fresh(reply);
    if (!request.records().rows().empty()) TRY(PublishTo(stub_, request));
    published_ += request.records().rows_size();
    for (const std::string& key : request.idempotency_keys()) acknowledged_.insert(key);
    // The last rows of all have no place to go on from yet: they are read again, and known by their keys.
    if (reply.next_cursor().empty()) return absl::OkStatus();
    TRY(Save(reply.next_cursor()));
  }
}

}  // namespace zhanqiao::connectors
