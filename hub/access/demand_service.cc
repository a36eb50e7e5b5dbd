#include "hub/access/demand_service.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/documents/request_id.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kReasonMax = 500;
constexpr char kDaysKey[] = "demand.answer_working_days";

absl::Status NotParty() {
  return RoleRequired("party to the demand, office, auditor");
}

absl::Status RequirePeopleOf(const Caller& caller, std::string_view organization) {
  return HoldsAnyAt(caller, organization, {"org_clerk", "org_approver"})
             ? absl::OkStatus()
             : RoleRequired("org_clerk, org_approver");
}

v1::Demand Filled(const documents::Version& version, v1::Demand demand) {
  demand.set_etag(version.etag());
  return demand;
}

}  // namespace

absl::StatusOr<DemandService::Held> DemandService::Visible(const Caller& caller,
                                                           std::string_view name) const {
  TRY(CheckMatterName(name, kDemands));
  auto version = parts_.store.Get(name);
  if (!version.ok()) {
    const bool told =
        version.status().code() != absl::StatusCode::kNotFound || HoldsAny(caller, {"office", "auditor"});
    return told ? version.status() : NotParty();
  }
  Held held;
  held.demand = TRY(version->As<v1::Demand>());
  if (!MaySee(caller, held.demand)) return NotParty();
  held.version = *std::move(version);
  return held;
}

MatterMove DemandService::MoveBy(const Caller& caller, uint64_t revision, std::string_view reason) const {
  MatterMove move;
  move.actor = caller.subject;
  move.trace = caller.trace;
  move.reason = std::string(reason);
  move.expected_revision = revision;
  return move;
}

void DemandService::Tell(const std::string& organization, std::string_view kind, const v1::Demand& demand,
                         MatterMove& move) const {
  catalog::NewNotice notice{.kind = kind, .subject = demand.name(), .facts = {}};
  notice.facts.emplace_back("title", demand.title());
  notice.facts.emplace_back("consumer", demand.consumer());
  if (!demand.due_date().empty()) notice.facts.emplace_back("due_date", demand.due_date());
  move.notices.push_back(catalog::NoticeTo(organization, notice, parts_.clock.Now(), parts_.random));
}

absl::StatusOr<v1::Demand> DemandService::Store(v1::Demand demand, std::string_view verb, MatterMove move,
                                                std::string_view request_key) {
  demand.clear_etag();
  documents::Change change;
  change.name = demand.name();
  change.type = demand.GetDescriptor()->full_name();
  change.document = documents::Canonical(demand);
  const v1::Demand counted = Counted(demand, parts_.rules.calendar, Today());
  const uint64_t revision = move.expected_revision + 1;
  const std::string reason = move.reason;
  documents::Transaction transaction = TransactionOf(
      std::move(change), std::move(move), parts_.random, [&](v1::LedgerEntry& entry, std::string commitment) {
        v1::DemandEvent& event = *entry.mutable_demand_event();
        event.set_demand(demand.name());
        event.set_revision(revision);
        event.set_verb(std::string(verb));
        event.set_state(v1::DemandState_Name(demand.state()).substr(sizeof "DEMAND_STATE_" - 1));
        event.set_consumer(demand.consumer());
        *event.mutable_providers() = demand.providers();
        if (verb == "answered") {
          const v1::DemandAnswer& answer = demand.answers(demand.answers_size() - 1);
          event.set_provider(answer.provider());
          event.set_answer(v1::DemandAnswerKind_Name(answer.kind()));
        }
        event.set_due_date(demand.due_date());
        event.set_working_days(counted.working_days());
        event.set_overdue_working_days(counted.overdue_working_days());
        event.set_reason(reason);
        event.set_commitment(std::move(commitment));
      });
  const documents::Version version =
      TRY(documents::CreateOnce(parts_.store, request_key, std::move(transaction)));
  const v1::Demand stored = TRY(version.As<v1::Demand>());
  return Counted(Filled(version, stored), parts_.rules.calendar, Today());
}

absl::StatusOr<v1::Demand> DemandService::CreateDemand(const Caller& caller,
                                                       const v1::CreateDemandRequest& request) {
  TRY(RequirePeopleOf(caller, caller.organization));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("demand", caller.subject, request.request_id());
  if (const std::optional<documents::Version> made = TRY(documents::MadeBefore(parts_.store, key))) {
    const v1::Demand demand = TRY(made->As<v1::Demand>());
    return Counted(Filled(*made, demand), parts_.rules.calendar, Today());
  }
  TRY(CheckNeed(request));
  v1::Demand demand;
  demand.set_name(absl::StrCat(Absl(kDemands), NewId(parts_.clock.Now(), parts_.random)));
  demand.set_consumer(caller.organization);
  demand.set_title(request.title());
  demand.set_description(request.description());
  demand.set_purpose(request.purpose());
  *demand.mutable_wanted_fields() = request.wanted_fields();
  demand.set_creator(caller.subject);
  *demand.mutable_create_time() = catalog::ToTimestamp(parts_.clock.Now());
  demand.set_state(v1::DEMAND_STATE_OPEN);
  return Store(std::move(demand), "created", MoveBy(caller, 0, ""), key);
}

