#include "hub/cli/entries.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/ledger/index/terms.h"

namespace zhanqiao::cli {

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
    case v1::LedgerEntry::kAcknowledgement:
      return absl::StrCat(entry.acknowledgement().indexes_size(), " answers received by ",
                          brief(entry.acknowledgement().consumer()));
    case v1::LedgerEntry::kQuestion:
      return absl::StrCat(entry.question().kind(), " over ", entry.question().from(), " to ", entry.question().to());
    case v1::LedgerEntry::kArchiveEvent:
      return absl::StrCat("segment ", entry.archive_event().segment(), " ", entry.archive_event().verb());
    case v1::LedgerEntry::kErasure:
      return absl::StrCat("secrets of ", entry.erasure().entries(), " entries erased");
    case v1::LedgerEntry::kKeyEvent:
      return absl::StrCat(entry.key_event().purpose(), " key ", entry.key_event().key_id(), " ", entry.key_event().verb());
    case v1::LedgerEntry::kRoleEvent:
      return absl::StrCat("roles of ", brief(entry.role_event().person()), " changed");
    case v1::LedgerEntry::kSignIn:
      return absl::StrCat(brief(entry.sign_in().person()), " by ", entry.sign_in().method(),
                          entry.sign_in().refused() ? absl::StrCat(" refused ", entry.sign_in().reason()) : "");
    case v1::LedgerEntry::kFetchClosed:
      return absl::StrCat("fetch of ", entry.fetch_closed().rows(), " rows in ", entry.fetch_closed().chunks(), " chunks ",
                          entry.fetch_closed().complete() ? "complete" : "broken off");
    case v1::LedgerEntry::kAccountEvent:
      return absl::StrCat(brief(entry.account_event().person()), " ", entry.account_event().verb());
    case v1::LedgerEntry::kBreakGlassEvent:
      return absl::StrCat(entry.break_glass_event().role(), " for ", brief(entry.break_glass_event().person()), " ",
                          entry.break_glass_event().verb());
    case v1::LedgerEntry::kObjectionEvent:
      return absl::StrCat(entry.objection_event().verb(), " ", brief(entry.objection_event().objection()));
    case v1::LedgerEntry::kDemandEvent:
      return absl::StrCat(entry.demand_event().verb(), " ", brief(entry.demand_event().demand()));
    case v1::LedgerEntry::kFeedEvent:
      return absl::StrCat(entry.feed_event().records(), " records of ", brief(entry.feed_event().resource()), " ",
                          entry.feed_event().verb());
    case v1::LedgerEntry::kFileEvent:
      return absl::StrCat(entry.file_event().file(), " of ", brief(entry.file_event().resource()), " ",
                          entry.file_event().verb());
    case v1::LedgerEntry::EVENT_NOT_SET:
      break;
  }
  return "";
}

void PrintEntries(const google::protobuf::RepeatedPtrField<v1::StoredEntry>& entries, std::ostream& out) {
  Table table({"INDEX", "TIME", "EVENT", "ACTOR", "WHAT"});
  for (const auto& entry : entries) {
    table.Add({absl::StrCat(entry.index()),
               TimeText(absl::FromUnixMicros(static_cast<int64_t>(entry.decoded().time_us()))),
               std::string(ledger::EventKind(entry.decoded())), std::string(Shortened(entry.decoded().actor())),
               EventText(entry.decoded())});
  }
  out << table.Render();
}

std::string_view Shortened(std::string_view name) {
  const size_t slash = name.find('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

}  // namespace zhanqiao::cli
