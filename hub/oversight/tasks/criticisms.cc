// Notices of criticism (通报, plan 三（一）): drafted from what is overdue, published by a second person of the office.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/error.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"
#include "hub/access/access_rules.h"
#include "hub/access/matter.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/tasks/task_service.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kCriticisms = "criticisms/";
constexpr size_t kTextMax = 10000;

std::string PercentText(double value) { return absl::StrFormat("%.1f%%", value * 100); }

// The draft, in the form of the office's own notices.
std::string TextOf(const RecordsView& view, const v1::Criticism& criticism, absl::CivilDay day,
                   const documents::Knowledge& known) {
  std::string text = absl::StrCat("截至 ", criticism.as_of(), "，依据青政办发〔2017〕40号任务台账，下列单位的 ", criticism.items_size(),
                                  " 项任务逾期未完成，现予通报：\n");
  int number = 0;
  for (const v1::CriticismItem& item : criticism.items()) {
    absl::StrAppend(&text, ++number, "．", DisplayNameOf(view, item.organization(), day, known), "：", item.title(), "（",
                    CodeOf(item.task()).substr(item.task().rfind('/') + 1), "），应于 ", item.deadline(), " 前完成，逾期 ",
                    item.days_overdue(), " 天");
    if (item.has_target() && item.target() <= 1.0) {
      absl::StrAppend(&text, "，现 ", PercentText(item.value()), "，目标 ", PercentText(item.target()));
    }
    text += "。\n";
  }
  absl::StrAppend(&text, "请有关单位于收到通报后制定整改措施并报专项小组办公室。\n");
  return text;
}

}  // namespace

absl::StatusOr<v1::Criticism> TaskService::DraftCriticism(const Caller& caller, const v1::DraftCriticismRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("criticism", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(parts_.store, key))) return catalog::DocumentOf<v1::Criticism>(*made);
  const absl::CivilDay as_of = TRY(access::CountingDay(request.as_of(), Today()));
  v1::Criticism criticism;
  criticism.set_name(absl::StrCat(Absl(kCriticisms), NewId(parts_.clock.Now(), parts_.random)));
  criticism.set_state(v1::CRITICISM_STATE_DRAFT);
  criticism.set_as_of(FormatDay(as_of));
  criticism.set_known_at(parts_.position());
  criticism.set_title(absl::StrCat("关于政务信息系统整合共享逾期任务的通报（", FormatDay(as_of), "）"));
  criticism.set_drafter(caller.subject);
  const documents::Knowledge known{.known_at = criticism.known_at(), .before = std::nullopt};
  const absl::Status looked = WithBook(as_of, known, [&](const RecordsView& view, DutyBook& book) -> absl::Status {
    for (const auto& [name, history] : view.tasks.all()) {
      const auto* newest = history.Newest(known);
      if (newest == nullptr) continue;
      const v1::Task& task = newest->fact;
      const v1::DutyProgress progress = TRY(book.ProgressOf(task));
      if (!progress.overdue()) continue;
      // Who is behind is named; where nobody's own share tells, who leads.
      std::vector<std::string> named(progress.behind().begin(), progress.behind().end());
      if (named.empty()) named = book.LeadsOf(task);
      for (const std::string& body : named) {
        v1::CriticismItem& item = *criticism.add_items();
        item.set_organization(body);
        item.set_task(name);
        item.set_title(task.title());
        item.set_deadline(task.deadline());
        item.set_days_overdue(-progress.days_to_deadline());
        const auto own = IsDerived(task) ? book.ValueOf(task, body) : std::nullopt;
        item.set_value(own.value_or(progress.value()));
        if (progress.has_target()) item.set_target(progress.target());
      }
    }
    criticism.set_text(TextOf(view, criticism, as_of, known));
    return absl::OkStatus();
  });
  TRY(looked);
  if (criticism.items().empty()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "NOTHING_OVERDUE", "No duty is overdue on this date; there is nothing to criticise.",
                {{"as_of", criticism.as_of()}});
  }
  return catalog::Create(parts_.store, caller, criticism, key, "drafted");
}

