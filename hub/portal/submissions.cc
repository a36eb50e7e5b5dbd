#include "hub/portal/submissions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"
#include "catalog/model/text_rules.h"
#include "hub/access/access_rules.h"
#include "hub/access/sign_in_limits.h"
#include "hub/oversight/datasets/dataset.h"
#include "hub/oversight/datasets/identifiers_rule.h"

namespace zhanqiao::portal {
namespace {

constexpr std::string_view kSubmissions = "submissions/";
constexpr size_t kPerNetworkMax = 5;
constexpr size_t kAllMax = 200;
constexpr size_t kAnswerMax = 2000;
constexpr absl::Duration kWindow = absl::Hours(1);

bool IsName(std::string_view name) {
  if (name.substr(0, kSubmissions.size()) != kSubmissions || name.size() != kSubmissions.size() + 26) return false;
  return std::all_of(name.begin() + kSubmissions.size(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

absl::Status CheckAnswerText(std::string_view answer, bool required) {
  catalog::Violations found;
  found.Text("answer", answer, required ? catalog::Violations::Presence::kRequired : catalog::Violations::Presence::kOptional, kAnswerMax,
             /*lines=*/true);
  return BadFields(found.Take());
}

bool MayAnswer(const Caller& caller, const v1::Submission& submission) {
  if (access::HoldsAny(caller, {"office"})) return true;
  return !submission.organization().empty() && access::HoldsAnyAt(caller, submission.organization(), {"org_clerk", "org_approver"});
}

bool MayList(const Caller& caller, const v1::Submission& submission) {
  return access::HoldsAny(caller, {"auditor"}) || MayAnswer(caller, submission);
}

absl::Status CheckOpen(const v1::Submission& submission) {
  if (submission.state() == v1::SUBMISSION_STATE_RECEIVED || submission.state() == v1::SUBMISSION_STATE_ACCEPTED) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "SUBMISSION_STATE", "The submission was answered or declined already.",
              {{"document", submission.name()}, {"state", v1::SubmissionState_Name(submission.state())}});
}

// The oldest leave, as far as they are past the window.
void Forget(std::deque<absl::Time>& times, absl::Time now) {
  while (!times.empty() && now - times.front() >= kWindow) times.pop_front();
}

}  // namespace

v1::Submission ForThePublic(v1::Submission submission) {
  submission.clear_moderator();
  submission.clear_answerer();
  submission.clear_etag();
  if (submission.shown()) return submission;
  submission.clear_title();
  submission.clear_text();
  return submission;
}

absl::Status PortalService::Admit(const std::string& network) {
  const absl::Time now = parts_.clock.Now();
  absl::MutexLock lock(&mu_);
  Forget(all_, now);
  if (by_network_.size() > 4 * kAllMax) {
    absl::erase_if(by_network_, [&](auto& entry) {
      Forget(entry.second, now);
      return entry.second.empty();
    });
  }
  std::deque<absl::Time>& own = by_network_[network];
  Forget(own, now);
  const bool full = all_.size() >= kAllMax;
  if (full || own.size() >= kPerNetworkMax) {
    const absl::Duration wait = kWindow - (now - (full ? all_.front() : own.front()));
    return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "SUBMISSIONS_TOO_MANY",
                               "Too many submissions came from your network, or in all, within an hour; try again after the delay given."),
                          static_cast<int>(absl::ToInt64Milliseconds(wait)));
  }
  all_.push_back(now);
  own.push_back(now);
  return absl::OkStatus();
}

absl::StatusOr<PortalService::Held> PortalService::Find(const std::string& name) const {
  if (!IsName(name)) return BadField("NAME_INVALID", "name", "Give submissions/{id}.");
  const documents::Version version = TRY(parts_.store.Get(name));
  return Held{TRY(version.As<v1::Submission>()), version.revision};
}

absl::StatusOr<v1::Submission> PortalService::Store(const std::string& actor, v1::Submission submission, uint64_t revision,
                                                    std::string_view reason) {
  documents::Transaction transaction;
  transaction.changes.push_back(catalog::ChangeTo(std::move(submission), revision));
  transaction.actor = actor;
  transaction.reason = std::string(reason);
  const auto versions = TRY(parts_.store.Apply(std::move(transaction)));
  return catalog::DocumentOf<v1::Submission>(versions.at(0));
}

absl::StatusOr<v1::Submission> PortalService::CreateSubmission(const Caller& caller, const v1::CreateSubmissionRequest& request) {
  using Presence = catalog::Violations::Presence;
  catalog::Violations found;
  found.Require(request.kind() != v1::SUBMISSION_KIND_UNSPECIFIED && v1::SubmissionKind_IsValid(request.kind()), "kind", "ENUM_VALUE",
                catalog::OneOf(v1::SubmissionKind_descriptor()));
  found.Text("title", request.title(), Presence::kRequired, 100);
  found.Text("text", request.text(), Presence::kRequired, 2000, /*lines=*/true);
  found.Require(request.kind() != v1::SUBMISSION_KIND_CORRECTION || !request.dataset().empty(), "dataset", "DATASET_REQUIRED",
                "Name the dataset in which something is wrong.");
  for (const auto& [field, text] : {std::pair{"title", &request.title()}, std::pair{"text", &request.text()}}) {
    found.Require(!datasets::HoldsIdentifier(*text), field, "TEXT_HOLDS_PERSONAL_DATA",
                  "Leave identity, telephone and card numbers and mail addresses out; the answer stands under the submission's id.");
  }
  TRY(BadFields(found.Take()));
  v1::Submission submission;
  if (!request.dataset().empty()) {
    const auto version = datasets::IsDatasetName(request.dataset()) ? parts_.store.Get(request.dataset()) : absl::NotFoundError("");
    const auto dataset = version.ok() ? version->As<v1::Dataset>() : v1::Dataset();
    if (!dataset.ok() || dataset->issue_date().empty()) {
      return BadField("DATASET_UNKNOWN", "dataset", "No such dataset is on the portal; give organizations/{code}/datasets/{id}, or nothing.");
    }
    submission.set_dataset(request.dataset());
    submission.set_organization(std::string(catalog::OrganizationOf(request.dataset())));
  }
  TRY(Admit(access::NetworkOf(caller.address)));
  submission.set_name(absl::StrCat(Absl(kSubmissions), NewId(parts_.clock.Now(), parts_.random)));
  submission.set_kind(request.kind());
  submission.set_title(request.title());
  submission.set_text(request.text());
  submission.set_state(v1::SUBMISSION_STATE_RECEIVED);
  *submission.mutable_create_time() = catalog::ToTimestamp(parts_.clock.Now());
  // Nobody is named: the hub wrote it down.
  return ForThePublic(TRY(Store("hub", std::move(submission), 0, "from the portal")));
}

absl::StatusOr<v1::Submission> PortalService::GetSubmission(const Caller&, const v1::GetSubmissionRequest& request) {
  const Held held = TRY(Find(request.name()));
  return ForThePublic(held.submission);
}

absl::StatusOr<v1::ListSubmissionsResponse> PortalService::ListSubmissions(const Caller& caller, const v1::ListSubmissionsRequest& request) {
  if (!access::HoldsAny(caller, {"office", "auditor", "org_clerk", "org_approver"})) {
    return access::RoleRequired("office, auditor, org_clerk, org_approver");
  }
  const auto keep = [&](const documents::Version& version) {
    const auto submission = version.As<v1::Submission>();
    return submission.ok() && MayList(caller, *submission) && (request.dataset().empty() || submission->dataset() == request.dataset()) &&
           (request.state() == v1::SUBMISSION_STATE_UNSPECIFIED || submission->state() == request.state()) &&
           (request.kind() == v1::SUBMISSION_KIND_UNSPECIFIED || submission->kind() == request.kind());
  };
  const std::string tag = catalog::ListTag(request);
  const std::string inner = TRY(documents::LastOfPage(request.page_token(), tag));
  const auto page = TRY(parts_.store.List(kSubmissions, request.page_size(), inner, {}, keep));
  v1::ListSubmissionsResponse response;
  for (const documents::Version& version : page.versions) *response.add_submissions() = TRY(catalog::DocumentOf<v1::Submission>(version));
  if (!page.next_page_token.empty()) response.set_next_page_token(documents::PageToken(tag, page.next_page_token));
  return response;
}

absl::StatusOr<v1::Submission> PortalService::ModerateSubmission(const Caller& caller, const v1::ModerateSubmissionRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  Held held = TRY(Find(request.name()));
  v1::Submission& submission = held.submission;
  TRY(catalog::RequireEtag(request.etag(), submission.name(), held.revision));
  TRY(CheckAnswerText(request.answer(), request.declined()));
  // What was answered can still be hidden or shown.
  if (request.declined() || !request.organization().empty()) TRY(CheckOpen(submission));
  if (!request.organization().empty()) {
    if (parts_.catalog.FindOrganization(request.organization()) == nullptr) {
      return BadField("ORGANIZATION_UNKNOWN", "organization", "No such organisation; give organizations/{code}.");
    }
    submission.set_organization(request.organization());
  }
  submission.set_shown(request.shown());
  submission.set_moderator(caller.subject);
  if (request.declined()) {
    submission.set_state(v1::SUBMISSION_STATE_DECLINED);
    submission.set_answer(request.answer());
    *submission.mutable_answer_time() = catalog::ToTimestamp(parts_.clock.Now());
  } else if (submission.state() == v1::SUBMISSION_STATE_RECEIVED) {
    submission.set_state(v1::SUBMISSION_STATE_ACCEPTED);
  }
  return Store(caller.subject, std::move(submission), held.revision, request.shown() ? "shown" : "not shown");
}

absl::StatusOr<v1::Submission> PortalService::AnswerSubmission(const Caller& caller, const v1::AnswerSubmissionRequest& request) {
  if (!access::HoldsAny(caller, {"office", "org_clerk", "org_approver"})) return access::RoleRequired("office, org_clerk, org_approver of the body");
  auto held = Find(request.name());
  const bool office = access::HoldsAny(caller, {"office"});
  if (!held.ok()) return office || held.status().code() != absl::StatusCode::kNotFound ? held.status() : access::RoleRequired("office, persons of the body");
  v1::Submission& submission = held->submission;
  if (!MayAnswer(caller, submission)) return access::RoleRequired("office, persons of the body");
  TRY(catalog::RequireEtag(request.etag(), submission.name(), held->revision));
  TRY(CheckOpen(submission));
  TRY(CheckAnswerText(request.answer(), true));
  submission.set_answer(request.answer());
  submission.set_answerer(caller.subject);
  submission.set_state(v1::SUBMISSION_STATE_ANSWERED);
  *submission.mutable_answer_time() = catalog::ToTimestamp(parts_.clock.Now());
  return Store(caller.subject, std::move(submission), held->revision, "answered");
}

absl::StatusOr<std::vector<v1::Submission>> PortalService::Shown(std::string_view dataset, size_t count) const {
  std::vector<v1::Submission> shown;
  std::string token;
  do {
    const auto keep = [&](const documents::Version& version) {
      const auto submission = version.As<v1::Submission>();
      return submission.ok() && submission->shown() && (dataset.empty() || submission->dataset() == dataset);
    };
    const auto page = TRY(parts_.store.List(kSubmissions, 1000, token, {}, keep));
    for (const documents::Version& version : page.versions) shown.push_back(ForThePublic(TRY(version.As<v1::Submission>())));
    token = page.next_page_token;
  } while (!token.empty());
  // Names sort by time.
  std::reverse(shown.begin(), shown.end());
  if (shown.size() > count) shown.resize(count);
  return shown;
}

}  // namespace zhanqiao::portal
