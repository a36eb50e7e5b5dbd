// About 1,200 systems of the bodies: surveyed in January, then moved, merged and cleared, most in time and some not.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "hub/oversight/sample/plan.h"
#include "zhanqiao/v1/inventory.pb.h"

namespace zhanqiao::oversight {
namespace {

constexpr int kSystems = 1200;

struct Kind {
  const char* name;
  const char* function;
  v1::CommonAppClass common;
};
const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kinds = {
      {"综合业务系统", "支撑本单位主要业务的受理、办理、统计与监督", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"办公自动化系统", "公文流转、会议安排、督查督办、信息报送", v1::COMMON_APP_CLASS_OFFICE},
      {"行政审批系统", "行政许可事项的网上申报、受理、审查、决定和证照打印", v1::COMMON_APP_CLASS_APPROVAL},
      {"行政执法系统", "执法检查、案件办理、文书制作和处罚公示", v1::COMMON_APP_CLASS_ENFORCEMENT},
      {"公众办事服务系统", "面向公众的办事指南、网上预约、进度查询", v1::COMMON_APP_CLASS_PUBLIC_SERVICE},
      {"视频会议系统", "单位内部和上下级之间的网络视频会议", v1::COMMON_APP_CLASS_NET_MEETING},
      {"视频监控系统", "办公场所和管理现场的视频监控与存储", v1::COMMON_APP_CLASS_VIDEO_SURVEILLANCE},
      {"电子邮件系统", "工作人员电子邮件收发", v1::COMMON_APP_CLASS_EMAIL},
      {"即时通信系统", "工作人员即时消息和文件传送", v1::COMMON_APP_CLASS_INSTANT_MESSAGING},
      {"统计分析系统", "业务数据汇总、报表和趋势分析", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"档案管理系统", "业务档案和文书档案的归档、检索和借阅", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"信用信息归集系统", "行政许可和行政处罚信用信息的归集与报送", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"资金监管系统", "专项资金的申报、拨付和绩效监管", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"项目库管理系统", "项目储备、审核、进度和验收管理", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"信访投诉处理系统", "投诉举报的登记、转办、反馈和统计", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"门户网站系统", "网站栏目、信息公开和互动交流", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"人事工资管理系统", "人员、编制、工资和考勤管理", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"固定资产管理系统", "固定资产的登记、调拨和盘点", v1::COMMON_APP_CLASS_UNSPECIFIED},
      {"应急指挥调度系统", "突发事件的接报、会商、指挥和评估", v1::COMMON_APP_CLASS_UNSPECIFIED},
  };
  return kinds;
}

std::string Text(absl::CivilDay day) { return FormatDay(day); }

absl::CivilDay MonthEnd(absl::CivilDay day) { return absl::CivilDay(absl::CivilMonth(day) + 1) - 1; }

// The day a system is moved to the cloud; nothing: not in this year.
std::optional<absl::CivilDay> CloudDay(Draw& draw) {
  const int u = draw.Below(1000);
  if (u < 130) return absl::CivilDay(2017, 6, 1) + draw.Below(200);
  if (u < 725) return In2018(2, 1) + draw.Below(149);  // until 06-29
  if (u < 975) return In2018(7, 2) + draw.Below(180);  // until 12-28
  return std::nullopt;
}

// Most is recorded within days; most of what was done at the end of June only in July.
absl::CivilDay Recorded(absl::CivilDay done, Draw& draw) {
  const bool hurried = done >= In2018(6, 15) && done <= In2018(6, 30);
  if (hurried && draw.Percent(80)) return In2018(7, 1) + draw.Below(9);
  return std::max(In2018(1, 8), done + draw.Below(5));
}

class SystemYear {
 public:
  SystemYear(const v1::Organization& body, int number, SamplePlan& plan)
      : kind_(Kinds()[static_cast<size_t>(number)]), number_(number), body_(body), plan_(plan) {
    system_.set_name(absl::StrCat(body.name(), "/systems/sample-", number + 1));
    system_.set_display_name(absl::StrCat(body.short_name().empty() ? body.display_name() : body.short_name(), kind_.name));
    system_.set_function(absl::StrCat(kind_.function, "。", Absl(kSampleMark)));
    system_.set_state(v1::REGISTRATION_STATE_ACTIVE);
  }

