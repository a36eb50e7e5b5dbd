// What entries are found by. A term is a field and a value; as a key it is the field's byte and then the
// value.
//
// Terms follow from the entry alone (and, for persons, from the tokens kept in its secret), so that an index
// can be built anew at any time and comes out the same. Pure; thread-safe by having no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {

// Numbers are part of the index format and never reused.
enum class IndexField : uint8_t {
  kActor = 1,  // who acted, and on whose behalf
  kParty = 2,  // organisation the entry names in any part
  kConsumer = 3,
  kProvider = 4,
  kResource = 5,
  kGrant = 6,
  kApprover = 7,  // who proposed or decided
  kOutcome = 8,   // released, denied, or the verb of the event
  kReason = 9,    // of a refusal
  kLink = 10,     // that refused
  kField = 11,    // released, refused or granted
  kMatter = 12,
  kConnector = 13,
  kEvent = 14,    // exchange, denial, grant, document, …
  kSubject = 15,  // 16-byte token of a person; only QuerySubject asks by it
};

// "actor" and so on; empty for a number that is none.
std::string_view FieldName(IndexField field);
// The field callers may filter by under that name; nothing for others and for "subject".
std::optional<IndexField> FilterField(std::string_view name);
// The names FilterField knows, joined by ", ".
std::string FilterFields();

// The key of a term.
std::string Term(IndexField field, std::string_view value);

// "exchange", "denial", "grant", …: the value of kEvent.
std::string_view EventKind(const v1::LedgerEntry& entry);

// Gives every term of `entry`; the same one may come twice. Names of systems, persons and connectors are
// given with their organisation too. Values longer than 1,024 bytes are not indexed.
void TermsOf(const v1::LedgerEntry& entry, absl::FunctionRef<void(IndexField, std::string_view)> emit);

// The organisation in "organizations/{code}/…"; empty for other names.
std::string_view OrganizationIn(std::string_view name);

}  // namespace zhanqiao::ledger
