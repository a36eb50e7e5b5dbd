// The rules of an open dataset over its own document and the entry it derives from: names, elements, columns, states.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/dataset.pb.h"

namespace zhanqiao::datasets {

inline constexpr std::string_view kDatasets = "datasets";
inline constexpr int kDistributionsMax = 20;

// organizations/{code}/datasets/{id}
bool IsDatasetName(std::string_view name);
// {dataset}/riskReports/{number}, {dataset}/probes/latest, and the dataset in such a name (empty for other names).
std::string RiskReportName(std::string_view dataset, int release);
std::string ProbeName(std::string_view dataset);
std::string DatasetOf(std::string_view name);

// Brings what people type into form: codes, blanks, the default licence.
void Normalize(v1::Dataset& dataset);

// Every violation of the elements that describe a dataset, and of what `entry` (its catalogue entry) asks: only PUBLIC
// where the entry is open without condition.
std::vector<Violation> Check(const v1::Dataset& dataset, const v1::Resource& entry);

// Violations of the columns of one distribution: names, roles, and that a 信息项 the entry holds to be personal is not
// declared ordinary, nor one that identifies a person declared at all unless generalised. Paths are `columns[i].…`.
std::vector<Violation> CheckColumns(const google::protobuf::RepeatedPtrField<v1::DatasetColumn>& columns,
                                    const v1::Resource& entry);

// Violations of an address elsewhere: http or https, not this machine nor its link, no user name in it.
std::vector<Violation> CheckAddress(const v1::Distribution& distribution);

// True if `entry` is published and open to the public under some condition or none.
bool IsOpen(const v1::Resource& entry);

// FAILED_PRECONDITION / DATASET_STATE unless the dataset is in one of the states.
absl::Status CheckState(const v1::Dataset& dataset, std::initializer_list<v1::DatasetState> states);
absl::Status CheckCandidate(const v1::Dataset& dataset, std::initializer_list<v1::CandidateState> states);

// PERMISSION_DENIED / FOUR_EYES unless `decider` is another person than the proposer.
absl::Status CheckFourEyes(const v1::Dataset& dataset, std::string_view decider);

// Whether `caller` may read it: everyone what was ever published, else persons of the provider, office and auditor.
bool MaySee(const Caller& caller, const v1::Dataset& dataset);

// The last day on which the release in force is within its update cycle; nothing where no update is due.
std::optional<absl::CivilDay> UpdateDueOf(const v1::Dataset& dataset);

}  // namespace zhanqiao::datasets