  // Records the system's year and gives it as it is at its end.
  v1::InformationSystem Live() {
    Survey();
    PlanClearing();
    PlanMerging();
    PlanCloud();
    std::stable_sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.day < b.day; });
    plan_.Record(surveyed_, system_);
    for (const Step& step : steps_) {
      step.change(*system_.mutable_inventory());
      plan_.Record(step.day, system_);
    }
    return system_;
  }

 private:
  struct Step {
    absl::CivilDay day;
    std::function<void(v1::Inventory&)> change;
  };
  v1::Inventory& inventory() { return *system_.mutable_inventory(); }
  void Then(absl::CivilDay day, std::function<void(v1::Inventory&)> change) {
    steps_.push_back({std::max(day, surveyed_ + 1), std::move(change)});
  }

  void Survey() {
    surveyed_ = In2018(1, 2) + draw_.Below(25);
    v1::Inventory& i = inventory();
    i.set_usage_scope(static_cast<v1::UsageScope>(1 + draw_.Below(5)));
    i.set_usage_frequency(draw_.Percent(70) ? v1::USAGE_FREQUENCY_DAILY : v1::USAGE_FREQUENCY_WEEKLY);
    i.set_funding_source("财政资金");
    i.set_approval_dept("市发展改革委");
    i.set_approval_date(Text(absl::CivilDay(2008, 1, 1) + draw_.Below(3400)));
    i.set_construction_status(draw_.Percent(95) ? v1::CONSTRUCTION_STATUS_IN_USE : v1::CONSTRUCTION_STATUS_BUILDING);
    i.set_build_mode(static_cast<v1::BuildMode>(1 + draw_.Below(4)));
    i.set_cleanup_class(v1::CLEANUP_CLASS_NORMAL);
    i.set_common_app_class(kind_.common);
    i.set_is_classified(number_ > 0 && draw_.Percent(3));
    i.set_network(i.is_classified() ? v1::SYSTEM_NETWORK_INTRANET : static_cast<v1::SystemNetwork>(2 + draw_.Below(3)));
    i.set_is_public_facing(kind_.common == v1::COMMON_APP_CLASS_PUBLIC_SERVICE);
    if (draw_.Percent(90)) i.set_audit_status(draw_.Percent(60) ? v1::AUDIT_STATUS_AUDITED : v1::AUDIT_STATUS_NOT_AUDITED);
    if (!i.is_classified() && draw_.Percent(85)) i.set_mlps_level(draw_.Percent(80) ? 2 : 3);
    const bool exempt = !i.is_classified() && draw_.Percent(7);
    i.set_migration_eligible(!i.is_classified() && !exempt);
    if (exempt) i.set_cloud_exemption(draw_.Percent(50) ? "依赖专用硬件设备" : "上级部门统一部署，随部委系统迁移");
    i.set_last_update_date(Text(absl::CivilDay(2017, 12, 1) - draw_.Below(120)));
    i.set_last_maintenance_date(Text(absl::CivilDay(2017, 12, 20) - draw_.Below(60)));
    // Left for the rules to find.
    if (number_ > 8 && draw_.Percent(3)) {
      i.set_usage_frequency(v1::USAGE_FREQUENCY_NEVER);
      i.set_construction_status(v1::CONSTRUCTION_STATUS_NOT_MAINTAINED);
      i.set_substitute_system(absl::StrCat(body_.name(), "/systems/sample-1"));
      i.set_last_update_date("2015-06-30");
      i.set_last_maintenance_date("2016-03-31");
    }
  }

  // Classed after the survey; most are cleared by the end of March.
  void PlanClearing() {
    if (number_ < 9 || inventory().is_classified() || !draw_.Percent(14)) return;
    const auto one = static_cast<v1::CleanupClass>(v1::CLEANUP_CLASS_IDLE + draw_.Below(3));
    const std::string substitute = absl::StrCat(body_.name(), "/systems/sample-1");
    Then(In2018(2, 5) + draw_.Below(20), [one, substitute](v1::Inventory& i) {
      i.set_cleanup_class(one);
      i.set_usage_frequency(v1::USAGE_FREQUENCY_NEVER);
      i.set_construction_status(v1::CONSTRUCTION_STATUS_NOT_MAINTAINED);
      i.set_substitute_system(substitute);
    });
    const absl::CivilDay cleared = draw_.Percent(86) ? In2018(3, 1) + draw_.Below(31) : In2018(4, 10) + draw_.Below(60);
    Then(cleared + draw_.Below(4), [cleared](v1::Inventory& i) {
      i.set_cleared_date(Text(cleared));
      i.set_construction_status(v1::CONSTRUCTION_STATUS_OUT_OF_USE);
      i.set_migration_eligible(false);
      i.set_on_cloud(false);
      i.clear_cloud_date();
      i.clear_planned_cloud_date();
      i.set_cloud_exemption("已清理停用");
    });
    cleared_ = true;
  }

  // Section-level systems go into the body's one system.
  void PlanMerging() {
    if (cleared_ || number_ < 9 || !draw_.Percent(30)) return;
    inventory().set_is_section_level(true);
    const std::string target = absl::StrCat(body_.name(), "/systems/sample-1");
    Then(In2018(2, 20) + draw_.Below(20), [target](v1::Inventory& i) { i.set_merged_into(target); });
    if (draw_.Percent(4)) return;
    const absl::CivilDay merged = draw_.Percent(84) ? In2018(4, 1) + draw_.Below(90) : In2018(7, 5) + draw_.Below(140);
    Then(Recorded(merged, draw_), [merged](v1::Inventory& i) { i.set_merged_date(Text(merged)); });
  }

  void PlanCloud() {
    v1::Inventory& i = inventory();
    if (cleared_ || !i.migration_eligible()) return;
    const std::optional<absl::CivilDay> moved = CloudDay(draw_);
    if (!moved) {
      if (draw_.Percent(50)) i.set_planned_cloud_date("2018-12-31");
      return;
    }
    const auto on = [moved](v1::Inventory& at) {
      at.set_on_cloud(true);
      at.set_cloud_date(Text(*moved));
      at.set_last_update_date(Text(*moved));
      at.set_last_maintenance_date(Text(*moved));
    };
    if (*moved < surveyed_) {
      on(i);
    } else {
      if (draw_.Percent(92)) i.set_planned_cloud_date(Text(MonthEnd(*moved - draw_.Below(20))));
      Then(Recorded(*moved, draw_), on);
    }
    const absl::CivilDay measured = std::max(*moved, surveyed_) + 30 + draw_.Below(10);
    if (measured <= In2018(12, 28) && draw_.Percent(80)) PlanMeasuring(measured);
  }

  void PlanMeasuring(absl::CivilDay measured) {
    v1::CloudUse use;
    use.set_measured_date(Text(measured));
    use.set_vcpus(2 << draw_.Below(4));
    use.set_memory_gib(use.vcpus() * 2);
    use.set_storage_gib(100 * (1 + draw_.Below(20)));
    use.set_cpu_use_percent(5 + draw_.Below(80));
    use.set_memory_use_percent(10 + draw_.Below(80));
    use.set_storage_use_percent(10 + draw_.Below(80));
    use.set_yearly_cost_yuan(use.vcpus() * 2400 + use.storage_gib() * 8);
    use.set_yearly_cost_before_yuan(use.yearly_cost_yuan() * (80 + draw_.Below(120)) / 100);
    use.set_monthly_transactions(draw_.Percent(4) ? 0 : 200 + draw_.Below(40000));
    use.set_response_ms(80 + draw_.Below(600));
    use.set_response_before_ms(100 + draw_.Below(800));
    Then(measured, [use](v1::Inventory& i) { *i.mutable_cloud_use() = use; });
  }

  const Kind& kind_;
  const int number_;
  const v1::Organization& body_;
  SamplePlan& plan_;
  v1::InformationSystem system_;
  Draw draw_{absl::StrCat(body_.name(), "|", number_)};
  absl::CivilDay surveyed_;
  bool cleared_ = false;
  std::vector<Step> steps_;
};

}  // namespace

