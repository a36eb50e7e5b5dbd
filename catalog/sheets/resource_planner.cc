// Catalogue entries from a sheet.
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/model/resource.h"
#include "catalog/model/resource_entry.h"
#include "catalog/model/service_support.h"
#include "catalog/sheets/planner.h"

namespace zhanqiao::sheets {
namespace {

// A message without content is no message.
void DropEmpty(v1::Resource& resource) {
  if (resource.census().ByteSizeLong() == 0) resource.clear_census();
  if (resource.electronic_certificate().ByteSizeLong() == 0) resource.clear_electronic_certificate();
}

// What a department states, without what the hub derives.
std::string Stated(v1::Resource resource) {
  DropEmpty(resource);
  resource.clear_state();
  resource.clear_schema_fingerprint();
  resource.clear_findings();
  resource.clear_revision();
  resource.clear_schema_version();
  resource.clear_schema_compatibility();
  resource.clear_review();
  resource.clear_open_objections();
  resource.clear_etag();
  return documents::Canonical(resource);
}

// The digits of a 信息资源代码 that a column of the classification shows.
std::string_view CodePart(std::string_view code, std::string_view element) {
  const size_t slash = std::min(code.find('/'), code.size());
  if (slash < 6) return {};
  if (element == "class_code") return code.substr(0, 1);
  if (element == "item_code") return code.substr(1, 2);
  if (element == "catalog_code") return code.substr(3, 3);
  return code.substr(6, slash - 6);
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view WithoutZeros(std::string_view digits) {
  const size_t at = digits.find_first_not_of('0');
  return at == std::string_view::npos ? std::string_view() : digits.substr(at);
}

class ResourcePlanner final : public Planner {
 public:
  using Planner::Planner;

 protected:
  std::string Identify(const Record& record) override {
    const std::string code = NormalizeCode(TextIn(record.first(), "resource_code"));
    return IsResourceCode(code) ? catalog::ResourceName(code) : "";
  }

  std::string_view ElementOf(std::string_view path) const override {
    if (path == "name") return "resource_code";
    if (path == "fields") return "fields[].display_name";
    if (path == "electronic_certificate") return "electronic_certificate.type_code";
    return path;
  }

  void Take(const Record& record) override {
    const auto stored = record.name.empty() ? nullptr : scene().catalog.FindResource(record.name);
    v1::Resource resource = stored == nullptr ? v1::Resource() : *stored;
    resource.set_name(record.name);
    bool several = false;
    const std::string provider = names().FindOrganization(TextIn(record.first(), "provider"), several);
    SetElements(record, provider, resource);
    CheckCodeParts(record, resource);
    SetOpenType(record, resource);
    const std::vector<const Row*> item_rows = SetItems(record, provider, resource);
    Finish(record, stored.get(), item_rows, std::move(resource));
  }

 private:
  void CheckCodeParts(const Record& record, const v1::Resource& resource) {
    if (!IsResourceCode(resource.resource_code())) return;
    for (const std::string_view element : {"class_code", "item_code", "catalog_code", "detail_code"}) {
      const std::string text = NormalizeCode(TextIn(record.first(), element));
      if (!IsDigits(text)) continue;  // blank, or the classification's name
      // A spreadsheet takes the zeros before a number away.
      if (WithoutZeros(text) == WithoutZeros(CodePart(resource.resource_code(), element))) continue;
      Report(record.first(), element, SentenceOf("CODE_PART_DIFFERS"));
    }
  }

  void SetOpenType(const Record& record, v1::Resource& resource) {
    const std::string text = TextIn(record.first(), "open_to_public");
    if (text.empty()) return;
    const std::optional<bool> yes = Folded(text) == "2" ? false : YesNo(text);
    if (!yes) return Report(record.first(), "open_to_public", SentenceOf("VALUE_YES_NO"));
    if (!Has("open_type") || TextIn(record.first(), "open_type").empty()) {
      resource.set_open_type(!*yes                              ? v1::OPEN_TYPE_NOT_OPEN
                             : resource.open_condition().empty() ? v1::OPEN_TYPE_UNCONDITIONAL
                                                                 : v1::OPEN_TYPE_CONDITIONAL);
    } else if (resource.open_type() != v1::OPEN_TYPE_UNSPECIFIED &&
               *yes != (resource.open_type() != v1::OPEN_TYPE_NOT_OPEN)) {
      Report(record.first(), "open_to_public", SentenceOf("OPEN_FLAG_DIFFERS"));
    }
  }

  // The 信息项 of the record's rows, each upon the stored one it stands for.
  std::vector<const Row*> SetItems(const Record& record, std::string_view provider, v1::Resource& resource) {
    std::vector<const Row*> item_rows;
    if (!Has("fields[].display_name") && !Has("fields[].field")) return item_rows;
    absl::flat_hash_map<std::string, const v1::Field*> known;
    const v1::Resource before = resource;
    for (const v1::Field& field : before.fields()) {
      known.try_emplace(field.field(), &field);
      known.try_emplace(absl::StrCat("\n", field.display_name()), &field);
    }
    resource.clear_fields();
    std::set<std::string> taken;
    for (const Row* row : record.rows) {
      if (!HasItem(*row)) continue;
      item_rows.push_back(row);
      const std::string name = TextIn(*row, "fields[].field");
      const auto stored = known.find(name.empty() ? absl::StrCat("\n", TextIn(*row, "fields[].display_name")) : name);
      v1::Field& field = *resource.add_fields();
      if (stored != known.end()) field = *stored->second;
      const std::string stored_name = field.field();
      SetItem(*row, provider, field);
      if (field.field().empty() && name.empty()) field.set_field(stored_name);
      taken.insert(field.field());
    }
    int number = 0;
    for (v1::Field& field : *resource.mutable_fields()) {
      if (!field.field().empty()) continue;
      do {
        field.set_field(absl::StrCat("item_", ++number));
      } while (!taken.insert(field.field()).second);
    }
    return item_rows;
  }

  void Finish(const Record& record, const v1::Resource* stored, const std::vector<const Row*>& item_rows,
              v1::Resource resource) {
    catalog::Normalize(resource);
    DropEmpty(resource);
    if (stored == nullptr) {
      resource.set_state(v1::RESOURCE_STATE_DRAFT);
    } else {
      resource.set_state(stored->state());
      const bool keeps_date = stored->state() == v1::RESOURCE_STATE_PUBLISHED && resource.release_date().empty();
      if (keeps_date) resource.set_release_date(stored->release_date());
    }
    catalog::Derive(scene().catalog, resource);
    Report(record, catalog::CheckEntry(resource, scene().catalog, scene().today), item_rows);
    CheckNameInFile(record, resource);
    const bool changed = stored == nullptr || Stated(*stored) != Stated(resource);
    if (!MayBring(record, stored == nullptr ? resource.provider() : stored->provider(), "provider")) return;
    if (stored != nullptr && changed && !MayChange(record, *stored, resource)) return;
    if (!changed) return Count(Fate::kUnchanged, std::nullopt);
    Count(stored == nullptr ? Fate::kCreated : Fate::kUpdated,
          catalog::ChangeTo(std::move(resource), stored == nullptr ? 0 : stored->revision()));
  }

  // The rules of UpdateResource about who may change what in which state.
  bool MayChange(const Record& record, const v1::Resource& stored, const v1::Resource& resource) {
    std::string_view reason;
    if (resource.provider() != stored.provider()) {
      Report(record, {{"provider", "PROVIDER_IMMUTABLE",
                       "An entry keeps its provider; withdraw it and create one of the other body."}}, {});
      return false;
    }
    if (stored.state() == v1::RESOURCE_STATE_WITHDRAWN) reason = "RESOURCE_WITHDRAWN";
    if (stored.state() == v1::RESOURCE_STATE_SUBMITTED) reason = "RESOURCE_IN_REVIEW";
    const bool approves = scene().caller.HasRole("office") || scene().caller.HasRole("org_approver");
    if (stored.state() == v1::RESOURCE_STATE_PUBLISHED && !approves) reason = "ENTRY_IN_FORCE";
    if (reason.empty()) return true;
    Report(record.first(), "resource_code", SentenceOf(reason));
    return false;
  }

  // Names that differ only by punctuation or blanks count as one (the rules); in one file that is a slip.
  void CheckNameInFile(const Record& record, const v1::Resource& resource) {
    const std::string skeleton = catalog::NameSkeleton(resource.display_name());
    if (skeleton.empty() || resource.provider().empty()) return;
    const auto [first, fresh] =
        named_.try_emplace(absl::StrCat(resource.provider(), "\n", skeleton), record.first().number);
    if (!fresh) Report(record.first(), "display_name", SentenceOf("NAME_LIKE_IN_FILE", absl::StrCat(first->second)));
  }

  absl::flat_hash_map<std::string, int> named_;  // first row of a provider's names in the file
};

}  // namespace

std::unique_ptr<Planner> MakeResourcePlanner(const Planner::Scene& scene) { return std::make_unique<ResourcePlanner>(scene); }

}  // namespace zhanqiao::sheets
