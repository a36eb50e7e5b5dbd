#include "hub/cli/entries.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"

namespace zhanqiao::cli {

std::string_view EventName(const v1::LedgerEntry& entry) {
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
    case v1::LedgerEntry::EVENT_NOT_SET:
      break;
  }
  return "unknown";
}

std::string EventText(const v1::LedgerEntry& entry) {
  const auto brief = [](const std::string& name) { return Absl(Shortened(name)); };
  switch (entry.event_case()) {
    case v1::LedgerEntry::kGenesis:
      return entry.genesis().origin();
    case v1::LedgerEntry::kDocumentChange:
      return absl::StrCat(entry.document_change().name(), " revision ", entry.document_change().revision(),
                          entry.document_change().deleted() ? " deleted" : "");
    case v1::LedgerEntry::kGrantEvent:
      return absl::StrCat(entry.grant_event().verb(), " ", brief(entry.grant_event().grant()));
    case v1::LedgerEntry::kExchange:
      return absl::StrCat(entry.exchange().rows(), " rows of ", brief(entry.exchange().resource()),
                          " released");
    case v1::LedgerEntry::kDenial:
      return absl::StrCat(entry.denial().reason(), " by ", entry.denial().link(),
                          entry.denial().count() > 1 ? absl::StrCat(" x", entry.denial().count()) : "");
    case v1::LedgerEntry::kCertificateEvent:
      return absl::StrCat(entry.certificate_event().verb(), " ", brief(entry.certificate_event().subject()));
    case v1::LedgerEntry::kConnectorEvent:
      return absl::StrCat(entry.connector_event().verb(), " ", brief(entry.connector_event().connector()));
    case v1::LedgerEntry::EVENT_NOT_SET:
      break;
  }
  return "";
}

std::string_view Shortened(std::string_view name) {
  const size_t slash = name.find('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

}  // namespace zhanqiao::cli
