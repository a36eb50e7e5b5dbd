#include "hub/ledger/index/terms.h"

#include <array>

namespace zhanqiao::ledger {
namespace {

constexpr size_t kValueMax = 1024;

struct Named {
  IndexField field;
  std::string_view name;
};
constexpr std::array<Named, 15> kNames = {{{IndexField::kActor, "actor"},
                                           {IndexField::kParty, "party"},
                                           {IndexField::kConsumer, "consumer"},
                                           {IndexField::kProvider, "provider"},
                                           {IndexField::kResource, "resource"},
                                           {IndexField::kGrant, "grant"},
                                           {IndexField::kApprover, "approver"},
                                           {IndexField::kOutcome, "outcome"},
                                           {IndexField::kReason, "reason"},
                                           {IndexField::kLink, "link"},
                                           {IndexField::kField, "field"},
                                           {IndexField::kMatter, "matter"},
                                           {IndexField::kConnector, "connector"},
                                           {IndexField::kEvent, "event"},
                                           {IndexField::kSubject, "subject"}}};

class Terms {
 public:
  explicit Terms(absl::FunctionRef<void(IndexField, std::string_view)> emit) : emit_(emit) {}

  void Add(IndexField field, std::string_view value) {
    if (!value.empty() && value.size() <= kValueMax) emit_(field, value);
  }
  // A subject or something of an organisation: also found by that, and the organisation is a party.
  void AddName(IndexField field, std::string_view name) {
    Add(field, name);
    const std::string_view organization = OrganizationIn(name);
    if (organization.size() < name.size()) Add(field, organization);
    Add(IndexField::kParty, organization);
  }
  template <typename Fields>
  void AddAll(IndexField field, const Fields& values) {
    for (const auto& value : values) Add(field, value);
  }

