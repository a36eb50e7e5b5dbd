// zq stats: supply and use of shared data as the hub's roll-ups say, and recounted from the ledger without them.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "catalog/base/clock.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/oversight_text.h"
#include "hub/cli/progress.h"
#include "hub/cli/recount.h"
#include "zhanqiao/v1/ledger.grpc.pb.h"
#include "zhanqiao/v1/oversight.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::OversightService::Stub;

struct Question {
  std::string from;
  std::string to;
  std::string organization;
  std::string resource;
  std::vector<std::string> keys;
};

absl::StatusOr<v1::GetSharingRequest> RequestOf(const Question& question) {
  v1::GetSharingRequest request;
  const std::string today = FormatDay(CivilDayOf(absl::Now()));
  request.set_from_day(question.from.empty() ? today.substr(0, 4) + "-01-01" : question.from);
  request.set_to_day(question.to.empty() ? today : question.to);
  if (!question.organization.empty()) request.set_organization(OrganizationArgument(question.organization));
  if (!question.resource.empty()) request.set_resource(ResourceArgument(question.resource));
  for (const std::string& key : question.keys) {
    request.add_keys(static_cast<v1::SharingKey>(TRY(EnumArgument(v1::SharingKey_descriptor(), "SHARING_KEY_", "--by", key))));
  }
  return request;
}

std::string ValueIn(const v1::SharingRow& row, int key) {
  switch (key) {
    case v1::SHARING_KEY_CONSUMER:
      return CodeIn(row.consumer());
    case v1::SHARING_KEY_PROVIDER:
      return CodeIn(row.provider());
    case v1::SHARING_KEY_RESOURCE:
      return CodeIn(row.resource());
    case v1::SHARING_KEY_PURPOSE:
      return row.purpose();
    case v1::SHARING_KEY_REASON:
      return row.reason();
    default:
      return row.day();
  }
}

absl::Status Show(Context& context, const Question& question) {
  Session session(context.options);
  const v1::GetSharingRequest request = TRY(RequestOf(question));
  const v1::Sharing sharing = TRY(session.Call(&Stub::GetSharing, request));
  if (context.json()) {
    PrintWholeJson(sharing, context.out);
    return absl::OkStatus();
  }
  std::vector<std::string> headings;
  for (const int key : request.keys()) headings.push_back(EnumText(v1::SharingKey_descriptor(), key));
  for (const char* heading : {"RELEASED", "REFUSED", "ROWS", "BYTES", "样例 SAMPLE"}) headings.emplace_back(heading);
  Table table(std::move(headings));
  for (const v1::SharingRow& row : sharing.rows()) {
    std::vector<std::string> cells;
    for (const int key : request.keys()) cells.push_back(ValueIn(row, key));
    for (const uint64_t sum : {row.released(), row.refused(), row.rows(), row.released_bytes(), row.sample()}) {
      cells.push_back(absl::StrCat(sum));
    }
    table.Add(std::move(cells));
  }
  context.out << table.Render() << "from roll-ups of " << sharing.reached() << " entries\n";
  return absl::OkStatus();
}

absl::Status ShowQuality(Context& context, const FigureQuestion& question, const std::string& from) {
  Session session(context.options);
  v1::GetSharingQualityRequest request;
  TRY(question.Fill(request));
  request.set_from_day(from);
  const v1::SharingQuality quality = TRY(session.Call(&Stub::GetSharingQuality, request));
  if (context.json()) {
    PrintWholeJson(quality, context.out);
    return absl::OkStatus();
  }
  Table table({"", "ANSWERED", "DAYS MEAN", "DAYS MAX", "OVERDUE", "OPEN"});
  const auto add = [&](const char* what, const v1::DayCounts& counts) {
    table.Add({what, absl::StrCat(counts.answered()), absl::StrCat(counts.days_mean()), absl::StrCat(counts.days_max()),
               absl::StrCat(counts.overdue()), absl::StrCat(counts.open())});
  };
  add("申请 applications", quality.applications());
  add("需求 demands", quality.demands());
  add("异议 objections", quality.objections());
  context.out << table.Render() << quality.applications_approved() << " approved, " << quality.applications_rejected()
              << " rejected; " << quality.demands_satisfied() << " demands satisfied; " << quality.entries_fresh() << " of "
              << quality.entries_published() << " entries within their update cycle\n";
  for (const v1::ReasonCount& reason : quality.rejections()) {
    context.out << "  rejected " << reason.count() << ": " << Printable(reason.reason()) << "\n";
  }
  return absl::OkStatus();
}

