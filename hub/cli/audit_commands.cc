// zq ledger query, trace, rollup, archives, erase: auditors' questions, of a hub or of archive files.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/identifiers.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/entries.h"
#include "hub/cli/output.h"
#include "hub/ledger/archive/archive_directory.h"
#include "hub/ledger/audit/questions.h"
#include "hub/ledger/index/terms.h"
#include "hub/ledger/subject_keys.h"
#include "zhanqiao/v1/audit.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AuditService::Stub;

// "2026-11-24" (its beginning in Asia/Shanghai) or RFC 3339.
absl::Status SetTime(const std::string& text, std::string_view option, google::protobuf::Timestamp* time) {
  absl::Time at;
  std::string error;
  if (const auto day = ParseDay(text); day.ok()) {
    at = absl::FromCivil(*day, Shanghai());
  } else if (!absl::ParseTime(absl::RFC3339_full, text, &at, &error)) {
    return BadField("TIME_INVALID", option, "Give YYYY-MM-DD or a time such as 2026-11-24T09:00:00+08:00.");
  }
  time->set_seconds(absl::ToUnixSeconds(at));
  time->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(at - absl::FromUnixSeconds(time->seconds()))));
  return absl::OkStatus();
}

struct QueryArguments {
  std::map<std::string, std::vector<std::string>> filters;  // by field
  std::vector<std::string> others;                          // field=value
  std::string from_time;
  std::string to_time;
  uint64_t from = 0;
  uint64_t to = 0;
  bool oldest_first = false;
  bool all = false;
  int page_size = 50;
  std::string page_token;
  std::string person;
  std::string purpose;
  std::string archive;
  std::string subject_keys;
};

std::string FilterValue(const std::string& field, const std::string& text) {
  if (field == "resource") return ResourceArgument(text);
  if (field == "grant") return GrantArgument(text);
  const bool named = field == "consumer" || field == "provider" || field == "party" || field == "connector" ||
                     field == "approver" || field == "actor";
  // "hub" is an actor of its own.
  return named && text != "hub" ? OrganizationArgument(text) : text;
}

absl::StatusOr<v1::QueryEntriesRequest> RequestOf(const QueryArguments& arguments) {
  v1::QueryEntriesRequest request;
  const auto add = [&](const std::string& field, const std::string& value) {
    v1::EntryFilter& filter = *request.add_filters();
    filter.set_field(field);
    filter.set_value(FilterValue(field, value));
  };
  for (const auto& [field, values] : arguments.filters) {
    for (const std::string& value : values) add(field, value);
  }
  for (const std::string& other : arguments.others) {
    const size_t equals = other.find('=');
    if (equals == std::string::npos) return BadField("FILTER_VALUE", "--where", "Give field=value.");
    add(other.substr(0, equals), other.substr(equals + 1));
  }
  if (!arguments.from_time.empty())
    TRY(SetTime(arguments.from_time, "--from-time", request.mutable_from_time()));
  if (!arguments.to_time.empty()) TRY(SetTime(arguments.to_time, "--to-time", request.mutable_to_time()));
  request.set_from_index(arguments.from);
  request.set_to_index(arguments.to);
  if (arguments.oldest_first) request.set_order(v1::ENTRY_ORDER_OLDEST_FIRST);
  request.set_page_size(arguments.page_size);
  request.set_page_token(arguments.page_token);
  return request;
}

// Answers one page; of a hub or of archives.
using Answer = std::function<absl::StatusOr<v1::QueryEntriesResponse>(const v1::QueryEntriesRequest&)>;

absl::Status PrintAnswer(Context& context, const QueryArguments& arguments, const Answer& answer) {
  v1::QueryEntriesRequest request = TRY(RequestOf(arguments));
  v1::QueryEntriesResponse whole;
  do {
    v1::QueryEntriesResponse page = TRY(answer(request));
    whole.mutable_entries()->MergeFrom(page.entries());
    whole.set_next_page_token(page.next_page_token());
    whole.set_reached(page.reached());
    whole.set_size(page.size());
    request.set_page_token(page.next_page_token());
  } while (arguments.all && !request.page_token().empty());
  if (context.json()) {
    PrintJson(whole, context.out);
    return absl::OkStatus();
  }
  PrintEntries(whole.entries(), context.out);
  context.out << whole.entries_size() << " entries; the answer reaches entry " << whole.reached();
  if (whole.size() > whole.reached()) context.out << " of " << whole.size();
  context.out << "\n";
  if (!whole.next_page_token().empty())
    context.out << "… more: --page-token " << whole.next_page_token() << ", or --all\n";
  return absl::OkStatus();
}