 private:
  absl::FunctionRef<void(IndexField, std::string_view)> emit_;
};

void AddExchange(const v1::Exchange& exchange, Terms& terms) {
  terms.AddName(IndexField::kActor, exchange.on_behalf_of());
  terms.AddName(IndexField::kConsumer, exchange.consumer());
  terms.AddName(IndexField::kProvider, exchange.provider());
  terms.Add(IndexField::kResource, exchange.resource());
  terms.Add(IndexField::kGrant, exchange.grant());
  terms.AddName(IndexField::kConnector, exchange.connector());
  terms.AddAll(IndexField::kField, exchange.fields());
  terms.Add(IndexField::kMatter, exchange.matter());
  terms.Add(IndexField::kOutcome, "released");
}

void AddDenial(const v1::Denial& denial, Terms& terms) {
  terms.AddName(IndexField::kConsumer, denial.consumer());
  terms.Add(IndexField::kResource, denial.resource());
  terms.Add(IndexField::kGrant, denial.grant());
  terms.AddAll(IndexField::kField, denial.fields());
  terms.Add(IndexField::kMatter, denial.matter());
  terms.Add(IndexField::kReason, denial.reason());
  terms.Add(IndexField::kLink, denial.link());
  terms.Add(IndexField::kOutcome, "denied");
}

void AddGrantEvent(const v1::LedgerEntry& entry, Terms& terms) {
  const v1::GrantEvent& event = entry.grant_event();
  terms.AddName(IndexField::kConsumer, event.consumer());
  terms.Add(IndexField::kResource, event.resource());
  terms.Add(IndexField::kGrant, event.grant());
  terms.AddAll(IndexField::kField, event.fields());
  terms.Add(IndexField::kOutcome, event.verb());
  const bool decides = event.verb() == "proposed" || event.verb() == "approved" || event.verb() == "rejected";
  if (decides) terms.AddName(IndexField::kApprover, entry.actor());
}

void AddObjectionEvent(const v1::ObjectionEvent& event, Terms& terms) {
  terms.AddName(IndexField::kConsumer, event.consumer());
  terms.AddName(IndexField::kProvider, event.provider());
  terms.Add(IndexField::kResource, event.resource());
  terms.Add(IndexField::kGrant, event.grant());
  terms.Add(IndexField::kField, event.field());
  terms.Add(IndexField::kOutcome, event.verb());
}

}  // namespace

std::string_view OrganizationIn(std::string_view name) {
  constexpr std::string_view kPrefix = "organizations/";
  if (!name.starts_with(kPrefix)) return {};
  return name.substr(0, name.find('/', kPrefix.size()));
}

std::string_view FieldName(IndexField field) {
  for (const Named& named : kNames) {
    if (named.field == field) return named.name;
  }
  return {};
}

std::optional<IndexField> FilterField(std::string_view name) {
  for (const Named& named : kNames) {
    if (named.name == name && named.field != IndexField::kSubject) return named.field;
  }
  return std::nullopt;
}

std::string FilterFields() {
  std::string all;
  for (const Named& named : kNames) {
    if (named.field == IndexField::kSubject) continue;
    if (!all.empty()) all += ", ";
    all += named.name;
  }
  return all;
}

std::string Term(IndexField field, std::string_view value) {
  std::string key(1, static_cast<char>(field));
  key += value;
  return key;
}

std::string_view EventKind(const v1::LedgerEntry& entry) {
  switch (entry.event_case()) {
    case v1::LedgerEntry::kGenesis:
      return "genesis";
    case v1::LedgerEntry::kDocumentChange:
      return "document";
    case v1::LedgerEntry::kGrantEvent:
      return "grant";
    case v1::LedgerEntry::kExchange:
      return "exchange";
    case v1::LedgerEntry::kDenial:
      return "denial";
    case v1::LedgerEntry::kCertificateEvent:
      return "certificate";
    case v1::LedgerEntry::kConnectorEvent:
      return "connector";
    case v1::LedgerEntry::kAcknowledgement:
      return "acknowledgement";
    case v1::LedgerEntry::kQuestion:
      return "question";
    case v1::LedgerEntry::kArchiveEvent:
      return "archive";
    case v1::LedgerEntry::kErasure:
      return "erasure";
    case v1::LedgerEntry::kKeyEvent:
      return "key";
    case v1::LedgerEntry::kRoleEvent:
      return "role";
    case v1::LedgerEntry::kSignIn:
      return "sign-in";
    case v1::LedgerEntry::kFetchClosed:
      return "fetch-closed";
    case v1::LedgerEntry::kAccountEvent:
      return "account";
    case v1::LedgerEntry::kBreakGlassEvent:
      return "break-glass";
    case v1::LedgerEntry::kObjectionEvent:
      return "objection";
    case v1::LedgerEntry::kDemandEvent:
      return "demand";
    case v1::LedgerEntry::kFeedEvent:
      return "feed";
    case v1::LedgerEntry::kFileEvent:
      return "file";
    case v1::LedgerEntry::EVENT_NOT_SET:
      break;
  }
  return "unknown";
}

void TermsOf(const v1::LedgerEntry& entry, absl::FunctionRef<void(IndexField, std::string_view)> emit) {
  Terms terms(emit);
  terms.AddName(IndexField::kActor, entry.actor());
  terms.Add(IndexField::kEvent, EventKind(entry));
  switch (entry.event_case()) {
    case v1::LedgerEntry::kExchange:
      return AddExchange(entry.exchange(), terms);
    case v1::LedgerEntry::kDenial:
      return AddDenial(entry.denial(), terms);
    case v1::LedgerEntry::kGrantEvent:
      return AddGrantEvent(entry, terms);
    case v1::LedgerEntry::kDocumentChange:
      terms.Add(IndexField::kParty, OrganizationIn(entry.document_change().name()));
      if (entry.document_change().name().starts_with("resources/")) {
        terms.Add(IndexField::kResource, entry.document_change().name());
      }
      return terms.Add(IndexField::kOutcome, entry.document_change().deleted() ? "deleted" : "changed");
    case v1::LedgerEntry::kCertificateEvent:
      terms.Add(IndexField::kParty, OrganizationIn(entry.certificate_event().subject()));
      return terms.Add(IndexField::kOutcome, entry.certificate_event().verb());
    case v1::LedgerEntry::kConnectorEvent:
      terms.AddName(IndexField::kConnector, entry.connector_event().connector());
      terms.AddAll(IndexField::kResource, entry.connector_event().resources());
      return terms.Add(IndexField::kOutcome, entry.connector_event().verb());
    case v1::LedgerEntry::kAcknowledgement:
      terms.AddName(IndexField::kConsumer, entry.acknowledgement().consumer());
      return terms.Add(IndexField::kOutcome, "acknowledged");
    case v1::LedgerEntry::kQuestion:
      return terms.Add(IndexField::kOutcome, entry.question().kind());
    case v1::LedgerEntry::kArchiveEvent:
      return terms.Add(IndexField::kOutcome, entry.archive_event().verb());
    case v1::LedgerEntry::kKeyEvent:
      return terms.Add(IndexField::kOutcome, entry.key_event().verb());
    case v1::LedgerEntry::kRoleEvent:
      return terms.Add(IndexField::kParty, OrganizationIn(entry.role_event().person()));
    case v1::LedgerEntry::kSignIn:
      terms.Add(IndexField::kParty, OrganizationIn(entry.sign_in().person()));
      return terms.Add(IndexField::kOutcome, entry.sign_in().refused() ? "denied" : "signed-in");
    case v1::LedgerEntry::kFetchClosed:
      terms.AddName(IndexField::kConsumer, entry.fetch_closed().consumer());
      terms.Add(IndexField::kResource, entry.fetch_closed().resource());
      terms.Add(IndexField::kGrant, entry.fetch_closed().grant());
      return terms.Add(IndexField::kOutcome, entry.fetch_closed().complete() ? "completed" : "broken-off");
    case v1::LedgerEntry::kAccountEvent:
      terms.Add(IndexField::kParty, OrganizationIn(entry.account_event().person()));
      return terms.Add(IndexField::kOutcome, entry.account_event().verb());
    case v1::LedgerEntry::kBreakGlassEvent:
      terms.Add(IndexField::kParty, OrganizationIn(entry.break_glass_event().person()));
      return terms.Add(IndexField::kOutcome, entry.break_glass_event().verb());
    case v1::LedgerEntry::kObjectionEvent:
      return AddObjectionEvent(entry.objection_event(), terms);
    case v1::LedgerEntry::kDemandEvent:
      terms.AddName(IndexField::kConsumer, entry.demand_event().consumer());
      for (const std::string& provider : entry.demand_event().providers()) terms.AddName(IndexField::kProvider, provider);
      return terms.Add(IndexField::kOutcome, entry.demand_event().verb());
    case v1::LedgerEntry::kFeedEvent:
      terms.Add(IndexField::kResource, entry.feed_event().resource());
      return terms.Add(IndexField::kOutcome, entry.feed_event().verb());
    case v1::LedgerEntry::kFileEvent:
      terms.Add(IndexField::kResource, entry.file_event().resource());
      return terms.Add(IndexField::kOutcome, entry.file_event().verb());
    case v1::LedgerEntry::kGenesis:
    case v1::LedgerEntry::kErasure:
    case v1::LedgerEntry::EVENT_NOT_SET:
      return;
  }
}

}  // namespace zhanqiao::ledger
