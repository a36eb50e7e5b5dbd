#include "catalog/base/identifiers.h"
#include "hub/access/directory.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/break_glass.pb.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::access {
namespace {

constexpr std::string_view kScheme = "zhanqiao://";
constexpr std::string_view kRevoked = "revokedCertificates/";

absl::Status Unidentified() {
  return Fail(absl::StatusCode::kUnauthenticated, "CALLER_UNIDENTIFIED",
              "Present a certificate with exactly one SAN URI zhanqiao://{city}/org/{code}/{kind}/{id}.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status Refuse(absl::StatusCode code, std::string_view reason, std::string_view message, std::string_view identity) {
  return Fail(code, reason, message, {{"link", std::string(kLinkCaller)}, {"identity", std::string(identity)}});
}

}  // namespace

absl::Status CertificateExpired(std::string_view identity) {
  return Refuse(absl::StatusCode::kUnauthenticated, "CERTIFICATE_EXPIRED",
                "The certificate has expired; connect with a new one.", identity);
}

absl::StatusOr<Identity> ParseIdentity(std::string_view uri) {
  if (uri.substr(0, kScheme.size()) != kScheme || uri.size() > 256) return Unidentified();
  const std::vector<std::string> parts = absl::StrSplit(Absl(uri.substr(kScheme.size())), '/');
  if (parts.size() != 5 || parts[0].empty() || parts[1] != "org") return Unidentified();
  Identity identity;
  std::string_view collection;
  if (parts[3] == "system") {
    identity.kind = SubjectKind::kSystem;
    collection = "systems";
  } else if (parts[3] == "person") {
    identity.kind = SubjectKind::kPerson;
    collection = "persons";
  } else if (parts[3] == "connector") {
    identity.kind = SubjectKind::kConnector;
    collection = "connectors";
  } else {
    return Unidentified();
  }
  if (!IsOrganizationCode(parts[2]) || !IsSubjectId(parts[4])) return Unidentified();
  identity.city = parts[0];
  identity.organization = absl::StrCat("organizations/", parts[2]);
  identity.subject = absl::StrCat(identity.organization, "/", Absl(collection), "/", parts[4]);
  return identity;
}

struct Directory::State {
  struct Registered {
    SubjectKind kind = SubjectKind::kNone;
    std::string subject;
    std::string organization;
    std::vector<std::string> roles;
    std::string signing_key;
    uint64_t revision = 0;
    bool active = false;
  };

  std::string city;
  mutable absl::Mutex mu;  // makes one version's change one step
  absl::flat_hash_map<std::string, Registered> by_identity ABSL_GUARDED_BY(mu);
  absl::flat_hash_set<std::string> revoked ABSL_GUARDED_BY(mu);
  struct Elevation {
    std::string role;
    absl::Time until;
  };
  absl::flat_hash_map<std::string, Elevation> elevated ABSL_GUARDED_BY(mu);  // by person

