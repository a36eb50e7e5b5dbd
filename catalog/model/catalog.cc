#include "catalog/model/catalog.h"

#include <algorithm>
#include <set>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/log.h"
#include "catalog/model/resource.h"

namespace zhanqiao::catalog {
namespace {

constexpr size_t kPortion = 256;  // entries taken under one lock

template <typename Message>
using Documents = absl::btree_map<std::string, std::shared_ptr<const Message>>;  // in name order

template <typename Message>
std::shared_ptr<const Message> Find(const Documents<Message>& documents, std::string_view name) {
  const auto found = documents.find(Absl(name));
  return found == documents.end() ? nullptr : found->second;
}

// At most a portion of those under `prefix` after `after`.
template <typename Message>
std::vector<std::shared_ptr<const Message>> PortionOf(const Documents<Message>& documents, std::string_view prefix,
                                                      std::string_view after) {
  std::vector<std::shared_ptr<const Message>> portion;
  for (auto at = documents.upper_bound(Absl(std::max(prefix, after))); at != documents.end(); ++at) {
    if (portion.size() == kPortion || !at->first.starts_with(prefix)) break;
    portion.push_back(at->second);
  }
  return portion;
}

// Calls `visit` with what `next` gives after one name, portion by portion.
template <typename Next, typename Visit>
void EachPortion(std::string_view after, const Next& next, const Visit& visit) {
  std::string last(after);
  for (;;) {
    const auto portion = next(last);
    for (const auto& one : portion) {
      if (!visit(one)) return;
    }
    if (portion.size() < kPortion) return;
    last = portion.back()->name();
  }
}

void Stamp(const documents::Version& version, v1::Resource& resource) {
  resource.set_revision(version.revision);
  resource.set_etag(version.etag());
}
template <typename Message>
void Stamp(const documents::Version& version, Message& message) {
  message.set_etag(version.etag());
}

// The document of `version`, null when it is deleted or unreadable (which only a bug can cause).
template <typename Message>
std::shared_ptr<const Message> Parse(const documents::Version& version) {
  if (version.deleted) return nullptr;
  auto message = std::make_shared<Message>();
  if (!message->ParseFromString(version.document)) {
    Log(LogLevel::kError, "catalogue_document_unreadable", {{"document", version.name}});
    return nullptr;
  }
  Stamp(version, *message);
  return message;
}

template <typename Message>
void Store(Documents<Message>& documents, const std::string& name, std::shared_ptr<const Message> message) {
  if (message == nullptr) {
    documents.erase(name);
  } else {
    documents.insert_or_assign(name, std::move(message));
  }
}

bool IsPunctuation(std::string_view text, size_t at, size_t& length) {
  const auto starts = [&](std::string_view lead) { return text.substr(at, lead.size()) == lead; };
  if (static_cast<unsigned char>(text[at]) < 0x80) {
    length = 1;
    return !absl::ascii_isalnum(static_cast<unsigned char>(text[at]));
  }
  length = starts("\xC2\xB7") ? 2 : 3;  // middle dot; general punctuation U+2000-206F, Chinese U+3000-303F
  return starts("\xC2\xB7") || starts("\xE2\x80") || starts("\xE2\x81") || starts("\xE3\x80");
}

}  // namespace

std::string NameSkeleton(std::string_view name) {
  const std::string folded = NormalizeCode(name);
  std::string skeleton;
  for (size_t at = 0; at < folded.size();) {
    size_t length = 0;
    if (IsPunctuation(folded, at, length)) {
      at += length;
    } else {
      skeleton += folded[at++];
    }
  }
  return skeleton;
}

struct Catalog::State {
  mutable absl::Mutex mu;  // makes changing a document and its indexes one step
  Documents<v1::Organization> organizations ABSL_GUARDED_BY(mu);
  Documents<v1::InformationSystem> systems ABSL_GUARDED_BY(mu);
  ResourceIndex resources ABSL_GUARDED_BY(mu);
  absl::flat_hash_map<std::string, std::shared_ptr<const CodeTable>> tables ABSL_GUARDED_BY(mu);
  absl::flat_hash_map<std::string, std::set<std::string>> systems_by_name ABSL_GUARDED_BY(mu);

