// DemandService (proto/zhanqiao/v1/demand.proto). Methods block until durable: call from a worker thread.
// Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/access/demands.h"
#include "hub/access/matter.h"
#include "hub/access/rules.h"
#include "zhanqiao/v1/demand.pb.h"

namespace zhanqiao::access {

// Names of published entries that fit `text`, best first: the catalogue's search.
using EntriesLike =
    std::function<absl::StatusOr<std::vector<std::string>>(const Caller& caller, std::string_view text)>;

class DemandService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const Rules& rules;
    const Clock& clock;
    Random& random;
    EntriesLike entries_like;
  };
  explicit DemandService(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::Demand> CreateDemand(const Caller&, const v1::CreateDemandRequest&);
  absl::StatusOr<v1::Demand> GetDemand(const Caller&, const v1::GetDemandRequest&);
  absl::StatusOr<v1::ListDemandsResponse> ListDemands(const Caller&, const v1::ListDemandsRequest&);
  absl::StatusOr<v1::SuggestMatchesResponse> SuggestMatches(const Caller&, const v1::SuggestMatchesRequest&);
  absl::StatusOr<v1::Demand> MatchDemand(const Caller&, const v1::MatchDemandRequest&);
  absl::StatusOr<v1::Demand> AnswerDemand(const Caller&, const v1::AnswerDemandRequest&);
  absl::StatusOr<v1::Demand> CloseDemand(const Caller&, const v1::CloseDemandRequest&);

  // A duty of the sweep: notes every matched demand past its due date once, as an entry, and tells the bodies
  // that have not answered.
  absl::Status NoteOverdue(absl::CivilDay today);

 private:
  struct Held {
    v1::Demand demand;
    documents::Version version;
  };
  absl::StatusOr<Held> Visible(const Caller& caller, std::string_view name) const;
  absl::StatusOr<v1::Demand> Store(v1::Demand demand, std::string_view verb, MatterMove move,
                                   std::string_view request_key = "");
  MatterMove MoveBy(const Caller& caller, uint64_t revision, std::string_view reason) const;
  void Tell(const std::string& organization, std::string_view kind, const v1::Demand& demand,
            MatterMove& move) const;
  absl::CivilDay Today() const { return CivilDayOf(parts_.clock.Now()); }

  const Parts parts_;
};

}  // namespace zhanqiao::access
