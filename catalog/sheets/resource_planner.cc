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
#include "catalog/model/resource_update.h"
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
    if (IsResourceCode(code)) return catalog::ResourceName(code);
    if (!code.empty() && !IsClassification(code)) return "";
    // No code yet, or the classification alone: an entry of the provider with this very name is meant, else a new one.
    bool several = false;
    const std::string provider = names().FindOrganization(TextIn(record.first(), "provider"), several);
    const std::string display_name = TextIn(record.first(), "display_name");
    const auto named = scene().catalog.ResourceNamedLike(display_name, "");
    const auto known = named ? scene().catalog.FindResource(*named) : nullptr;
    const bool meant = known != nullptr && known->provider() == provider && known->display_name() == display_name;
    if (meant && known->resource_code().starts_with(code)) return known->name();
    return code.empty() ? "" : NewName(record, code);
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
    if (const auto code = catalog::ResourceCodeOf(record.name)) resource.set_resource_code(*code);
    CheckCodeParts(record, resource);
    SetOpenType(record, resource);
    const std::vector<const Row*> item_rows = SetItems(record, provider, resource);
    Finish(record, stored.get(), item_rows, std::move(resource));
  }

 private:
  // The next code under `classification` that neither the catalogue nor the file has used.
  std::string NewName(const Record& record, const std::string& classification) {
    std::string& taken = taken_[classification];
    auto code = catalog::NextCode(scene().catalog, classification, taken);
    if (!code.ok()) {
      Report(record.first(), "resource_code", SentenceOf(ReasonOf(code.status())));
      return "";
    }
    taken = *code;
    return catalog::ResourceName(taken);
  }

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
      catalog::ClearOutputs(resource);
    } else {
      catalog::KeepOutputs(*stored, resource);
    }
    catalog::Derive(scene().catalog, resource);
    Report(record, catalog::CheckEntry(resource, scene().catalog, scene().today), item_rows);
    CheckNameInFile(record, resource);
    if (!MayBring(record, stored == nullptr ? resource.provider() : stored->provider(), "provider")) return;
    if (stored == nullptr) return Count(Fate::kCreated, catalog::ChangeTo(std::move(resource), 0));
    if (StatedNow(*stored) == Stated(resource)) return Count(Fate::kUnchanged, std::nullopt);
    std::vector<documents::Change> notices;
    if (!Change(record, *stored, resource, notices)) return;
    Count(Fate::kUpdated, catalog::ChangeTo(std::move(resource), stored->revision()));
    Add(std::move(notices));
  }

  // What is stored as it would be derived today: that its provider got a credit code since is no change of a sheet's.
  std::string StatedNow(v1::Resource stored) const {
    catalog::Normalize(stored);
    catalog::Derive(scene().catalog, stored);
    return Stated(std::move(stored));
  }

  // The rules of UpdateResource about who may change what in which state.
  bool Change(const Record& record, const v1::Resource& stored, v1::Resource& resource,
              std::vector<documents::Change>& notices) {
    if (resource.provider() != stored.provider()) {
      Report(record, {{"provider", "PROVIDER_IMMUTABLE",
                       "An entry keeps its provider; withdraw it and create one of the other body."}}, {});
      return false;
    }
    const absl::Status writer = catalog::RequireWriter(scene().caller, stored);
    if (!writer.ok()) {
      const std::string reason = ReasonOf(writer);
      Report(record.first(), "resource_code", SentenceOf(reason == "ROLE_REQUIRED" ? "ENTRY_IN_FORCE" : reason));
      return false;
    }
    auto notice = catalog::Advance(scene().caller, stored, resource);
    if (!notice.ok()) {
      Report(record.first(), "share_type", SentenceOf(ReasonOf(notice.status())));
      return false;
    }
    if (*notice && scene().notices) notices = scene().notices(**notice);
    return true;
  }

  // Names that differ only by punctuation or blanks count as one (the rules); in one file that is a slip.
  void CheckNameInFile(const Record& record, const v1::Resource& resource) {
    const std::string skeleton = catalog::NameSkeleton(resource.display_name());
    if (skeleton.empty() || resource.provider().empty()) return;
    const auto [first, fresh] =
        named_.try_emplace(absl::StrCat(resource.provider(), "\n", skeleton), record.first().number);
    if (!fresh) Report(record.first(), "display_name", SentenceOf("NAME_LIKE_IN_FILE", absl::StrCat(first->second)));
  }

  absl::flat_hash_map<std::string, std::string> taken_;  // last code given under a classification
  absl::flat_hash_map<std::string, int> named_;          // first row of a provider's names in the file
};

}  // namespace

std::unique_ptr<Planner> MakeResourcePlanner(const Planner::Scene& scene) { return std::make_unique<ResourcePlanner>(scene); }

}  // namespace zhanqiao::sheets
