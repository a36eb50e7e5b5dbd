#include "connectors/agent/replication_capture.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"
#include "connectors/adapters/reading.h"
#include "connectors/agent/feed_publisher.h"
#include "connectors/agent/state_file.h"

namespace zhanqiao::connectors {
namespace {

constexpr absl::Duration kDialPatience = absl::Seconds(10);

absl::Status BadValue(const v1::Field& field) {
  return Fail(absl::StatusCode::kFailedPrecondition, "SOURCE_VALUE",
              "A value in the department's source does not fit the entry; the provider has to correct it or "
              "its mapping.",
              {{"link", std::string(kLinkSource)}, {"field", field.field()}, {"expected", Expected(field)}});
}

bool FromHex(std::string_view text, std::string& bytes) {
  if (text.substr(0, 2) != "\\x") return false;
  const auto decoded = zhanqiao::FromHex(text.substr(2));
  if (!decoded.ok()) return false;
  bytes = *decoded;
  return true;
}

absl::Status ReadCell(const std::string& text, const v1::Field& field, const FieldMapping& how, v1::Value& value) {
  if (field.data_type() == v1::DATA_TYPE_GENERAL) {
    return FromHex(text, *value.mutable_binary()) ? absl::OkStatus() : BadValue(field);
  }
  return ReadText(text, field, how, value) ? absl::OkStatus() : BadValue(field);
}

}  // namespace

absl::Status ReplicationCapture::Open() {
  std::error_code error;
  const bool made_before = std::filesystem::exists(options_.state, error);
  slot_ = TRY(ReplicationSlot::Open(options_.source, !made_before, absl::Now() + kDialPatience));
  if (!made_before) TRY(WriteStateFile(options_.state, absl::StrCat("slot ", options_.source.slot, "\n")));
  gathered_.Clear();
  through_ = 0;
  gathered_.set_feed(options_.feed);
  std::vector<SchemaField> schema;
  for (const v1::Field& field : entry_.fields()) {
    gathered_.mutable_records()->add_fields(field.field());
    schema.push_back({field.field(), field.data_type()});
  }
  gathered_.mutable_records()->set_schema_fingerprint(std::string(Bytes(SchemaFingerprint(schema))));
  return absl::OkStatus();
}

bool ReplicationCapture::Ours(const ReplicatedRow& row) const {
  if (mapping_.table.empty() || mapping_.table.back() != row.table) return false;
  return mapping_.table.size() == 1 || mapping_.table[mapping_.table.size() - 2] == row.schema;
}

absl::Status ReplicationCapture::Add(const ReplicatedChange& change) {
  v1::Row& row = *gathered_.mutable_records()->add_rows();
  for (const v1::Field& field : entry_.fields()) {
    v1::Value& value = *row.add_values();
    const FieldMapping& how = mapping_.fields.at(field.field());
    if (how.constant) {
      ReadText(*how.constant, field, FieldMapping{.zone = how.zone}, value);
      continue;
    }
    const auto& columns = change.row.columns;
    const auto at = std::find(columns.begin(), columns.end(), how.column);
    if (at == columns.end()) {
      return Fail(absl::StatusCode::kFailedPrecondition, "COLUMN_MISSING",
                  "The published table has no column of the mapped name; correct the mapping or the publication.",
                  {{"link", std::string(kLinkSource)}, {"field", field.field()}});
    }
    const auto& cell = change.row.cells[static_cast<size_t>(at - columns.begin())];
    if (cell) TRY(ReadCell(*cell, field, how, value));
  }
  gathered_.add_idempotency_keys(
      ToHex(Bytes(Sha256(absl::StrCat(options_.source.slot, " ", LsnText(change.transaction), " ", change.number)))));
  return absl::OkStatus();
}

absl::Status ReplicationCapture::Flush() {
  if (gathered_.records().rows_size() > 0) {
    TRY(PublishTo(stub_, gathered_));
    published_ += gathered_.records().rows_size();
    gathered_.mutable_records()->clear_rows();
    gathered_.clear_idempotency_keys();
  }
  if (through_ > slot_->confirmed()) TRY(slot_->Confirm(through_));
  return absl::OkStatus();
}

absl::Status ReplicationCapture::Round(absl::Duration patience) {
  const auto round = [&]() -> absl::Status {
    if (slot_ == nullptr) TRY(Open());
    for (;;) {
      // As long as more is there already it is gathered; what waits for nothing is published.
      const bool gathered = gathered_.records().rows_size() > 0 || through_ > slot_->confirmed();
      const ReplicatedChange change = TRY(slot_->Next(gathered ? absl::InfinitePast() : absl::Now() + patience));
      switch (change.kind) {
        case ReplicatedChange::Kind::kNothing:
          if (!gathered) return absl::OkStatus();
          TRY(Flush());
          break;
        case ReplicatedChange::Kind::kRow:
          if (!Ours(change.row)) break;
          TRY(Add(change));
          if (gathered_.records().rows_size() >= options_.rows) TRY(Flush());
          break;
        case ReplicatedChange::Kind::kCommit:
          through_ = change.end;
          break;
      }
    }
  };
  absl::Status status = round();
  if (!status.ok()) slot_ = nullptr;  // what was told and not acknowledged is told again
  return status;
}

}  // namespace zhanqiao::connectors
