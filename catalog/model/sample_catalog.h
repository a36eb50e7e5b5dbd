// A sample catalogue for demonstrations and benches: plausible entries for real bodies, plainly marked as
// samples.
//
// Which bodies keep what stands in two tables (deploy/demo/data/sample_topics.csv, sample_items.csv);
// everything else follows from them, so the same tables and bodies give the same entries. Every abstract ends
// with 【示例】 and says that the entry is not the body's own; codes stand under 目 001 with a 顺序码 from
// 100001.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Entries of every topic for every one of `organizations` it fits, in the order of the topics, as drafts a
// client would send; `copies` times under numbered names (benches). INVALID_ARGUMENT / SAMPLE_INVALID (facts:
// table, row, column) for a cell that means nothing.
absl::StatusOr<std::vector<v1::Resource>> SampleCatalog(absl::Span<const v1::Organization> organizations,
                                                        std::string_view topics_csv,
                                                        std::string_view items_csv, int copies = 1);

}  // namespace zhanqiao::catalog
