// Objections to records (proto/zhanqiao/v1/objection.proto): rules over one objection, and how many are open.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/base/workdays.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/objection.pb.h"

namespace zhanqiao::access {

inline constexpr std::string_view kObjections = "objections/";

// INVALID_ARGUMENT naming the wrong field, unless `request` names a granted 信息项, a key of the resource and
// what is wrong, and the words do not repeat the key.
absl::Status CheckFiling(const v1::FileObjectionRequest& request, const v1::Grant& grant,
                         const v1::Resource& resource);

// FAILED_PRECONDITION / GRANT_NEVER_ACTIVE unless records may have been released under a grant in this state.
absl::Status CheckReleasedUnder(const v1::Grant& grant);

// FAILED_PRECONDITION / OBJECTION_STATE (fact: state) unless it is open.
absl::Status CheckOpen(const v1::Objection& objection);

// True if `field` of `resource` holds ID numbers of the persons its records are about.
bool NamesPersons(const v1::Resource& resource, std::string_view field);

// HMAC-SHA256(salt, key without blanks around it): what stands for the record.
std::string RecordCommitment(std::string_view salt, std::string_view record_key);

// Parties, recipients, office and auditor.
bool MaySee(const Caller& caller, const v1::Objection& objection);

// `objection` as `caller` is shown it, its days counted to `day` (of an open one) or to its end.
v1::Objection Shown(const Caller& caller, v1::Objection objection, const WorkCalendar& calendar,
                    absl::CivilDay day);

// How many objections are open, by resource: in memory, changed with the commit. Thread-safe.
class OpenObjections {
 public:
  OpenObjections();
  ~OpenObjections();
  // Loads what `store` holds and follows its changes. Once, before traffic starts.
  absl::Status Follow(documents::DocumentStore& store);
  int Count(std::string_view resource) const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this
};

}  // namespace zhanqiao::access