// The tokens of a person under the keys in `directory`.
absl::StatusOr<ledger::Clause> PersonClause(const QueryArguments& arguments) {
  if (arguments.subject_keys.empty()) {
    return BadField("SUBJECT_KEYS_REQUIRED", "--subject-keys",
                    "Archives hold keyed tokens only; give the directory of the hub's subject keys.");
  }
  static SystemRandom random;
  const auto keys = TRY(ledger::SubjectKeys::Open(arguments.subject_keys, random));
  ledger::Clause clause;
  for (const std::string& token : keys->TokensOf(arguments.person)) {
    clause.any_of.push_back(ledger::Term(ledger::IndexField::kSubject, token));
  }
  if (clause.any_of.empty()) clause.any_of.emplace_back();
  return clause;
}

absl::Status QueryArchives(Context& context, const QueryArguments& arguments) {
  const auto archives = TRY(ledger::ArchiveDirectory::Open(arguments.archive));
  ledger::Clause clause;
  if (!arguments.person.empty()) {
    if (!archives->persons()) {
      return Fail(absl::StatusCode::kFailedPrecondition, "SUBJECT_NOT_INDEXED",
                  "An index file is missing beside its archive, and archives alone hold no persons; copy the "
                  ".zqx files too.");
    }
    clause = TRY(PersonClause(arguments));
  }
  return PrintAnswer(context, arguments, [&](const v1::QueryEntriesRequest& request) {
    auto response = ledger::AnswerQuery(archives->segments(), archives->entries(), request, clause);
    if (response.ok()) response->set_size(archives->segments().reached());
    return response;
  });
}

absl::Status QueryPerson(Context& context, const QueryArguments& arguments) {
  if (!arguments.filters.empty() || !arguments.others.empty()) {
    return BadField("PERSON_ALONE", "--person",
                    "Ask for a person with times only; filter the answer afterwards.");
  }
  Session session(context.options);
  v1::QuerySubjectRequest request;
  request.set_id_number(arguments.person);
  request.set_purpose(arguments.purpose);
  const v1::QueryEntriesRequest times = TRY(RequestOf(arguments));
  if (times.has_from_time()) *request.mutable_from_time() = times.from_time();
  if (times.has_to_time()) *request.mutable_to_time() = times.to_time();
  request.set_page_size(arguments.page_size);
  request.set_page_token(arguments.page_token);
  v1::QuerySubjectResponse whole;
  do {
    v1::QuerySubjectResponse page = TRY(session.Call(&Stub::QuerySubject, request));
    if (whole.reached() == 0)
      whole = page;
    else
      whole.mutable_entries()->MergeFrom(page.entries());
    whole.set_next_page_token(page.next_page_token());
    request.set_page_token(page.next_page_token());
  } while (arguments.all && !request.page_token().empty());
  if (context.json()) {
    PrintJson(whole, context.out);
    return absl::OkStatus();
  }
  PrintEntries(whole.entries(), context.out);
  context.out << whole.found() << " entries concern this person; the answer reaches entry " << whole.reached()
              << "\n";
  if (whole.question_index() > 0) context.out << "the question is entry " << whole.question_index() << "\n";
  if (!whole.next_page_token().empty())
    context.out << "… more: --page-token " << whole.next_page_token() << ", or --all\n";
  return absl::OkStatus();
}

absl::Status Query(Context& context, const QueryArguments& arguments) {
  if (!arguments.archive.empty()) return QueryArchives(context, arguments);
  if (!arguments.person.empty()) return QueryPerson(context, arguments);
  Session session(context.options);
  return PrintAnswer(context, arguments, [&](const v1::QueryEntriesRequest& request) {
    return session.Call(&Stub::QueryEntries, request);
  });
}

