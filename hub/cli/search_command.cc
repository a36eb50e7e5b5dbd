// zq resource search.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/emphasis.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "zhanqiao/v1/search.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::SearchService::Stub;

constexpr size_t kIndent = 5;
constexpr size_t kTextCells = kScreenCells - kIndent;

struct Asked {
  v1::SearchResourcesRequest request;
  std::vector<std::string> words;
  std::vector<std::string> providers, classes, items, bases;
  std::vector<std::string> shares, opens, cycles, formats, states;
  std::string order;
};

template <typename Values>
absl::Status AddEnums(const std::vector<std::string>& texts, std::string_view option, std::string_view prefix,
                      const google::protobuf::EnumDescriptor* type, Values& values) {
  for (const std::string& text : texts) values.Add(TRY(EnumArgument(type, prefix, option, text)));
  return absl::OkStatus();
}

absl::Status Fill(const Asked& asked, v1::SearchResourcesRequest& request) {
  for (const std::string& word : asked.words)
    absl::StrAppend(request.mutable_text(), request.text().empty() ? "" : " ", word);
  v1::SearchFilter& filter = *request.mutable_filter();
  for (const std::string& one : asked.providers) filter.add_providers(OrganizationArgument(one));
  for (const std::string& one : asked.classes) filter.add_classes(one);
  for (const std::string& one : asked.items) filter.add_items(one);
  for (const std::string& one : asked.bases) filter.add_base_databases(one);
  TRY(AddEnums(asked.shares, "--share", "SHARE_TYPE_", v1::ShareType_descriptor(),
               *filter.mutable_share_types()));
  TRY(AddEnums(asked.opens, "--open", "OPEN_TYPE_", v1::OpenType_descriptor(), *filter.mutable_open_types()));
  TRY(AddEnums(asked.cycles, "--cycle", "UPDATE_CYCLE_", v1::UpdateCycle_descriptor(),
               *filter.mutable_update_cycles()));
  TRY(AddEnums(asked.formats, "--format", "FORMAT_CATEGORY_", v1::FormatCategory_descriptor(),
               *filter.mutable_format_categories()));
  TRY(AddEnums(asked.states, "--state", "RESOURCE_STATE_", v1::ResourceState_descriptor(),
               *filter.mutable_states()));
  google::protobuf::RepeatedField<int> order;
  if (!asked.order.empty())
    TRY(AddEnums({asked.order}, "--order", "SEARCH_ORDER_", v1::SearchOrder_descriptor(), order));
  if (!order.empty()) request.set_order(static_cast<v1::SearchOrder>(order.Get(0)));
  return absl::OkStatus();
}

template <typename Segments>
void Append(const Segments& segments, std::vector<Piece>& pieces) {
  for (const v1::TextSegment& segment : segments) pieces.push_back({segment.text(), segment.match()});
}

void PrintLines(const std::vector<Piece>& pieces, size_t lines, bool terminal, std::ostream& out) {
  for (const std::string& line : EmphasisedLines(pieces, kTextCells, lines, terminal)) {
    out << std::string(kIndent, ' ') << line << "\n";
  }
}

// Columns: rank 3, code 26, provider 16, sharing 13, cycle 10, release date 10, a space between.
void PrintHead(std::string_view rank, const std::vector<std::string>& cells, std::ostream& out) {
  constexpr size_t kWidths[] = {25, 16, 13, 10, 10};
  std::string line = absl::StrCat(std::string(3 - std::min<size_t>(3, rank.size()), ' '), Absl(rank), "  ");
  for (size_t i = 0; i < cells.size(); ++i)
    absl::StrAppend(&line, i > 0 ? " " : "", Fitted(cells[i], kWidths[i]));
  out << std::string(absl::StripTrailingAsciiWhitespace(line)) << "\n";
}

void PrintHit(size_t rank, const v1::SearchHit& hit, bool terminal, std::ostream& out) {
  PrintHead(absl::StrCat(rank),
            {hit.resource_code(), hit.provider_display_name(),
             EnumText(v1::ShareType_descriptor(), hit.share_type()),
             EnumText(v1::UpdateCycle_descriptor(), hit.update_cycle()), hit.release_date()},
            out);
  std::vector<Piece> name;
  Append(hit.display_name(), name);
  if (hit.state() != v1::RESOURCE_STATE_PUBLISHED) {
    name.push_back({absl::StrCat("  (", EnumText(v1::ResourceState_descriptor(), hit.state()), ")"), false});
  }
  PrintLines(name, 2, terminal, out);
  std::vector<Piece> abstract;
  Append(hit.abstract(), abstract);
  PrintLines(abstract, 2, terminal, out);
  if (hit.fields().empty()) return;
  std::vector<Piece> fields = {{"· ", false}};
  for (int i = 0; i < hit.fields_size(); ++i) {
    if (i > 0) fields.push_back({"、", false});
    Append(hit.fields(i).segments(), fields);
  }
  PrintLines(fields, 1, terminal, out);
}

