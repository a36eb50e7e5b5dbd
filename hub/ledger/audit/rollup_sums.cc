// GetRollup: the cells of every segment, summed by the keys that were asked for.
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "hub/ledger/audit/questions.h"
#include "hub/ledger/index/terms.h"

namespace zhanqiao::ledger {
namespace {

constexpr size_t kRowsMax = 100'000;

struct Sums {
  uint64_t released = 0;
  uint64_t denied = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

using Key = std::vector<std::string>;

class Summing {
 public:
  Summing(const v1::GetRollupRequest& request, int32_t from, int32_t to,
          const std::function<std::string(std::string_view)>& provider_of)
      : request_(request), from_(from), to_(to), provider_of_(provider_of) {}

  void Add(const RollupCell& cell, const RollupSums& sums) {
    if (cell.day < from_ || cell.day > to_) return;
    const std::string& provider = cell.provider.empty() ? ProviderOf(cell.resource) : cell.provider;
    if (!Fits(cell, provider)) return;
    Key key;
    for (const int asked : request_.keys())
      key.push_back(Value(static_cast<v1::RollupKey>(asked), cell, provider));
    Sums& row = rows_[std::move(key)];
    const bool released = cell.reason.empty();
    row.released += released ? sums.count : 0;
    row.denied += released ? 0 : sums.count;
    row.rows += sums.rows;
    row.bytes += sums.bytes;
  }

  absl::StatusOr<v1::GetRollupResponse> Finish() const {
    if (rows_.size() > kRowsMax) {
      return Fail(absl::StatusCode::kResourceExhausted, "ROLLUP_ROWS",
                  "The answer has more than 100,000 rows; ask for fewer keys or days.");
    }
    v1::GetRollupResponse response;
    for (const auto& [key, sums] : rows_) {
      v1::RollupRow& row = *response.add_rows();
      for (int i = 0; i < request_.keys_size(); ++i) Set(request_.keys(i), key[static_cast<size_t>(i)], row);
      row.set_released(sums.released);
      row.set_denied(sums.denied);
      row.set_rows(sums.rows);
      row.set_released_bytes(sums.bytes);
    }
    return response;
  }

 private:
  const std::string& ProviderOf(const std::string& resource) {
    auto [at, fresh] = providers_.try_emplace(resource);
    if (fresh && provider_of_ && !resource.empty()) at->second = provider_of_(resource);
    return at->second;
  }
  bool Fits(const RollupCell& cell, const std::string& provider) const {
    const std::string& consumer = request_.consumer();
    return (consumer.empty() || consumer == cell.consumer || OrganizationIn(cell.consumer) == consumer) &&
           (request_.provider().empty() || request_.provider() == provider) &&
           (request_.resource().empty() || request_.resource() == cell.resource);
  }
  static std::string Value(v1::RollupKey key, const RollupCell& cell, const std::string& provider) {
    switch (key) {
      case v1::ROLLUP_KEY_DAY:
        return FormatDay(absl::CivilDay() + cell.day);
      case v1::ROLLUP_KEY_MONTH:
        return FormatDay(absl::CivilDay() + cell.day).substr(0, 7);
      case v1::ROLLUP_KEY_CONSUMER:
        return std::string(OrganizationIn(cell.consumer));
      case v1::ROLLUP_KEY_SYSTEM:
        return cell.consumer;
      case v1::ROLLUP_KEY_PROVIDER:
        return provider;
      case v1::ROLLUP_KEY_RESOURCE:
        return cell.resource;
      case v1::ROLLUP_KEY_REASON:
        return cell.reason;
      default:
        return "";
    }
  }
  static void Set(int key, const std::string& value, v1::RollupRow& row) {
    switch (key) {
      case v1::ROLLUP_KEY_DAY:
      case v1::ROLLUP_KEY_MONTH:
        return row.set_day(value);
      case v1::ROLLUP_KEY_CONSUMER:
        return row.set_consumer(value);
      case v1::ROLLUP_KEY_SYSTEM:
        return row.set_system(value);
      case v1::ROLLUP_KEY_PROVIDER:
        return row.set_provider(value);
      case v1::ROLLUP_KEY_RESOURCE:
        return row.set_resource(value);
      case v1::ROLLUP_KEY_REASON:
        return row.set_reason(value);
      default:
        return;
    }
  }

  const v1::GetRollupRequest& request_;
  const int32_t from_;
  const int32_t to_;
  const std::function<std::string(std::string_view)>& provider_of_;
  absl::flat_hash_map<std::string, std::string> providers_;
  std::map<Key, Sums> rows_;
};

}  // namespace

absl::StatusOr<v1::GetRollupResponse> SumRollups(
    const SegmentSet& segments, const v1::GetRollupRequest& request,
    const std::function<std::string(std::string_view)>& provider_of) {
  const auto from = ParseDay(request.from_day());
  const auto to = ParseDay(request.to_day());
  if (!from.ok()) return BadField("DATE_INVALID", "from_day", "Give a real date YYYY-MM-DD.");
  if (!to.ok()) return BadField("DATE_INVALID", "to_day", "Give a real date YYYY-MM-DD.");
  bool by_day = false;
  bool by_month = false;
  for (const int key : request.keys()) {
    if (key <= v1::ROLLUP_KEY_UNSPECIFIED || !v1::RollupKey_IsValid(key)) {
      return BadField("ROLLUP_KEY", "keys", "Use keys of RollupKey.");
    }
    by_day = by_day || key == v1::ROLLUP_KEY_DAY;
    by_month = by_month || key == v1::ROLLUP_KEY_MONTH;
  }
  if (by_day && by_month) return BadField("ROLLUP_KEY", "keys", "Ask by day or by month, not both.");
  Summing summing(request, static_cast<int32_t>(*from - absl::CivilDay()),
                  static_cast<int32_t>(*to - absl::CivilDay()), provider_of);
  segments.VisitRollups([&](const RollupCell& cell, const RollupSums& sums) { summing.Add(cell, sums); });
  v1::GetRollupResponse response = TRY(summing.Finish());
  response.set_reached(segments.reached());
  return response;
}

}  // namespace zhanqiao::ledger
