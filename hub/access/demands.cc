#include "hub/access/demands.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/matter.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kTitleMax = 100;
constexpr size_t kDescriptionMax = 1000;
constexpr size_t kPurposeMax = 500;
constexpr int kFieldsMax = 50;
constexpr int kMatchMax = 20;

absl::Status CheckPublished(const google::protobuf::RepeatedPtrField<std::string>& names,
                            const catalog::Catalog& catalog) {
  if (names.size() > kMatchMax) return BadField("LIST_TOO_LONG", "resources", "Give at most 20 entries.");
  for (int i = 0; i < names.size(); ++i) {
    const auto resource = catalog.FindResource(names[i]);
    if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) {
      return BadField("RESOURCE_UNKNOWN", absl::StrCat("resources[", i, "]"),
                      "No such published entry; find one by search.");
    }
  }
  return absl::OkStatus();
}

// Pairs of neighbouring characters; three bytes each in UTF-8, which is all that Chinese names here take.
std::set<std::string> PairsOf(std::string_view text) {
  std::set<std::string> pairs;
  std::string before;
  for (size_t at = 0; at < text.size();) {
    size_t length = 1;
    while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
      ++length;
    std::string character(text.substr(at, length));
    if (length < 3) {
      before.clear();
    } else {
      if (!before.empty()) pairs.insert(before + character);
      before = std::move(character);
    }
    at += length;
  }
  return pairs;
}

bool IsCommon(const std::string& pair) {
  static const auto* const common = new std::set<std::string>{
      "青岛", "岛市", "市人", "人民", "民政府", "政府", "管理", "理局", "委员", "员会",
      "信息", "数据", "登记", "市政", "办公",   "公室", "中国", "国家", "监督", "有限",
      "公司", "名录", "统计", "情况", "记信",   "工作", "单位", "部门", "系统", "整合",
      "共享", "报送", "编目", "本部", "责任",   "未列", "方案", "配合", "牵头"};
  return common->count(pair) > 0;
}

bool SharesPair(std::string_view text, const std::set<std::string>& wanted) {
  const std::set<std::string> pairs = PairsOf(text);
  return std::any_of(pairs.begin(), pairs.end(),
                     [&](const auto& pair) { return wanted.count(pair) > 0 && !IsCommon(pair); });
}

}  // namespace

absl::Status CheckNeed(const v1::CreateDemandRequest& request) {
  TRY(CheckText("title", request.title(), kTitleMax, true));
  TRY(CheckText("description", request.description(), kDescriptionMax, true));
  TRY(CheckText("purpose", request.purpose(), kPurposeMax, true));
  if (request.wanted_fields_size() > kFieldsMax)
    return BadField("LIST_TOO_LONG", "wanted_fields", "Give at most 50 信息项.");
  for (int i = 0; i < request.wanted_fields_size(); ++i) {
    TRY(CheckText(absl::StrCat("wanted_fields[", i, "]"), request.wanted_fields(i), kTitleMax, true));
  }
  return absl::OkStatus();
}

absl::Status CheckMatch(const v1::MatchDemandRequest& request, const catalog::Catalog& catalog) {
  if (request.providers().empty() || request.providers_size() > kMatchMax) {
    return BadField("PROVIDERS_REQUIRED", "providers", "Give 1 to 20 bodies that may hold the data.");
  }
  for (int i = 0; i < request.providers_size(); ++i) {
    if (catalog.FindOrganization(request.providers(i)) == nullptr) {
      return BadField("ORGANIZATION_UNKNOWN", absl::StrCat("providers[", i, "]"),
                      "No such organisation; give organizations/{code}.");
    }
  }
  TRY(CheckPublished(request.resources(), catalog));
  return CheckText("reason", request.reason(), kPurposeMax, false);
}

absl::Status CheckAnswer(const v1::AnswerDemandRequest& request, const catalog::Catalog& catalog,
                         absl::CivilDay today) {
  TRY(CheckText("reason", request.reason(), kDescriptionMax,
                request.kind() == v1::DEMAND_ANSWER_KIND_NOT_HELD));
  switch (request.kind()) {
    case v1::DEMAND_ANSWER_KIND_WILL_PUBLISH: {
      const auto by = ParseDay(request.publish_by());
      if (by.ok() && *by > today) return absl::OkStatus();
      return BadField("DATE_INVALID", "publish_by",
                      "Give a date after today as YYYY-MM-DD, by which the entry is published.");
    }
    case v1::DEMAND_ANSWER_KIND_EXISTS:
      if (request.resources().empty())
        return BadField("RESOURCES_REQUIRED", "resources", "Name the entries that serve the need.");
      return CheckPublished(request.resources(), catalog);
    case v1::DEMAND_ANSWER_KIND_NOT_HELD:
      return absl::OkStatus();
    default:
      return BadField("ENUM_VALUE", "kind", "Give WILL_PUBLISH, EXISTS or NOT_HELD.");
  }
}

absl::Status CheckDemandState(const v1::Demand& demand, std::initializer_list<v1::DemandState> states) {
  std::vector<std::string> expected;
  for (const v1::DemandState state : states) {
    if (demand.state() == state) return absl::OkStatus();
    expected.push_back(v1::DemandState_Name(state));
  }
  return Fail(absl::StatusCode::kFailedPrecondition, "DEMAND_STATE",
              "The demand is in another state; read it again.",
              {{"document", demand.name()},
               {"state", v1::DemandState_Name(demand.state())},
               {"expected", absl::StrJoin(expected, ",")}});
}

bool IsMatchedTo(const v1::Demand& demand, std::string_view organization) {
  return std::find(demand.providers().begin(), demand.providers().end(), organization) !=
         demand.providers().end();
}

bool HasAnswered(const v1::Demand& demand, std::string_view organization) {
  return std::any_of(demand.answers().begin(), demand.answers().end(),
                     [&](const auto& answer) { return answer.provider() == organization; });
}

bool MaySee(const Caller& caller, const v1::Demand& demand) {
  if (HoldsAny(caller, {"office", "auditor"})) return true;
  if (caller.organization.empty() || caller.kind == SubjectKind::kConnector) return false;
  return caller.organization == demand.consumer() || IsMatchedTo(demand, caller.organization);
}

v1::Demand Counted(v1::Demand demand, const WorkCalendar& calendar, absl::CivilDay day) {
  const auto due = ParseDay(demand.due_date());
  if (!due.ok() || !demand.has_match_time()) return demand;
  const bool answered = demand.answers_size() > 0 && demand.answers_size() == demand.providers_size();
  if (answered) day = DayOf(demand.answers(demand.answers_size() - 1).answer_time());
  const DayCount days = CountDays(calendar, DayOf(demand.match_time()), *due, day);
  demand.set_working_days(days.working_days);
  demand.set_overdue_working_days(days.overdue_working_days);
  return demand;
}

std::string_view WhyMatches(const v1::Organization& organization, std::string_view need) {
  const std::set<std::string> wanted = PairsOf(need);
  if (SharesPair(organization.display_name() + "|" + organization.short_name(), wanted)) return "name";
  return SharesPair(organization.plan_role(), wanted) ? "duty" : "";
}

}  // namespace zhanqiao::access
