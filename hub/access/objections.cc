#include "hub/access/objections.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/matter.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kDescriptionMax = 1000;
constexpr size_t kRecordKeyMax = 500;

const v1::Field* FieldOf(const v1::Resource& resource, std::string_view name) {
  for (const v1::Field& field : resource.fields()) {
    if (field.field() == name) return &field;
  }
  return nullptr;
}

}  // namespace

absl::Status CheckFiling(const v1::FileObjectionRequest& request, const v1::Grant& grant,
                         const v1::Resource& resource) {
  const bool granted = std::any_of(grant.fields().begin(), grant.fields().end(),
                                   [&](const auto& field) { return field.field() == request.field(); });
  if (!granted)
    return BadField("FIELD_NOT_GRANTED", "field", "Not a 信息项 of the grant; object to what was received.");
  const v1::Field* const key = FieldOf(resource, request.key_field());
  if (key == nullptr || !key->key()) {
    return BadField("KEY_FIELD", "key_field", "Not a key of the resource; zq resource get lists the keys.");
  }
  TRY(CheckText("record_key", request.record_key(), kRecordKeyMax, true));
  TRY(CheckText("description", request.description(), kDescriptionMax, true));
  if (absl::StrContains(request.description(), absl::StripAsciiWhitespace(request.record_key()))) {
    return BadField("TEXT_HOLDS_KEY", "description",
                    "Repeats the record's key; say what is wrong without naming the record.");
  }
  return absl::OkStatus();
}

absl::Status CheckReleasedUnder(const v1::Grant& grant) {
  switch (grant.state()) {
    case v1::GRANT_STATE_ACTIVE:
    case v1::GRANT_STATE_SUSPENDED:
    case v1::GRANT_STATE_REVOKED:
    case v1::GRANT_STATE_EXPIRED:
      return absl::OkStatus();
    default:
      return Fail(absl::StatusCode::kFailedPrecondition, "GRANT_NEVER_ACTIVE",
                  "No record was ever released under this grant; name the grant the record came under.",
                  {{"document", grant.name()}, {"state", v1::GrantState_Name(grant.state())}});
  }
}

absl::Status CheckOpen(const v1::Objection& objection) {
  if (objection.state() == v1::OBJECTION_STATE_OPEN) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "OBJECTION_STATE",
              "The objection has been answered or withdrawn; file a new one if the record is still wrong.",
              {{"document", objection.name()}, {"state", v1::ObjectionState_Name(objection.state())}});
}

bool NamesPersons(const v1::Resource& resource, std::string_view field) {
  const v1::Field* const found = FieldOf(resource, field);
  return found != nullptr && (found->person_key() || found->mask() == v1::MASK_ID_NUMBER);
}

std::string RecordCommitment(std::string_view salt, std::string_view record_key) {
  return std::string(Bytes(HmacSha256(salt, Std(absl::StripAsciiWhitespace(Absl(record_key))))));
}

bool MaySee(const Caller& caller, const v1::Objection& objection) {
  if (HoldsAny(caller, {"office", "auditor"})) return true;
  if (caller.organization.empty() || caller.kind == SubjectKind::kConnector) return false;
  return caller.organization == objection.consumer() || caller.organization == objection.provider() ||
         std::find(objection.recipients().begin(), objection.recipients().end(), caller.organization) !=
             objection.recipients().end();
}

v1::Objection Shown(const Caller& caller, v1::Objection objection, const WorkCalendar& calendar,
                    absl::CivilDay day) {
  const bool auditor_alone = caller.HasRole("auditor") && caller.organization != objection.consumer() &&
                             caller.organization != objection.provider();
  if (auditor_alone) objection.clear_record_salt();
  if (objection.has_answer_time()) day = DayOf(objection.answer_time());
  if (objection.state() == v1::OBJECTION_STATE_WITHDRAWN) return objection;
  const auto due = ParseDay(objection.due_date());
  if (!due.ok()) return objection;
  const DayCount days = CountDays(calendar, DayOf(objection.file_time()), *due, day);
  objection.set_working_days(days.working_days);
  objection.set_overdue_working_days(days.overdue_working_days);
  return objection;
}

struct OpenObjections::State {
  mutable absl::Mutex mu;  // makes an objection and its count one step
  absl::flat_hash_map<std::string, std::string> resource_of ABSL_GUARDED_BY(mu);  // of the open ones
  absl::flat_hash_map<std::string, int> counts ABSL_GUARDED_BY(mu);

  void Take(const documents::Version& version) {
    const auto objection = version.As<v1::Objection>();
    if (!objection.ok()) return;
    const bool open = !version.deleted && objection->state() == v1::OBJECTION_STATE_OPEN;
    absl::MutexLock lock(&mu);
    if (open && resource_of.emplace(version.name, objection->resource()).second) {
      ++counts[objection->resource()];
    } else if (!open && resource_of.erase(version.name) > 0) {
      --counts[objection->resource()];
    }
  }
};

OpenObjections::OpenObjections() : state_(std::make_shared<State>()) {}
OpenObjections::~OpenObjections() = default;

absl::Status OpenObjections::Follow(documents::DocumentStore& store) {
  return store.Observe(std::string(kObjections),
                       [state = state_](const documents::Version& version) { state->Take(version); });
}

int OpenObjections::Count(std::string_view resource) const {
  absl::ReaderMutexLock lock(&state_->mu);
  const auto found = state_->counts.find(Absl(resource));
  return found == state_->counts.end() ? 0 : found->second;
}

}  // namespace zhanqiao::access
