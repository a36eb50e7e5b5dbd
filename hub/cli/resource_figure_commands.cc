// zq resource findings, coverage.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/catalog.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::CatalogService::Stub;

struct Question {
  std::string organization;
  std::string reason;
  std::string as_of;
};

absl::Status ListFindings(Context& context, const Question& question) {
  Session session(context.options);
  v1::ListFindingsRequest request;
  if (!question.organization.empty()) request.set_organization(OrganizationArgument(question.organization));
  request.set_reason(question.reason);
  request.set_as_of(question.as_of);
  const auto all = TRY(ListAll(session, &Stub::ListFindings, request, &v1::ListFindingsResponse::mutable_findings));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  std::string last;
  for (const auto& one : all.findings()) {
    if (one.resource() != last) {
      context.out << one.resource() << "  " << Printable(one.display_name()) << "  "
                  << one.provider().substr(one.provider().find('/') + 1) << "\n";
    }
    last = one.resource();
    const std::string text =
        absl::StrCat(one.finding().reason(), " ", one.finding().field(), ": ", one.finding().description());
    for (const std::string& line : Wrapped(text, kScreenCells - 4)) context.out << "    " << line << "\n";
  }
  context.out << all.findings_size() << " findings\n";
  return absl::OkStatus();
}

std::string Percent(double share) { return absl::StrFormat("%.1f%%", share * 100); }

absl::Status ShowCoverage(Context& context, const std::string& as_of) {
  Session session(context.options);
  v1::GetBaseDatabaseCoverageRequest request;
  request.mutable_read_at()->set_as_of(as_of);
  const auto coverage = TRY(session.Call(&Stub::GetBaseDatabaseCoverage, request));
  if (context.json()) {
    PrintJson(coverage, context.out);
    return absl::OkStatus();
  }
  Table table({"基础库", "项", "已发布", "在编", "提供方", "应提供", "覆盖", "信息项", "无条件", "逾期"});
  for (const auto& one : coverage.coverages()) {
    table.Add({one.base_database(), one.guide_item(), absl::StrCat(one.entries_published()),
               absl::StrCat(one.entries_in_preparation()), absl::StrCat(one.providers()),
               absl::StrCat(one.providers_expected()),
               one.providers_expected() == 0 ? "" : Percent(one.provider_share()), absl::StrCat(one.items()),
               one.entries_published() == 0 ? "" : Percent(one.unconditional_share()), absl::StrCat(one.overdue())});
  }
  context.out << table.Render() << "截至 as of " << coverage.as_of() << "\n";
  for (const auto& one : coverage.coverages()) {
    for (const std::string& missing : one.providers_missing()) {
      context.out << "尚未提供 missing: " << one.base_database() << "  " << missing << "\n";
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddResourceFigureCommands(CLI::App& group, Context& context) {
  auto question = std::make_shared<Question>();
  auto* findings = group.add_subcommand("findings", "What entries should improve");
  findings->add_option("--org", question->organization, "Code of the organisation; all one may see if left out");
  findings->add_option("--reason", question->reason, "Only this one, for example UPDATE_OVERDUE");
  findings->add_option("--as-of", question->as_of, "YYYY-MM-DD on which update cycles are judged; today if left out");
  findings->callback(
      [&context, question] { context.action = [&context, question] { return ListFindings(context, *question); }; });

  auto* coverage = group.add_subcommand("coverage", "The five base databases and electronic certificates in figures");
  coverage->add_option("--as-of", question->as_of, "YYYY-MM-DD; now if left out");
  coverage->callback([&context, question] {
    context.action = [&context, question] { return ShowCoverage(context, question->as_of); };
  });
}

}  // namespace zhanqiao::cli