  template <typename Message>
  void Register(const documents::Version& version, SubjectKind kind, std::string_view word);
  void Elevate(const documents::Version& version);
  void Take(const documents::Version& version);
};

void Directory::State::Elevate(const documents::Version& version) {
  const std::string person = version.name.substr(0, version.name.rfind('/'));
  const auto glass = version.deleted ? absl::StatusOr<v1::BreakGlass>(v1::BreakGlass()) : version.As<v1::BreakGlass>();
  absl::MutexLock lock(&mu);
  if (!glass.ok() || glass->state() != v1::BREAK_GLASS_STATE_ACTIVE) {
    elevated.erase(person);
    return;
  }
  elevated[person] = {std::string(RoleName(glass->role())), absl::FromUnixSeconds(glass->expire_time().seconds())};
}

template <typename Message>
void Directory::State::Register(const documents::Version& version, SubjectKind kind, std::string_view word) {
  const std::vector<std::string> parts = absl::StrSplit(version.name, '/');
  if (parts.size() != 4) return;
  const std::string identity = absl::StrCat(Absl(kScheme), city, "/org/", parts[1], "/", Absl(word), "/", parts[3]);
  const auto message = version.deleted ? absl::StatusOr<Message>(Message()) : version.As<Message>();
  absl::MutexLock lock(&mu);
  if (version.deleted || !message.ok()) {
    by_identity.erase(identity);
    return;
  }
  Registered registered;
  registered.kind = kind;
  registered.subject = version.name;
  registered.organization = absl::StrCat(parts[0], "/", parts[1]);
  registered.revision = version.revision;
  registered.active = message->state() == v1::REGISTRATION_STATE_ACTIVE;
  if constexpr (std::is_same_v<Message, v1::Person>) {
    for (const int role : message->roles()) registered.roles.emplace_back(RoleName(static_cast<v1::Role>(role)));
  }
  if constexpr (!std::is_same_v<Message, v1::Person>) registered.signing_key = message->signing_key();
  by_identity[identity] = std::move(registered);
}

void Directory::State::Take(const documents::Version& version) {
  if (version.type == "zhanqiao.v1.InformationSystem") {
    Register<v1::InformationSystem>(version, SubjectKind::kSystem, "system");
  } else if (version.type == "zhanqiao.v1.Person") {
    Register<v1::Person>(version, SubjectKind::kPerson, "person");
  } else if (version.type == "zhanqiao.v1.Connector") {
    Register<v1::Connector>(version, SubjectKind::kConnector, "connector");
  } else if (version.type == "zhanqiao.v1.BreakGlass") {
    Elevate(version);
  } else if (version.type == "zhanqiao.v1.RevokedCertificate" && absl::StartsWith(version.name, Absl(kRevoked))) {
    absl::MutexLock lock(&mu);
    const std::string fingerprint = version.name.substr(kRevoked.size());
    if (version.deleted) {
      revoked.erase(fingerprint);
    } else {
      revoked.insert(fingerprint);
    }
  }
}

Directory::Directory(std::string city, const Clock& clock)
    : city_(std::move(city)), clock_(clock), state_(std::make_shared<State>()) {
  state_->city = city_;
}

Directory::~Directory() = default;

absl::Status Directory::Follow(documents::DocumentStore& store) {
  const auto take = [state = state_](const documents::Version& version) { state->Take(version); };
  TRY(store.Observe("organizations/", take));
  return store.Observe(std::string(kRevoked), take);
}

void Directory::Take(const documents::Version& version) { state_->Take(version); }

absl::StatusOr<Caller> Directory::Resolve(absl::Span<const std::string> identities, std::string_view fingerprint,
                                          absl::Time not_after, std::string_view address) const {
  const std::string* identity = nullptr;
  for (const std::string& uri : identities) {
    if (std::string_view(uri).substr(0, kScheme.size()) != kScheme) continue;
    if (identity != nullptr) return Unidentified();
    identity = &uri;
  }
  if (identity == nullptr) return Unidentified();
  if (not_after != absl::InfiniteFuture() && clock_.Now() > not_after) return CertificateExpired(*identity);
  auto caller = Registered(*identity, fingerprint, address);
  if (caller.ok()) caller->not_after = not_after;
  return caller;
}

absl::StatusOr<Caller> Directory::Again(const Caller& before) const {
  Caller caller = TRY(Resolve({&before.identity, 1}, before.fingerprint, before.not_after, before.address));
  caller.trace = before.trace;
  caller.deadline = before.deadline;
  return caller;
}

absl::StatusOr<Caller> Directory::ResolvePerson(std::string_view person, std::string_view address) const {
  const std::vector<std::string> parts = absl::StrSplit(Absl(person), '/');
  if (parts.size() != 4 || parts[2] != "persons") return Unidentified();
  return Registered(absl::StrCat(Absl(kScheme), city_, "/org/", parts[1], "/person/", parts[3]), "", address);
}

absl::StatusOr<Caller> Directory::Registered(const std::string& identity, std::string_view fingerprint,
                                             std::string_view address) const {
  Caller caller;
  {
    absl::ReaderMutexLock lock(&state_->mu);
    if (!fingerprint.empty() && state_->revoked.contains(Absl(fingerprint))) {
      return Refuse(absl::StatusCode::kUnauthenticated, "CERTIFICATE_REVOKED",
                    "The certificate is revoked; ask the security administrator for a new one.", identity);
    }
    const auto found = state_->by_identity.find(identity);
    if (found != state_->by_identity.end()) {
      const State::Registered& registered = found->second;
      if (!registered.active) {
        return Refuse(absl::StatusCode::kPermissionDenied, "CALLER_DISABLED",
                      "The registration is disabled; ask the security administrator.", identity);
      }
      caller.kind = registered.kind;
      caller.subject = registered.subject;
      caller.organization = registered.organization;
      caller.roles = registered.roles;
      caller.signing_key = registered.signing_key;
      caller.revision = registered.revision;
      if (caller.kind == SubjectKind::kPerson && !state_->elevated.empty()) {
        const auto elevation = state_->elevated.find(caller.subject);
        if (elevation != state_->elevated.end() && clock_.Now() < elevation->second.until) {
          HoldToo(elevation->second.role, caller.roles);
        }
      }
    }
  }
  if (caller.kind == SubjectKind::kNone) {
    const auto parsed = ParseIdentity(identity);
    if (!parsed.ok()) return parsed.status();
    if (parsed->city != city_) return Unidentified();
    return Refuse(absl::StatusCode::kPermissionDenied, "CALLER_UNREGISTERED",
                  "No such system, person or connector is registered; have it registered first.", identity);
  }
  caller.identity = identity;
  caller.fingerprint = fingerprint;
  caller.address = address;
  return caller;
}

}  // namespace zhanqiao::access
