// Supply and use of shared data: releases and refusals summed from the roll-ups of the ledger's segments, never by reading
// the log again; and how well sharing is served.
#pragma once

#include "absl/status/statusor.h"
#include "hub/access/rules.h"
#include "hub/ledger/index/index.h"
#include "hub/oversight/records.h"
#include "hub/oversight/scope.h"
#include "zhanqiao/v1/oversight.pb.h"

namespace zhanqiao::oversight {

// Thread-safe.
class SharingFigures {
 public:
  // All of it outlives the object.
  SharingFigures(const Records& records, const ledger::Index& index, const access::Rules& rules)
      : records_(records), index_(index), rules_(rules) {}

  // `organization`: only what it supplied or used; empty: all. INVALID_ARGUMENT / DATE_INVALID, SHARING_KEY;
  // RESOURCE_EXHAUSTED / ROLLUP_ROWS. Waits until `deadline` for the index to reach the log's head.
  absl::StatusOr<v1::Sharing> Sum(const v1::GetSharingRequest& request, const std::string& organization,
                                  absl::Time deadline) const;

  // Of what was asked of the scope's body (or of all) from `from` until the scope's day.
  absl::StatusOr<v1::SharingQuality> Quality(const FigureScope& scope, std::optional<absl::CivilDay> from) const;

 private:
  const Records& records_;
  const ledger::Index& index_;
  const access::Rules& rules_;
};

}  // namespace zhanqiao::oversight
