// The ledger entry of a release: a v1.LedgerEntry with its Exchange, in canonical form (hub/ledger/FORMAT.md).
// Pure; thread-safe by having no state.
#pragma once

#include <string>

#include "catalog/storage/pipeline.h"
#include "hub/exchange/release.h"
#include "hub/exchange/session.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::exchange {

// The record of releasing `released` at `now`, which answers `flight` by `reply` under the connector's signature, if
// it signs; `subjects` are the tokens of the persons it concerns (ledger/subject_keys.h). Its commitments follow from the flight's seed. Written in wire format by hand: it is made for every call,
// and most of it is the plan's.
storage::LogRecord ReleaseRecord(const Flight& flight, const Released& released, const v1::ConnectorReply& reply,
                                 const Signed& answer, const std::vector<std::string>& subjects, absl::Time now);

}  // namespace zhanqiao::exchange