void PrintFacets(const v1::SearchResourcesResponse& response, std::ostream& out) {
  Sheet sheet;
  for (const v1::Facet& facet : response.facets()) {
    std::string counts;
    constexpr int kShown = 12;
    for (int i = 0; i < std::min(facet.counts_size(), kShown); ++i) {
      const v1::FacetCount& count = facet.counts(i);
      absl::StrAppend(&counts, i > 0 ? "  " : "", count.display_name(), " ", count.hits());
    }
    if (facet.counts_size() > kShown) absl::StrAppend(&counts, "  … ", facet.counts_size() - kShown, " more");
    sheet.Add(facet.element(), counts);
  }
  out << sheet.Render() << "\n";
}

absl::Status Search(Context& context, const Asked& asked) {
  v1::SearchResourcesRequest request = asked.request;
  TRY(Fill(asked, request));
  Session session(context.options);
  const auto response = TRY(session.Call(&Stub::SearchResources, request));
  if (context.json()) {
    PrintJson(response, context.out);
    return absl::OkStatus();
  }
  const bool terminal = &context.out == &std::cout && isatty(STDOUT_FILENO) == 1;
  if (request.facets()) PrintFacets(response, context.out);
  if (response.relaxed()) context.out << "No entry has all of these words; the following have some.\n\n";
  if (!response.hits().empty())
    PrintHead("#", {"CODE", "PROVIDER", "SHARING", "UPDATED", "RELEASED"}, context.out);
  size_t rank = 0;
  for (const v1::SearchHit& hit : response.hits()) PrintHit(++rank, hit, terminal, context.out);
  context.out << response.hits_size() << " of " << response.total_size() << " entries, as of ledger entry "
              << response.ledger_index() << "\n";
  if (response.hits().empty()) context.out << "nothing fits; zq demand create states a need\n";
  if (!response.next_page_token().empty())
    context.out << "more: --page-token " << response.next_page_token() << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddSearchCommand(CLI::App& group, Context& context) {
  auto* search = group.add_subcommand("search", "Entries that hold every word, best first");
  auto asked = std::make_shared<Asked>();
  search->add_option("text", asked->words,
                     "Words: Chinese, codes, initials of a body; all entries if left out");
  search->add_flag_callback(
      "--facets", [asked] { asked->request.set_facets(true); }, "Count the values of every element");
  search->add_option("--provider", asked->providers, "Code of the organisation (repeatable, as all filters)");
  search->add_option("--class", asked->classes, "类: 1, 2 or 3");
  search->add_option("--item", asked->items, "类 and 项: 308");
  search->add_option("--base", asked->bases, "自然人, 法人, 公共信用, 空间地理 or 行政执法");
  search->add_option("--share", asked->shares, "unconditional, conditional or not_shared");
  search->add_option("--open", asked->opens, "unconditional, conditional or not_open");
  search->add_option("--cycle", asked->cycles, "realtime, daily, weekly, monthly, quarterly, …");
  search->add_option("--format", asked->formats,
                     "document, spreadsheet, database, image, stream, self_described");
  search->add_option("--state", asked->states, "draft, submitted, published or withdrawn");
  search->add_option("--order", asked->order, "relevance, name, release_date or update");
  search
      ->add_option_function<int>(
          "--limit", [asked](int size) { asked->request.set_page_size(size); }, "Hits of a page, at most 200")
      ->check(CLI::Range(1, 200));
  search->add_option_function<std::string>(
      "--page-token", [asked](const std::string& token) { asked->request.set_page_token(token); },
      "Where the page before ended");
  search->add_option_function<uint64_t>(
      "--at-least", [asked](uint64_t index) { asked->request.set_min_ledger_index(index); },
      "Ledger index the answer must reach");
  search->callback(
      [&context, asked] { context.action = [&context, asked] { return Search(context, *asked); }; });
}

}  // namespace zhanqiao::cli
