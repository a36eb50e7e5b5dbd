// How results and errors are shown: tables for people, protobuf JSON for programs.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "zhanqiao/v1/record.pb.h"

namespace zhanqiao::cli {

// `message` as protobuf JSON and a line end; the lists of an answer (…Response) are there even when nothing is in them.
void PrintJson(const google::protobuf::Message& message, std::ostream& out);

// The same with the contract's own field names and every number and text, also 0 and "": for programs that look names up.
void PrintWholeJson(const google::protobuf::Message& message, std::ostream& out);

// `text` as a JSON string with its quotes.
std::string JsonText(std::string_view text);

// An error for people (reason, link, ledger entry, wrong fields, fix) or as one JSON object {"error":{…}}.
void PrintError(const absl::Status& status, bool json, std::ostream& err);

// What to do about `reason`, where one sentence helps; else empty.
std::string_view FixFor(std::string_view reason);

// A value as people read it: "" when absent, base64 of binary.
std::string ValueText(const v1::Value& value);

// "2026-11-24 09:00:00" in Asia/Shanghai; empty for an unset time.
std::string TimeText(const google::protobuf::Timestamp& time);
std::string TimeText(absl::Time time);

// The name of an enum value without its type's prefix: GRANT_STATE_ACTIVE as ACTIVE.
std::string EnumText(const google::protobuf::EnumDescriptor* type, int value);

// Prints rows as a table under their fields' names.
void PrintRecords(const v1::RecordBatch& records, std::ostream& out);

}  // namespace zhanqiao::cli