absl::Status Trace(Context& context, uint64_t index, const std::string& archive) {
  v1::ApprovalTrace trace;
  if (archive.empty()) {
    Session session(context.options);
    v1::TraceApprovalRequest request;
    request.set_index(index);
    trace = TRY(session.Call(&Stub::TraceApproval, request));
  } else {
    const auto archives = TRY(ledger::ArchiveDirectory::Open(archive));
    trace = TRY(ledger::TraceGrant(archives->segments(), archives->entries(), index));
  }
  if (context.json()) {
    PrintJson(trace, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("entry", absl::StrCat(trace.entry().index(), "  ", EventText(trace.entry().decoded())));
  sheet.Add("grant", absl::StrCat(trace.grant(), ", in force since entry ", trace.grant_index()));
  sheet.Add("purpose", trace.purpose());
  if (!trace.legal_basis().empty()) sheet.Add("legal basis", trace.legal_basis());
  sheet.Add("applicant", trace.applicant());
  if (!trace.proposer().empty()) sheet.Add("proposer", trace.proposer());
  if (!trace.decider().empty()) {
    sheet.Add("decider", absl::StrCat(trace.decider(), ", after ", trace.working_days(), " working days"));
  }
  context.out << sheet.Render();
  Table table({"INDEX", "TIME", "MOVE", "BY"});
  for (const auto& step : trace.steps()) {
    table.Add({absl::StrCat(step.index()), TimeText(step.time()), step.verb(),
               std::string(Shortened(step.person()))});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

struct RollupArguments {
  v1::GetRollupRequest request;
  std::vector<std::string> keys;
};

absl::Status PrintRollup(Context& context, RollupArguments arguments) {
  const std::map<std::string, v1::RollupKey> known = {
      {"day", v1::ROLLUP_KEY_DAY},           {"month", v1::ROLLUP_KEY_MONTH},
      {"consumer", v1::ROLLUP_KEY_CONSUMER}, {"system", v1::ROLLUP_KEY_SYSTEM},
      {"provider", v1::ROLLUP_KEY_PROVIDER}, {"resource", v1::ROLLUP_KEY_RESOURCE},
      {"reason", v1::ROLLUP_KEY_REASON}};
  for (const std::string& key : arguments.keys) arguments.request.add_keys(known.at(key));
  v1::GetRollupRequest& request = arguments.request;
  if (!request.consumer().empty()) request.set_consumer(OrganizationArgument(request.consumer()));
  if (!request.provider().empty()) request.set_provider(OrganizationArgument(request.provider()));
  if (!request.resource().empty()) request.set_resource(ResourceArgument(request.resource()));
  Session session(context.options);
  const auto response = TRY(session.Call(&Stub::GetRollup, request));
  if (context.json()) {
    PrintJson(response, context.out);
    return absl::OkStatus();
  }
  Table table({"WHAT", "RELEASED", "DENIED", "ROWS", "BYTES"});
  for (const auto& row : response.rows()) {
    std::string what;
    for (const std::string* part :
         {&row.day(), &row.consumer(), &row.system(), &row.provider(), &row.resource(), &row.reason()}) {
      if (!part->empty()) absl::StrAppend(&what, what.empty() ? "" : " ", Absl(Shortened(*part)));
    }
    table.Add({what, absl::StrCat(row.released()), absl::StrCat(row.denied()), absl::StrCat(row.rows()),
               absl::StrCat(row.released_bytes())});
  }
  context.out << table.Render() << "the sums reach entry " << response.reached() << "\n";
  return absl::OkStatus();
}

absl::Status PrintArchives(Context& context) {
  Session session(context.options);
  v1::ListArchivesRequest request;
  request.set_page_size(1000);
  const auto response = TRY(session.Call(&Stub::ListArchives, request));
  if (context.json()) {
    PrintJson(response, context.out);
    return absl::OkStatus();
  }
  Table table({"SEGMENT", "ENTRY", "BYTES", "SHA-256", "ONLINE"});
  for (const auto& unit : response.archives()) {
    table.Add({absl::StrCat(unit.segment()), absl::StrCat(unit.event_index()), absl::StrCat(unit.bytes()),
               ToHex(unit.sha256()), unit.retired() ? "no" : "yes"});
  }
  context.out << table.Render() << "entries below " << response.minimum_index() << " lie in archives only\n";
  return absl::OkStatus();
}

absl::Status Erase(Context& context, const v1::EraseSubjectRequest& request) {
  Session session(context.options);
  const auto response = TRY(session.Call(&Stub::EraseSubject, request));
  if (context.json()) {
    PrintJson(response, context.out);
  } else {
    context.out << "the secrets of " << response.entries() << " entries are erased; the erasure is entry "
                << response.index() << "\n";
  }
  return absl::OkStatus();
}

void AddQuery(CLI::App* group, Context& context) {
  auto* query = group->add_subcommand(
      "query", "Entries by what is in them, newest first; --person: who looked at someone");
  auto arguments = std::make_shared<QueryArguments>();
  for (const char* field : {"actor", "party", "consumer", "provider", "resource", "grant", "approver",
                            "outcome", "reason", "link", "field", "matter", "connector", "event"}) {
    query->add_option_function<std::vector<std::string>>(
        absl::StrCat("--", field),
        [arguments, field](const std::vector<std::string>& values) { arguments->filters[field] = values; },
        "May be repeated: any of them");
  }
  query->add_option("--where", arguments->others, "field=value, for any field the hub indexes");
  query->add_option("--from-time", arguments->from_time, "At or after: YYYY-MM-DD or RFC 3339");
  query->add_option("--to-time", arguments->to_time, "Before");
  query->add_option("--from", arguments->from, "First index");
  query->add_option("--to", arguments->to, "Index to stop before");
  query->add_flag("--oldest-first", arguments->oldest_first, "In log order");
  query->add_option("--count", arguments->page_size, "Entries at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  query->add_option("--page-token", arguments->page_token, "Go on where an answer stopped");
  query->add_flag("--all", arguments->all, "Every page");
  query->add_option("--person", arguments->person,
                    "居民身份证号: who looked at this person (--purpose is required)");
  query->add_option("--purpose", arguments->purpose, "Why; the question is logged with it");
  query->add_option("--archive", arguments->archive,
                    "Answer from archive files in this directory, without a hub");
  query->add_option("--subject-keys", arguments->subject_keys,
                    "Directory of subject-YYYY.key (--archive --person)");
  query->callback([&context, arguments] {
    context.action = [&context, arguments] { return Query(context, *arguments); };
  });
}

void AddRollup(CLI::App* group, Context& context) {
  auto* rollup = group->add_subcommand("rollup", "Counts and sums of releases and refusals");
  auto arguments = std::make_shared<RollupArguments>();
  const auto text = [rollup, arguments](const std::string& option,
                                        void (v1::GetRollupRequest::*set)(const std::string&),
                                        const std::string& what) {
    return rollup->add_option_function<std::string>(
        option, [arguments, set](const std::string& value) { (arguments->request.*set)(value); }, what);
  };
  text("--from-day", &v1::GetRollupRequest::set_from_day<const std::string&>, "YYYY-MM-DD, inclusive")
      ->required();
  text("--to-day", &v1::GetRollupRequest::set_to_day<const std::string&>, "YYYY-MM-DD, inclusive")
      ->required();
  text("--consumer", &v1::GetRollupRequest::set_consumer<const std::string&>, "Organisation or system");
  text("--provider", &v1::GetRollupRequest::set_provider<const std::string&>, "Organisation");
  text("--resource", &v1::GetRollupRequest::set_resource<const std::string&>, "Resource");
  rollup->add_option("--by", arguments->keys, "day, month, consumer, system, provider, resource, reason")
      ->check(CLI::IsMember({"day", "month", "consumer", "system", "provider", "resource", "reason"}));
  rollup->callback([&context, arguments] {
    context.action = [&context, arguments] { return PrintRollup(context, *arguments); };
  });
}

}  // namespace

void AddAuditCommands(CLI::App& ledger, Context& context) {
  AddQuery(&ledger, context);
  AddRollup(&ledger, context);

  auto* trace = ledger.add_subcommand("trace", "Under which approval an entry happened, and who gave it");
  auto index = std::make_shared<uint64_t>(0);
  auto archive = std::make_shared<std::string>();
  trace->add_option("index", *index, "Index of a release, refusal or grant event")->required();
  trace->add_option("--archive", *archive, "Answer from archive files in this directory, without a hub");
  trace->callback([&context, index, archive] {
    context.action = [&context, index, archive] { return Trace(context, *index, *archive); };
  });

  auto* archives = ledger.add_subcommand("archives", "The archive files of the log");
  archives->callback([&context] { context.action = [&context] { return PrintArchives(context); }; });

  auto* erase = ledger.add_subcommand("erase", "Erases what ties entries to a person, on legal ground");
  auto person = std::make_shared<std::string>();
  auto basis = std::make_shared<std::string>();
  auto reason = std::make_shared<std::string>();
  erase->add_option("--person", *person, "居民身份证号")->required();
  erase->add_option("--legal-basis", *basis, "Logged")->required();
  erase->add_option("--reason", *reason, "Logged")->required();
  erase->callback([&context, person, basis, reason] {
    context.action = [&context, person, basis, reason] {
      v1::EraseSubjectRequest request;
      request.set_id_number(*person);
      request.set_legal_basis(*basis);
      request.set_reason(*reason);
      return Erase(context, request);
    };
  });
}

}  // namespace zhanqiao::cli