  void Take(const documents::Version& version);
  void TakeSystem(const documents::Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void TakeResource(const documents::Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void TakeTable(const documents::Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
};

void Catalog::State::TakeSystem(const documents::Version& version) {
  if (const auto old = Find(systems, version.name)) systems_by_name[old->display_name()].erase(version.name);
  auto system = Parse<v1::InformationSystem>(version);
  if (system != nullptr) systems_by_name[system->display_name()].insert(version.name);
  Store(systems, version.name, std::move(system));
}

void Catalog::State::TakeResource(const documents::Version& version) {
  auto resource = Parse<v1::Resource>(version);
  if (resource == nullptr) {
    resources.Remove(version.name);
  } else {
    resources.Put(std::move(resource));
  }
}

void Catalog::State::TakeTable(const documents::Version& version) {
  const auto table = Parse<v1::CodeTable>(version);
  if (table == nullptr) {
    tables.erase(version.name);
  } else {
    tables.insert_or_assign(version.name, std::make_shared<const CodeTable>(*table));
  }
}

void Catalog::State::Take(const documents::Version& version) {
  absl::MutexLock lock(&mu);
  if (version.type == v1::Organization::descriptor()->full_name()) {
    Store(organizations, version.name, Parse<v1::Organization>(version));
  } else if (version.type == v1::InformationSystem::descriptor()->full_name()) {
    TakeSystem(version);
  } else if (version.type == v1::Resource::descriptor()->full_name()) {
    TakeResource(version);
  } else if (version.type == v1::CodeTable::descriptor()->full_name()) {
    TakeTable(version);
  }
}

Catalog::Catalog() : state_(std::make_shared<State>()) {}
Catalog::~Catalog() = default;

absl::Status Catalog::Follow(documents::DocumentStore& store) {
  const auto take = [state = state_](const documents::Version& version) { state->Take(version); };
  TRY(store.Observe("organizations/", take));
  TRY(store.Observe("codeTables/", take));
  return store.Observe("resources/", take);
}

void Catalog::Take(const documents::Version& version) { state_->Take(version); }

ResourcePtr Catalog::FindResource(std::string_view name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return state_->resources.Find(name);
}

std::shared_ptr<const v1::Organization> Catalog::FindOrganization(std::string_view name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return Find(state_->organizations, name);
}

std::shared_ptr<const v1::InformationSystem> Catalog::FindSystem(std::string_view name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return Find(state_->systems, name);
}

std::shared_ptr<const v1::InformationSystem> Catalog::FindSystemNamed(std::string_view display_name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  const auto found = state_->systems_by_name.find(Absl(display_name));
  if (found == state_->systems_by_name.end() || found->second.empty()) return nullptr;
  return Find(state_->systems, *found->second.begin());
}

void Catalog::VisitResources(std::string_view provider, std::string_view after,
                             const std::function<bool(const ResourcePtr&)>& visit) const {
  EachPortion(
      after,
      [&](std::string_view last) {
        absl::ReaderMutexLock lock(&state_->mu);
        return state_->resources.After(provider, last, kPortion);
      },
      visit);
}

void Catalog::VisitOrganizations(
    std::string_view after, const std::function<bool(const std::shared_ptr<const v1::Organization>&)>& visit) const {
  EachPortion(
      after,
      [&](std::string_view last) {
        absl::ReaderMutexLock lock(&state_->mu);
        return PortionOf(state_->organizations, "", last);
      },
      visit);
}

void Catalog::VisitSystems(
    std::string_view organization, std::string_view after,
    const std::function<bool(const std::shared_ptr<const v1::InformationSystem>&)>& visit) const {
  const std::string prefix = organization.empty() ? "" : absl::StrCat(Absl(organization), "/");
  EachPortion(
      after,
      [&](std::string_view last) {
        absl::ReaderMutexLock lock(&state_->mu);
        return PortionOf(state_->systems, prefix, last);
      },
      visit);
}

std::vector<std::string> Catalog::ResourcesOf(std::string_view organization) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return state_->resources.NamesOf(organization);
}

std::vector<std::string> Catalog::ResourcesWithLegacyCode(std::string_view code) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return state_->resources.WithLegacyCode(code);
}

std::optional<std::string> Catalog::ResourceNamedLike(std::string_view display_name, std::string_view except) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return state_->resources.NamedLike(display_name, except);
}

std::optional<OtherProvider> Catalog::OtherProviderOf(std::string_view scope, std::string_view item,
                                                      std::string_view provider) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return state_->resources.OtherProviderOf(scope, item, provider);
}

uint64_t Catalog::LastSequence(std::string_view classification) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return state_->resources.LastSequence(classification);
}

std::shared_ptr<const CodeTable> Catalog::FindCodeTable(std::string_view name) const {
  static const auto* const none = new std::shared_ptr<const CodeTable>(std::make_shared<const CodeTable>());
  absl::ReaderMutexLock lock(&state_->mu);
  const auto found = state_->tables.find(Absl(name));
  return found == state_->tables.end() ? *none : found->second;
}

std::vector<std::shared_ptr<const v1::Organization>> Catalog::Organizations() const {
  std::vector<std::shared_ptr<const v1::Organization>> all;
  VisitOrganizations("", [&](const auto& one) {
    all.push_back(one);
    return true;
  });
  return all;
}

std::vector<std::shared_ptr<const v1::InformationSystem>> Catalog::Systems(std::string_view organization) const {
  std::vector<std::shared_ptr<const v1::InformationSystem>> all;
  VisitSystems(organization, "", [&](const auto& one) {
    all.push_back(one);
    return true;
  });
  return all;
}

std::vector<ResourcePtr> Catalog::Resources(std::string_view provider) const {
  std::vector<ResourcePtr> all;
  VisitResources(provider, "", [&](const auto& one) {
    all.push_back(one);
    return true;
  });
  return all;
}

Catalog::Counts Catalog::counts() const {
  absl::ReaderMutexLock lock(&state_->mu);
  return {state_->organizations.size(), state_->systems.size(), state_->resources.size()};
}

}  // namespace zhanqiao::catalog
