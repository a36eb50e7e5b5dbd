// Organisations and information systems from a sheet: one row each.
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/model/information_system.h"
#include "catalog/model/names.h"
#include "catalog/model/organization.h"
#include "catalog/model/service_support.h"
#include "catalog/sheets/planner.h"

namespace zhanqiao::sheets {
namespace {

template <typename Message>
std::string Stated(Message message) {
  message.clear_etag();
  return documents::Canonical(message);
}

uint64_t RevisionIn(const std::string& etag) { return documents::RevisionOf(etag).value_or(0); }

class OrganizationPlanner final : public Planner {
 public:
  using Planner::Planner;

 protected:
  std::string Identify(const Record& record) override {
    v1::Organization organization;
    organization.set_name(catalog::OrganizationName(NormalizeCode(TextIn(record.first(), "name"))));
    if (!catalog::IsOrganizationName(organization.name())) return "";
    organization.set_display_name(TextIn(record.first(), "display_name"));
    organization.set_short_name(TextIn(record.first(), "short_name"));
    names().Add(organization);
    return organization.name();
  }

  void Take(const Record& record) override {
    const auto stored = record.name.empty() ? nullptr : scene().catalog.FindOrganization(record.name);
    v1::Organization organization = stored == nullptr ? v1::Organization() : *stored;
    organization.set_name(record.name);
    SetElements(record, record.name, organization);
    catalog::Normalize(organization);
    Report(record, catalog::Check(organization), {});
    parents_.insert_or_assign(record.name, organization.parent());
    CheckParents(record, organization);
    if (stored != nullptr && Stated(*stored) == Stated(organization)) return Count(Fate::kUnchanged, std::nullopt);
    Count(stored == nullptr ? Fate::kCreated : Fate::kUpdated,
          catalog::ChangeTo(std::move(organization), stored == nullptr ? 0 : RevisionIn(stored->etag())));
  }

 private:
  std::string ParentOf(const std::string& name) const {
    const auto asked = parents_.find(name);
    if (asked != parents_.end()) return asked->second;
    const auto stored = scene().catalog.FindOrganization(name);
    return stored == nullptr ? "" : stored->parent();
  }

  // No chain of parents may close; the row that closes it is told.
  void CheckParents(const Record& record, const v1::Organization& organization) {
    std::string above = organization.parent();
    for (size_t steps = 0; !above.empty() && steps <= parents_.size() + 64; ++steps) {
      if (above == organization.name()) {
        return Report(record, {{"parent", "PARENT_CYCLE", "The chain of parents comes back to this body; break it."}}, {});
      }
      above = ParentOf(above);
    }
  }

  absl::flat_hash_map<std::string, std::string> parents_;  // as the file has them, so far
};

class SystemPlanner final : public Planner {
 public:
  explicit SystemPlanner(const Scene& scene) : Planner(scene) {
    for (const auto& system : scene.catalog.Systems()) {
      by_name_.try_emplace(KeyOf(catalog::OrganizationOf(system->name()), system->display_name()), system->name());
    }
  }

 protected:
  std::string Identify(const Record& record) override {
    bool several = false;
    const std::string organization = names().FindOrganization(TextIn(record.first(), "owner"), several);
    if (organization.empty()) return "";
    v1::InformationSystem system;
    system.set_display_name(TextIn(record.first(), "display_name"));
    system.set_name(NameOf(organization, absl::AsciiStrToLower(NormalizeCode(TextIn(record.first(), "name"))),
                           system.display_name()));
    names().Add(system);
    return system.name();
  }

  std::string_view ElementOf(std::string_view path) const override {
    return path == "inventory" ? std::string_view("display_name") : path;
  }

  void Take(const Record& record) override {
    const Row& row = record.first();
    if (record.name.empty()) return ReportOwner(row);
    const std::string_view organization = catalog::OrganizationOf(record.name);
    const auto stored = scene().catalog.FindSystem(record.name);
    v1::InformationSystem system = stored == nullptr ? v1::InformationSystem() : *stored;
    system.set_name(record.name);
    SetElements(record, organization, system);
    if (system.inventory().ByteSizeLong() == 0) system.clear_inventory();
    if (system.state() == v1::REGISTRATION_STATE_UNSPECIFIED) system.set_state(v1::REGISTRATION_STATE_ACTIVE);
    Report(record, catalog::Check(system), {});
    if (!MayBring(record, organization, "owner")) return;
    if (stored != nullptr && Stated(*stored) == Stated(system)) return Count(Fate::kUnchanged, std::nullopt);
    Count(stored == nullptr ? Fate::kCreated : Fate::kUpdated,
          catalog::ChangeTo(std::move(system), stored == nullptr ? 0 : RevisionIn(stored->etag())));
  }

 private:
  static std::string KeyOf(std::string_view organization, std::string_view display_name) {
    return absl::StrCat(Absl(organization), "\n", Absl(display_name));
  }

  // Without an id: the stored system of this name, or an id that follows from body and name, so that a file gives the
  // same documents each time it is sent.
  std::string NameOf(const std::string& organization, const std::string& id, const std::string& display_name) const {
    if (!id.empty()) return absl::StrCat(organization, "/systems/", id);
    const std::string key = KeyOf(organization, display_name);
    const auto known = by_name_.find(key);
    if (known != by_name_.end()) return known->second;
    return absl::StrCat(organization, "/systems/sys-", ToHex(Bytes(Sha256(key))).substr(0, 10));
  }

  void ReportOwner(const Row& row) {
    bool several = false;
    const std::string text = TextIn(row, "owner");
    names().FindOrganization(text, several);
    Report(row, "owner", SentenceOf(several ? "BODY_AMBIGUOUS" : "BODY_UNKNOWN"));
  }

  absl::flat_hash_map<std::string, std::string> by_name_;  // stored systems by body and name
};

}  // namespace

std::unique_ptr<Planner> MakeOrganizationPlanner(const Planner::Scene& scene) {
  return std::make_unique<OrganizationPlanner>(scene);
}
std::unique_ptr<Planner> MakeSystemPlanner(const Planner::Scene& scene) { return std::make_unique<SystemPlanner>(scene); }

}  // namespace zhanqiao::sheets
