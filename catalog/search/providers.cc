#include "catalog/search/providers.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "catalog/search/initials.h"
#include "catalog/search/text.h"

namespace zhanqiao::search {
namespace {

constexpr std::string_view kPrefix = "organizations/";

struct Provider {
  std::string display_name;
  std::string short_name;
  std::u32string folded_names;          // both, divided by a blank
  std::vector<std::string> beginnings;  // what a Latin word may begin: initials, codes, lower case
};

// Words before the part of a name that tells bodies of one city apart.
constexpr std::string_view kLeads[] = {"青岛市", "青岛", "市"};

void AddInitials(std::string_view name, Provider& provider) {
  for (std::string& initials : Initials(name)) provider.beginnings.push_back(std::move(initials));
  for (const std::string_view lead : kLeads) {
    if (name.substr(0, lead.size()) != lead) continue;
    for (std::string& initials : Initials(name.substr(lead.size())))
      provider.beginnings.push_back(std::move(initials));
    return;
  }
}

Provider ProviderOf(std::string_view code, const v1::Organization& organization) {
  Provider provider;
  provider.display_name = organization.display_name();
  provider.short_name = organization.short_name();
  provider.folded_names = Fold(organization.display_name() + " " + organization.short_name()).points;
  AddInitials(organization.display_name(), provider);
  AddInitials(organization.short_name(), provider);
  const std::string lower = absl::AsciiStrToLower(Absl(code));
  provider.beginnings.push_back(lower);
  const size_t dash = lower.find('-');
  if (dash != std::string::npos) provider.beginnings.push_back(lower.substr(dash + 1));
  return provider;
}

bool Matches(const Provider& provider, std::u32string_view word, const std::string& letters) {
  if (provider.folded_names.find(word) != std::u32string::npos) return true;
  if (letters.empty()) return false;
  for (const std::string& beginning : provider.beginnings) {
    if (absl::StartsWith(beginning, letters)) return true;
  }
  return false;
}

}  // namespace

struct Providers::State {
  mutable absl::Mutex mu;
  std::map<std::string, Provider, std::less<>> by_code ABSL_GUARDED_BY(mu);

  void Take(const documents::Version& version) {
    if (version.type != v1::Organization::descriptor()->full_name()) return;
    const std::string code = version.name.substr(kPrefix.size());
    v1::Organization organization;
    absl::MutexLock lock(&mu);
    if (version.deleted || !organization.ParseFromString(version.document)) {
      by_code.erase(code);
    } else {
      by_code.insert_or_assign(code, ProviderOf(code, organization));
    }
  }
};

Providers::Providers() : state_(std::make_shared<State>()) {}
Providers::~Providers() = default;

absl::Status Providers::Follow(documents::DocumentStore& store) {
  return store.Observe(std::string(kPrefix),
                       [state = state_](const documents::Version& version) { state->Take(version); });
}

void Providers::Take(const documents::Version& version) {
  state_->Take(version);
}

std::vector<std::string> Providers::Matching(std::u32string_view word) const {
  std::vector<std::string> codes;
  if (word.size() < 2) return codes;
  std::string letters;
  for (const char32_t point : word) {
    if (point < 0x80) letters += static_cast<char>(point);
  }
  if (letters.size() != word.size()) letters.clear();
  absl::ReaderMutexLock lock(&state_->mu);
  for (const auto& [code, provider] : state_->by_code) {
    if (Matches(provider, word, letters)) codes.push_back(code);
  }
  return codes;
}

std::string Providers::NameOf(std::string_view code) const {
  absl::ReaderMutexLock lock(&state_->mu);
  const auto found = state_->by_code.find(code);
  if (found == state_->by_code.end()) return std::string(code);
  return found->second.short_name.empty() ? found->second.display_name : found->second.short_name;
}

}  // namespace zhanqiao::search