Systems PlanSystems(const Organizations& bodies, SamplePlan& plan) {
  Systems systems;
  const int each = kSystems / static_cast<int>(bodies.size());
  int more = kSystems % static_cast<int>(bodies.size());
  for (const v1::Organization& body : bodies) {
    const int most = std::min(each + (more > 0 ? 1 : 0), static_cast<int>(Kinds().size()));
    --more;
    for (int number = 0; number < most; ++number) systems.push_back(SystemYear(body, number, plan).Live());
  }
  return systems;
}

void PlanFacilities(const Organizations& bodies, SamplePlan& plan) {
  const auto facility = [&](const v1::Organization& body, const char* id, v1::FacilityKind kind, const char* what) {
    v1::Facility made;
    made.set_name(absl::StrCat(body.name(), "/facilities/", id));
    made.set_kind(kind);
    made.set_display_name(absl::StrCat(body.short_name().empty() ? body.display_name() : body.short_name(), what));
    made.set_note(std::string(kSampleMark));
    return made;
  };
  // Recorded in the survey, then done by `late` percent after the date they were due by.
  const auto live = [&](v1::Facility made, absl::CivilDay due, int late_percent, int never_percent) {
    Draw draw(made.name());
    const absl::CivilDay surveyed = In2018(1, 5) + draw.Below(20);
    made.set_planned_date(FormatDay(due));
    if (made.kind() == v1::FACILITY_KIND_BUSINESS_NETWORK && draw.Percent(12)) {
      made.set_exemption_approval(absl::StrCat("样例批〔2018〕", 1 + draw.Below(40), "号"));
    }
    plan.Record(surveyed, made);
    if (!made.exemption_approval().empty() || draw.Percent(never_percent)) return;
    const bool late = draw.Percent(late_percent);
    const absl::CivilDay done = late ? due + 1 + draw.Below(60) : due - draw.Below(110);
    if (done > In2018(12, 31)) return;
    if (made.kind() == v1::FACILITY_KIND_BUSINESS_NETWORK) made.set_target_network(v1::SYSTEM_NETWORK_EXTRANET);
    made.set_done_date(FormatDay(done));
    plan.Record(std::max(surveyed + 1, done + draw.Below(4)), made);
  };
  for (size_t i = 0; i < bodies.size(); ++i) {
    const v1::Organization& body = bodies[i];
    v1::Facility exit = facility(body, "exit", v1::FACILITY_KIND_INTERNET_EXIT, "互联网出口");
    exit.set_platform_level(body.kind() == v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT ? v1::PLATFORM_LEVEL_DISTRICT
                                                                                     : v1::PLATFORM_LEVEL_CITY);
    live(std::move(exit), In2018(6, 30), 8, 2);
    if (i % 2 == 0) live(facility(body, "network", v1::FACILITY_KIND_BUSINESS_NETWORK, "业务专网"), In2018(12, 28), 0, 4);
    if (i % 3 == 0) live(facility(body, "portal", v1::FACILITY_KIND_PORTAL, "数据开放网站"), In2018(6, 30), 20, 5);
  }
}

}  // namespace zhanqiao::oversight