absl::StatusOr<v1::Demand> DemandService::GetDemand(const Caller& caller,
                                                    const v1::GetDemandRequest& request) {
  const absl::CivilDay day = TRY(CountingDay(request.as_of(), Today()));
  const Held held = TRY(Visible(caller, request.name()));
  return Counted(Filled(held.version, held.demand), parts_.rules.calendar, day);
}

absl::StatusOr<v1::ListDemandsResponse> DemandService::ListDemands(const Caller& caller,
                                                                   const v1::ListDemandsRequest& request) {
  if (caller.kind != SubjectKind::kPerson && caller.kind != SubjectKind::kSystem) return NotParty();
  const absl::CivilDay day = TRY(CountingDay(request.as_of(), Today()));
  const auto keep = [&](const documents::Version& version) {
    const auto demand = version.As<v1::Demand>();
    if (!demand.ok() || !MaySee(caller, *demand)) return false;
    const bool overdue = demand->state() == v1::DEMAND_STATE_MATCHED && demand->due_date() < FormatDay(day);
    return (request.consumer().empty() || request.consumer() == demand->consumer()) &&
           (request.provider().empty() || IsMatchedTo(*demand, request.provider())) &&
           (!request.overdue() || overdue) &&
           (request.state() == v1::DEMAND_STATE_UNSPECIFIED || request.state() == demand->state());
  };
  const auto page = TRY(parts_.store.List(kDemands, request.page_size(), request.page_token(), {}, keep));
  v1::ListDemandsResponse response;
  for (const documents::Version& version : page.versions) {
    v1::Demand demand = TRY(version.As<v1::Demand>());
    *response.add_demands() = Counted(Filled(version, std::move(demand)), parts_.rules.calendar, day);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::SuggestMatchesResponse> DemandService::SuggestMatches(
    const Caller& caller, const v1::SuggestMatchesRequest& request) {
  if (!HoldsAny(caller, {"office"})) return RoleRequired("office");
  const Held held = TRY(Visible(caller, request.name()));
  v1::SuggestMatchesResponse response;
  std::map<std::string, v1::SuggestedProvider> providers;
  for (const std::string& name : TRY(parts_.entries_like(caller, held.demand.title()))) {
    const auto resource = parts_.catalog.FindResource(name);
    if (resource == nullptr) continue;
    response.add_resources(name);
    v1::SuggestedProvider& provider = providers[resource->provider()];
    provider.set_entries(provider.entries() + 1);
    provider.set_why("entries");
  }
  const std::string need = absl::StrCat(held.demand.title(), "|", held.demand.description());
  std::string token;
  do {
    const auto page =
        TRY(parts_.store.List("organizations/", 1000, token, {}, [](const documents::Version& version) {
          return version.type == v1::Organization::descriptor()->full_name();
        }));
    for (const documents::Version& version : page.versions) {
      const auto organization = version.As<v1::Organization>();
      const std::string_view why = organization.ok() ? WhyMatches(*organization, need) : "";
      if (!why.empty()) providers[version.name].set_why(std::string(why));
    }
    token = page.next_page_token;
  } while (!token.empty());
  for (auto& [name, provider] : providers) {
    provider.set_provider(name);
    *response.add_providers() = std::move(provider);
  }
  std::stable_sort(response.mutable_providers()->begin(), response.mutable_providers()->end(),
                   [](const auto& a, const auto& b) { return a.entries() > b.entries(); });
  return response;
}

absl::StatusOr<v1::Demand> DemandService::MatchDemand(const Caller& caller,
                                                      const v1::MatchDemandRequest& request) {
  if (!HoldsAny(caller, {"office"})) return RoleRequired("office");
  Held held = TRY(Visible(caller, request.name()));
  TRY(RequireCurrent(request.etag(), held.version));
  TRY(CheckDemandState(held.demand, {v1::DEMAND_STATE_OPEN, v1::DEMAND_STATE_MATCHED}));
  TRY(CheckMatch(request, parts_.catalog));
  v1::Demand& demand = held.demand;
  MatterMove move = MoveBy(caller, held.version.revision, request.reason());
  std::vector<std::string> fresh;
  std::vector<std::string> matched;
  for (const v1::DemandAnswer& answer : demand.answers()) matched.push_back(answer.provider());
  for (const std::string& provider : request.providers()) {
    if (std::find(matched.begin(), matched.end(), provider) != matched.end()) continue;
    matched.push_back(provider);
    if (!IsMatchedTo(demand, provider)) fresh.push_back(provider);
  }
  *demand.mutable_providers() = {matched.begin(), matched.end()};
  *demand.mutable_resources() = request.resources();
  demand.set_matcher(caller.subject);
  // The clock of those that are new starts today, and with it that of the demand.
  if (!fresh.empty()) {
    *demand.mutable_match_time() = catalog::ToTimestamp(parts_.clock.Now());
    const int64_t days = TRY(parts_.rules.policy.At(kDaysKey, Today()));
    demand.set_due_date(FormatDay(parts_.rules.calendar.AddWorkdays(Today(), static_cast<int>(days))));
    demand.clear_overdue_noted();
  }
  const bool all = demand.answers_size() == demand.providers_size();
  demand.set_state(all ? v1::DEMAND_STATE_ANSWERED : v1::DEMAND_STATE_MATCHED);
  for (const std::string& provider : fresh) Tell(provider, "DEMAND_MATCHED", demand, move);
  Tell(demand.consumer(), "DEMAND_MATCHED", demand, move);
  return Store(std::move(demand), "matched", std::move(move));
}

absl::StatusOr<v1::Demand> DemandService::AnswerDemand(const Caller& caller,
                                                       const v1::AnswerDemandRequest& request) {
  Held held = TRY(Visible(caller, request.name()));
  TRY(RequirePeopleOf(caller, caller.organization));
  if (!IsMatchedTo(held.demand, caller.organization)) return RoleRequired("a body the demand is matched to");
  TRY(RequireCurrent(request.etag(), held.version));
  TRY(CheckDemandState(held.demand, {v1::DEMAND_STATE_MATCHED}));
  if (HasAnswered(held.demand, caller.organization)) {
    return Fail(absl::StatusCode::kFailedPrecondition, "DEMAND_ANSWERED",
                "Your body has answered this demand already.", {{"document", held.demand.name()}});
  }
  TRY(CheckAnswer(request, parts_.catalog, Today()));
  v1::DemandAnswer& answer = *held.demand.add_answers();
  answer.set_provider(caller.organization);
  answer.set_kind(request.kind());
  if (request.kind() == v1::DEMAND_ANSWER_KIND_WILL_PUBLISH) answer.set_publish_by(request.publish_by());
  if (request.kind() == v1::DEMAND_ANSWER_KIND_EXISTS) *answer.mutable_resources() = request.resources();
  answer.set_reason(request.reason());
  answer.set_answerer(caller.subject);
  *answer.mutable_answer_time() = catalog::ToTimestamp(parts_.clock.Now());
  if (held.demand.answers_size() == held.demand.providers_size())
    held.demand.set_state(v1::DEMAND_STATE_ANSWERED);
  MatterMove move = MoveBy(caller, held.version.revision, request.reason());
  Tell(held.demand.consumer(), "DEMAND_ANSWERED", held.demand, move);
  return Store(std::move(held.demand), "answered", std::move(move));
}

absl::StatusOr<v1::Demand> DemandService::CloseDemand(const Caller& caller,
                                                      const v1::CloseDemandRequest& request) {
  Held held = TRY(Visible(caller, request.name()));
  if (!HoldsAny(caller, {"office"})) TRY(RequirePeopleOf(caller, held.demand.consumer()));
  TRY(RequireCurrent(request.etag(), held.version));
  TRY(CheckDemandState(held.demand,
                       {v1::DEMAND_STATE_OPEN, v1::DEMAND_STATE_MATCHED, v1::DEMAND_STATE_ANSWERED}));
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  held.demand.set_state(v1::DEMAND_STATE_CLOSED);
  held.demand.set_close_reason(request.reason());
  MatterMove move = MoveBy(caller, held.version.revision, request.reason());
  for (const std::string& provider : held.demand.providers()) {
    if (!HasAnswered(held.demand, provider)) Tell(provider, "DEMAND_CLOSED", held.demand, move);
  }
  return Store(std::move(held.demand), "closed", std::move(move));
}

absl::Status DemandService::NoteOverdue(absl::CivilDay today) {
  Caller hub;
  hub.subject = "hub";
  std::string token;
  do {
    const auto overdue = [&](const documents::Version& version) {
      const auto demand = version.As<v1::Demand>();
      return demand.ok() && demand->state() == v1::DEMAND_STATE_MATCHED && demand->overdue_noted().empty() &&
             demand->due_date() < FormatDay(today);
    };
    const auto page = TRY(parts_.store.List(kDemands, 1000, token, {}, overdue));
    for (const documents::Version& version : page.versions) {
      v1::Demand demand = TRY(version.As<v1::Demand>());
      demand.set_overdue_noted(FormatDay(today));
      MatterMove move = MoveBy(hub, version.revision, "");
      for (const std::string& provider : demand.providers()) {
        if (!HasAnswered(demand, provider)) Tell(provider, "DEMAND_OVERDUE", demand, move);
      }
      const auto noted = Store(std::move(demand), "overdue", std::move(move));
      // Answered in between: then it is no longer for the sweep.
      if (!noted.ok() && ReasonOf(noted.status()) != "ETAG_MISMATCH") return noted.status();
    }
    token = page.next_page_token;
  } while (!token.empty());
  return absl::OkStatus();
}

}  // namespace zhanqiao::access