absl::StatusOr<v1::Criticism> TaskService::GetCriticism(const Caller& caller, const v1::GetCriticismRequest& request) {
  if (caller.kind == SubjectKind::kNone) return access::RoleRequired("any registered subject");
  TRY(access::CheckMatterName(request.name(), kCriticisms));
  const auto criticism = catalog::Fetch<v1::Criticism>(parts_.store, request.name(), {});
  const bool office = access::HoldsAny(caller, {"office"});
  // A draft is nobody's business but the office's: others get the answer of one that is not there.
  if (criticism.ok() && criticism->state() == v1::CRITICISM_STATE_DRAFT && !office) return catalog::NotFound(request.name());
  return criticism;
}

absl::StatusOr<v1::ListCriticismsResponse> TaskService::ListCriticisms(const Caller& caller,
                                                                       const v1::ListCriticismsRequest& request) {
  if (caller.kind == SubjectKind::kNone) return access::RoleRequired("any registered subject");
  const bool office = access::HoldsAny(caller, {"office"});
  const auto keep = [&](const documents::Version& version) {
    const auto criticism = version.As<v1::Criticism>();
    return criticism.ok() && (office || criticism->state() == v1::CRITICISM_STATE_PUBLISHED);
  };
  const auto page = TRY(parts_.store.List(kCriticisms, request.page_size(), request.page_token(), {}, keep));
  v1::ListCriticismsResponse response;
  for (const documents::Version& version : page.versions) {
    *response.add_criticisms() = TRY(catalog::DocumentOf<v1::Criticism>(version));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Criticism> TaskService::PublishCriticism(const Caller& caller, const v1::PublishCriticismRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  TRY(access::CheckMatterName(request.name(), kCriticisms));
  const documents::Version version = TRY(parts_.store.Get(request.name()));
  v1::Criticism criticism = TRY(version.As<v1::Criticism>());
  TRY(access::RequireCurrent(request.etag(), version));
  if (criticism.state() != v1::CRITICISM_STATE_DRAFT) {
    return Fail(absl::StatusCode::kFailedPrecondition, "CRITICISM_STATE", "Only a draft is published; read the notice again.",
                {{"document", criticism.name()}, {"state", v1::CriticismState_Name(criticism.state())}});
  }
  if (criticism.drafter() == caller.subject) {
    return Fail(absl::StatusCode::kPermissionDenied, "FOUR_EYES", "A second person of the office publishes what one drafted.",
                {{"document", criticism.name()}});
  }
  TRY(access::CheckText("text", request.text(), kTextMax, false));
  for (const int32_t position : request.strike_out()) {
    if (position < 0 || position >= criticism.items_size()) {
      return BadField("POSITION_INVALID", "strike_out", "Give positions of items of the draft, from 0.");
    }
    criticism.mutable_items(position)->set_struck_out(true);
  }
  if (!request.text().empty()) {
    criticism.set_text(request.text());
  } else if (request.strike_out_size() > 0) {
    v1::Criticism left = criticism;
    left.clear_items();
    for (const v1::CriticismItem& item : criticism.items()) {
      if (!item.struck_out()) *left.add_items() = item;
    }
    const absl::CivilDay as_of = TRY(ParseDay(criticism.as_of()));
    const documents::Knowledge known{.known_at = criticism.known_at(), .before = std::nullopt};
    TRY(parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
      criticism.set_text(TextOf(view, left, as_of, known));
      return absl::OkStatus();
    }));
  }
  criticism.set_state(v1::CRITICISM_STATE_PUBLISHED);
  criticism.set_publisher(caller.subject);
  *criticism.mutable_publish_time() = catalog::ToTimestamp(parts_.clock.Now());
  documents::Transaction transaction;
  std::set<std::string> told;
  for (const v1::CriticismItem& item : criticism.items()) {
    if (item.struck_out() || !told.insert(item.organization()).second) continue;
    const catalog::NewNotice notice{.kind = "CRITICISM_PUBLISHED", .subject = criticism.name(),
                                    .facts = {{"title", criticism.title()}, {"task", item.task()}}};
    transaction.changes.push_back(catalog::NoticeTo(item.organization(), notice, parts_.clock.Now(), parts_.random));
  }
  transaction.changes.insert(transaction.changes.begin(), catalog::ChangeTo(criticism, version.revision));
  transaction.actor = caller.subject;
  transaction.reason = "published";
  const std::vector<documents::Version> versions = TRY(parts_.store.Apply(std::move(transaction)));
  return catalog::DocumentOf<v1::Criticism>(versions.front());
}

}  // namespace zhanqiao::oversight
