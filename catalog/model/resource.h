// The rules of a catalogue entry (政务信息资源目录条目), over one document alone: the elements of the guide
// (发改高技〔2017〕1272号), its cross-field rules, and what the sharing rules (国发〔2016〕51号) ask of an entry.
// Rules that need other documents (provider, systems, names alike) are resource_entry.h's.
#pragma once

#include <string>
#include <vector>

#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Brings codes typed by people into form; fills `name` from the code and the base database from its 项 where they are
// empty. A code that is a classification alone gets no name: the hub adds the 顺序码 first.
void Normalize(v1::Resource& resource);

// Every violation of the elements and cross-field rules; none: the entry may be stored.
std::vector<Violation> Check(const v1::Resource& resource);

// What the entry alone should improve, though it may be published (findings.h adds the rest): CREDIT_CODE_MISSING,
// BASE_ITEM_NOT_UNCONDITIONAL (not for certificates above level 1), CODE_LENGTH_UNUSUAL, CODE_ITEM_UNKNOWN,
// FORMAT_TYPE_UNKNOWN, FIELD_NAME_REPEATED, SENSITIVE_WITHOUT_MASK, OPEN_WITH_PERSONAL_FIELDS, OPEN_BUT_NOT_SHARED.
std::vector<v1::Finding> FindingsOf(const v1::Resource& resource);

// The fingerprint of all its fields in order (32 bytes); see RecordBatch.
std::string SchemaFingerprintOf(const v1::Resource& resource);

// `name` without blanks and punctuation and in one case: names equal in this form count as one.
std::string NameSkeleton(std::string_view name);

}  // namespace zhanqiao::catalog