// Reads every entry below `reached`, page by page.
absl::Status ReadLedger(Context& context, Session& session, uint64_t reached, Recount& recount) {
  Progress progress(context.err, "entries", static_cast<int64_t>(reached));
  v1::ListEntriesRequest request;
  request.set_page_size(1000);
  while (request.from() < reached) {
    const v1::ListEntriesResponse page = TRY(session.Call(&v1::LedgerService::Stub::ListEntries, request));
    for (const v1::StoredEntry& stored : page.entries()) {
      if (stored.index() >= reached) break;
      TRY(recount.Add(stored.entry()));
    }
    if (page.next() <= request.from()) break;
    request.set_from(page.next());
    progress.Set(static_cast<int64_t>(std::min(page.next(), reached)));
  }
  return absl::OkStatus();
}

absl::Status RecountAll(Context& context) {
  Session session(context.options);
  v1::GetSharingRequest request;
  request.set_from_day("1970-01-01");
  request.set_to_day("9999-12-31");
  request.set_ledger_only(true);
  for (const v1::SharingKey key : Recount::kKeys) request.add_keys(key);
  const v1::Sharing sharing = TRY(session.Call(&Stub::GetSharing, request));
  Recount recount;
  TRY(ReadLedger(context, session, sharing.reached(), recount));
  const std::vector<std::string> differences = recount.Differences(sharing);
  if (context.json()) {
    context.out << "{\"equal\":" << (differences.empty() ? "true" : "false") << ",\"entries\":" << sharing.reached()
                << ",\"releases\":" << recount.releases() << ",\"refusals\":" << recount.refusals()
                << ",\"cells\":" << recount.cells() << ",\"differences\":" << differences.size() << "}\n";
  } else {
    context.out << sharing.reached() << " entries read: " << recount.releases() << " releases, " << recount.refusals()
                << " refusals in " << recount.cells() << " sums\n";
    for (size_t i = 0; i < std::min<size_t>(20, differences.size()); ++i) context.out << "  differs: " << differences[i] << "\n";
    context.out << (differences.empty() ? "一致 equal: every sum of the roll-ups is that of the entries\n" : "不一致 NOT EQUAL\n");
  }
  if (differences.empty()) return absl::OkStatus();
  return Fail(absl::StatusCode::kDataLoss, "STATS_DIFFER", "The roll-ups differ from the ledger's entries.",
              {{"differences", absl::StrCat(differences.size())}});
}

}  // namespace

void AddStatsCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("stats", "Supply and use of shared data (共享统计)");
  group->require_subcommand(1);
  auto question = std::make_shared<Question>();
  auto* show = group->add_subcommand("show", "Releases and refusals, from the roll-ups");
  show->add_option("--from", question->from, "YYYY-MM-DD; this year's first day if left out");
  show->add_option("--to", question->to, "YYYY-MM-DD; today if left out");
  show->add_option("--org", question->organization, "Code of a body that supplied or used");
  show->add_option("--resource", question->resource, "One entry of the catalogue");
  show->add_option("--by", question->keys, "day or month, consumer, provider, resource, purpose, reason (repeatable)")
      ->delimiter(',');
  show->callback([&context, question] { context.action = [&context, question] { return Show(context, *question); }; });

  auto asked = std::make_shared<FigureQuestion>();
  auto from = std::make_shared<std::string>();
  auto* quality = group->add_subcommand("quality", "Days that applications, demands and objections took; freshness");
  quality->add_option("--from", *from, "YYYY-MM-DD: only what was asked for on or after it");
  asked->AddTo(*quality);
  quality->callback([&context, asked, from] { context.action = [&context, asked, from] { return ShowQuality(context, *asked, *from); }; });

  group->add_subcommand("recount", "Counts every entry of the ledger again and compares (auditor, office)")
      ->callback([&context] { context.action = [&context] { return RecountAll(context); }; });
}

}  // namespace zhanqiao::cli
