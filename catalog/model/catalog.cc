#include "catalog/model/catalog.h"

#include <algorithm>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/log.h"
#include "catalog/model/resource.h"

namespace zhanqiao::catalog {
namespace {

template <typename Message>
using Documents = absl::flat_hash_map<std::string, std::shared_ptr<const Message>>;

template <typename Message>
std::shared_ptr<const Message> Find(const Documents<Message>& documents, std::string_view name) {
  const auto found = documents.find(Absl(name));
  return found == documents.end() ? nullptr : found->second;
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
std::vector<std::shared_ptr<const Message>> InOrder(const Documents<Message>& documents) {
  std::vector<std::shared_ptr<const Message>> all;
  all.reserve(documents.size());
  for (const auto& [name, document] : documents) all.push_back(document);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->name() < b->name(); });
  return all;
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
  Documents<v1::Resource> resources ABSL_GUARDED_BY(mu);
  absl::flat_hash_map<std::string, std::set<std::string>> resources_by_skeleton ABSL_GUARDED_BY(mu);
  absl::flat_hash_map<std::string, std::set<std::string>> systems_by_name ABSL_GUARDED_BY(mu);

  void Take(const documents::Version& version);
  void TakeSystem(const documents::Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void TakeResource(const documents::Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
};

void Catalog::State::TakeSystem(const documents::Version& version) {
  if (const auto old = Find(systems, version.name)) systems_by_name[old->display_name()].erase(version.name);
  auto system = Parse<v1::InformationSystem>(version);
  if (system != nullptr) systems_by_name[system->display_name()].insert(version.name);
  Store(systems, version.name, std::move(system));
}

void Catalog::State::TakeResource(const documents::Version& version) {
  if (const auto old = Find(resources, version.name)) {
    resources_by_skeleton[NameSkeleton(old->display_name())].erase(version.name);
  }
  auto resource = Parse<v1::Resource>(version);
  if (resource != nullptr && resource->state() != v1::RESOURCE_STATE_WITHDRAWN) {
    resources_by_skeleton[NameSkeleton(resource->display_name())].insert(version.name);
  }
  Store(resources, version.name, std::move(resource));
}

void Catalog::State::Take(const documents::Version& version) {
  absl::MutexLock lock(&mu);
  if (version.type == v1::Organization::descriptor()->full_name()) {
    Store(organizations, version.name, Parse<v1::Organization>(version));
  } else if (version.type == v1::InformationSystem::descriptor()->full_name()) {
    TakeSystem(version);
  } else if (version.type == v1::Resource::descriptor()->full_name()) {
    TakeResource(version);
  }
}

Catalog::Catalog() : state_(std::make_shared<State>()) {}
Catalog::~Catalog() = default;

absl::Status Catalog::Follow(documents::DocumentStore& store) {
  const auto take = [state = state_](const documents::Version& version) { state->Take(version); };
  TRY(store.Observe("organizations/", take));
  return store.Observe("resources/", take);
}

void Catalog::Take(const documents::Version& version) { state_->Take(version); }

std::shared_ptr<const v1::Resource> Catalog::FindResource(std::string_view name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return Find(state_->resources, name);
}

std::shared_ptr<const v1::Organization> Catalog::FindOrganization(std::string_view name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return Find(state_->organizations, name);
}

std::shared_ptr<const v1::InformationSystem> Catalog::FindSystem(std::string_view name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  return Find(state_->systems, name);
}

std::vector<std::string> Catalog::ResourcesNamedLike(std::string_view display_name, std::string_view except) const {
  const std::string skeleton = NameSkeleton(display_name);
  std::vector<std::string> names;
  absl::ReaderMutexLock lock(&state_->mu);
  const auto found = state_->resources_by_skeleton.find(skeleton);
  if (found == state_->resources_by_skeleton.end()) return names;
  for (const std::string& name : found->second) {
    if (name != except) names.push_back(name);
  }
  return names;
}

std::shared_ptr<const v1::InformationSystem> Catalog::FindSystemNamed(std::string_view display_name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  const auto found = state_->systems_by_name.find(Absl(display_name));
  if (found == state_->systems_by_name.end() || found->second.empty()) return nullptr;
  return Find(state_->systems, *found->second.begin());
}

std::vector<std::string> Catalog::ResourcesOf(std::string_view organization) const {
  absl::MutexLock lock(&state_->mu);
  std::vector<std::string> names;
  for (const auto& [name, resource] : state_->resources) {
    if (resource->provider() == organization) names.push_back(name);
  }
  return names;
}

std::vector<std::shared_ptr<const v1::Organization>> Catalog::Organizations() const {
  absl::ReaderMutexLock lock(&state_->mu);
  return InOrder(state_->organizations);
}

std::vector<std::shared_ptr<const v1::InformationSystem>> Catalog::Systems() const {
  absl::ReaderMutexLock lock(&state_->mu);
  return InOrder(state_->systems);
}

std::vector<std::shared_ptr<const v1::Resource>> Catalog::Resources() const {
  absl::ReaderMutexLock lock(&state_->mu);
  return InOrder(state_->resources);
}

Catalog::Counts Catalog::counts() const {
  absl::ReaderMutexLock lock(&state_->mu);
  return {state_->organizations.size(), state_->systems.size(), state_->resources.size()};
}

}  // namespace zhanqiao::catalog
