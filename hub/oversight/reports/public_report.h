// The address printed on a report (its QR code), as anybody sees it without a login: what the hub keeps of that version, so
// that paper can be held against it. README.md says which reports and which of their figures are public.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/digest.h"
#include "catalog/documents/document_store.h"
#include "hub/ledger/checkpointer.h"
#include "hub/oversight/records.h"
#include "hub/oversight/reports/report_rules.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

// {public_url}/{name} with what the paper was printed from: ledger position and a digest of the figures, size and root of
// the checkpoint. Empty without `public_url`.
std::string PaperAddress(const std::string& public_url, const std::string& name, const v1::ReportFigures& figures,
                         const ledger::SignedCheckpointPtr& checkpoint);

// A page for people: Chinese first, English second.
struct PublicPage {
  int status = 200;
  std::string html;
};

// Thread-safe.
class PublicReports {
 public:
  // All of it outlives the object.
  struct Parts {
    const documents::DocumentStore& store;
    const Records& records;
    std::function<ledger::SignedCheckpointPtr()> checkpoint;        // the newest; null while nothing is signed
    std::function<absl::StatusOr<Digest>(uint64_t size)> root_at;  // of the ledger's first entries, up to all of them
  };
  explicit PublicReports(Parts parts) : parts_(std::move(parts)) {}

  // Below /reports/: {YYYY-MM}/{code}[/{version}] for a report, {YYYY-MM} for the reports of a month. `query`: of
  // PaperAddress, may be empty. Anything else, and what is not handed in, is a readable 404.
  using Query = std::vector<std::pair<std::string, std::string>>;
  PublicPage Answer(std::string_view path, const Query& query) const;

 private:
  absl::StatusOr<PublicPage> Month(std::string_view month) const;
  absl::StatusOr<PublicPage> One(const ReportName& name, const Query& query) const;
  std::string Checked(const v1::Report& report, const Query& query) const;
  std::string NameAndMark(std::string_view organization) const;

  const Parts parts_;
};

}  // namespace zhanqiao::oversight
