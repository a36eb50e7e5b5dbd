// What may leave the hub: the plan of a release (which fields in which order under which masks), and the check
// of a connector's answer against it. Pure; thread-safe by having no state.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/digest.h"
#include "catalog/base/seal_key.h"
#include "hub/access/grant_view.h"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/exchange.pb.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::exchange {

// A release worked out for one grant version, one entry version and one list of fields.
struct ReleasePlan {
  struct Column {
    std::string field;
    v1::DataType type = v1::DATA_TYPE_UNSPECIFIED;
    int length = 0;
    v1::Mask mask = v1::MASK_UNSPECIFIED;
  };
  std::shared_ptr<const access::GrantInForce> grant;
  std::shared_ptr<const v1::Resource> resource;
  std::vector<Column> columns;
  std::string fingerprint;  // schema fingerprint of the columns, 32 bytes
  bool masks = false;       // any column is masked
  std::string pseudonym_key;  // of the grant; empty: no column is a pseudonym, or they become stars
  // What is the same for every call under the plan, in wire format: fields of v1.Exchange before and after the
  // connector's, fields of v1.ConnectorQuery before and after those of the request.
  std::string entry_head;
  std::string entry_fields;
  std::string query_head;
  std::string query_conditions;
  std::string answer_masks;  // v1.QueryResponse.masks
  // Holds while the entry was not withdrawn: a precondition of every release under the plan.
  storage::Precondition not_withdrawn;
  std::vector<int> person_columns;          // that hold ID numbers of persons; empty for most resources
};

// PERMISSION_DENIED / FIELD_NOT_GRANTED (fact: field) for a field outside the grant, and for a granted field the
// resource no longer has; INVALID_ARGUMENT / FIELD_REPEATED. `fields` empty: every granted field.
// Pseudonyms are made under a key that `pseudonyms` derives for the grant; null: they become stars.
absl::StatusOr<std::shared_ptr<const ReleasePlan>> MakePlan(
    std::shared_ptr<const access::GrantInForce> grant, std::shared_ptr<const v1::Resource> resource,
    const google::protobuf::RepeatedPtrField<std::string>& fields, const SealKey* pseudonyms = nullptr);

// The request by which a connector shows that its source answers: every field of `resource`, one row that never comes.
std::shared_ptr<const ReleasePlan> ProbePlan(std::shared_ptr<const v1::Resource> resource);

// True if `field` holds ID numbers of persons (Field.person_key, or MASK_ID_NUMBER).
bool IsPersonKey(const v1::Field& field);

// The ID numbers the conditions name: those on person keys of `resource`; without a resource (it was not found), those
// that have the form of one.
std::vector<std::string> PersonsIn(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
                                   const v1::Resource* resource);

// PERMISSION_DENIED / CONDITION_NOT_GRANTED unless every condition is on a key field, / KEY_REQUIRED without a
// condition for an electronic certificate of level 3 or above; INVALID_ARGUMENT for a condition that is malformed.
absl::Status CheckConditions(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
                             const v1::Resource& resource);

// An answer that may be released.
struct Released {
  std::string records;           // v1.RecordBatch in wire format, masked
  int rows = 0;
  std::string answer_bytes;      // canonical rows as the connector gave them
  std::string released_bytes;    // canonical rows as released; empty when nothing was masked: the same
  std::vector<std::string> persons;  // ID numbers in the rows before masking, as they stand there
  const std::string& released() const { return released_bytes.empty() ? answer_bytes : released_bytes; }
};

// Checks the whole answer (fingerprint, fields and their order, row and value counts, types, the grant's and the
// request's conditions where their fields are among the columns) and masks it. INTERNAL / ANSWER_SCHEMA,
// link=connector, for any misfit: nothing of a misfitting answer is released. The error names no value. `answer` is
// masked in place.
absl::StatusOr<Released> CheckAnswer(const ReleasePlan& plan, const v1::QueryRequest& request, int row_limit,
                                     v1::RecordBatch& answer);

}  // namespace zhanqiao::exchange
