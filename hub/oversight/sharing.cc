#include "hub/oversight/sharing.h"

#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::oversight {
namespace {

constexpr size_t kRowsMax = 100'000;

// One thing that happened, many times, on one day: a cell of the ledger's roll-ups or of a sample.
struct Happened {
  absl::CivilDay day;
  std::string_view consumer;  // system
  std::string_view provider;
  std::string_view resource;
  std::string_view purpose;
  std::string_view reason;    // of refusals; empty: released
  ledger::RollupSums sums;
  bool sample = false;
};

struct Sums {
  uint64_t released = 0;
  uint64_t refused = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t sample = 0;
};

struct Span {
  absl::CivilDay from;
  absl::CivilDay to;
};

class Summing {
 public:
  Summing(const v1::GetSharingRequest& request, std::string organization, Span span)
      : request_(request), organization_(std::move(organization)), span_(span) {}

  void Add(const Happened& happened) {
    if (happened.day < span_.from || happened.day > span_.to) return;
    const std::string consumer = access::OrganizationOf(happened.consumer);
    if (!organization_.empty() && organization_ != consumer && organization_ != happened.provider) return;
    if (!request_.resource().empty() && request_.resource() != happened.resource) return;
    std::vector<std::string> key;
    for (const int asked : request_.keys()) key.push_back(ValueOf(static_cast<v1::SharingKey>(asked), happened, consumer));
    Sums& row = rows_[std::move(key)];
    (happened.reason.empty() ? row.released : row.refused) += happened.sums.count;
    row.rows += happened.sums.rows;
    row.bytes += happened.sums.bytes;
    if (happened.sample) row.sample += happened.sums.count;
  }

  absl::StatusOr<v1::Sharing> Finish() const {
    if (rows_.size() > kRowsMax) {
      return Fail(absl::StatusCode::kResourceExhausted, "ROLLUP_ROWS",
                  "The answer has more than 100,000 rows; ask for fewer keys or days.");
    }
    v1::Sharing sharing;
    for (const auto& [key, sums] : rows_) {
      v1::SharingRow& row = *sharing.add_rows();
      for (int i = 0; i < request_.keys_size(); ++i) Set(request_.keys(i), key[static_cast<size_t>(i)], row);
      row.set_released(sums.released);
      row.set_refused(sums.refused);
      row.set_rows(sums.rows);
      row.set_released_bytes(sums.bytes);
      row.set_sample(sums.sample);
    }
    return sharing;
  }

 private:
  static std::string ValueOf(v1::SharingKey key, const Happened& happened, const std::string& consumer) {
    switch (key) {
      case v1::SHARING_KEY_DAY:
        return FormatDay(happened.day);
      case v1::SHARING_KEY_MONTH:
        return FormatDay(happened.day).substr(0, 7);
      case v1::SHARING_KEY_CONSUMER:
        return consumer;
      case v1::SHARING_KEY_PROVIDER:
        return std::string(happened.provider);
      case v1::SHARING_KEY_RESOURCE:
        return std::string(happened.resource);
      case v1::SHARING_KEY_PURPOSE:
        return std::string(happened.purpose);
      case v1::SHARING_KEY_REASON:
        return std::string(happened.reason);
      default:
        return "";
    }
  }
  static void Set(int key, const std::string& value, v1::SharingRow& row) {
    switch (key) {
      case v1::SHARING_KEY_DAY:
      case v1::SHARING_KEY_MONTH:
        return row.set_day(value);
      case v1::SHARING_KEY_CONSUMER:
        return row.set_consumer(value);
      case v1::SHARING_KEY_PROVIDER:
        return row.set_provider(value);
      case v1::SHARING_KEY_RESOURCE:
        return row.set_resource(value);
      case v1::SHARING_KEY_PURPOSE:
        return row.set_purpose(value);
      case v1::SHARING_KEY_REASON:
        return row.set_reason(value);
      default:
        return;
    }
  }

  const v1::GetSharingRequest& request_;
  const std::string organization_;
  const Span span_;
  std::map<std::vector<std::string>, Sums> rows_;
};

absl::StatusOr<Span> SpanOf(const v1::GetSharingRequest& request) {
  const auto from = ParseDay(request.from_day());
  const auto to = ParseDay(request.to_day());
  if (!from.ok()) return BadField("DATE_INVALID", "from_day", "Give an existing date as YYYY-MM-DD.");
  if (!to.ok()) return BadField("DATE_INVALID", "to_day", "Give an existing date as YYYY-MM-DD.");
  bool by_day = false;
  bool by_month = false;
  for (const int key : request.keys()) {
    if (key <= v1::SHARING_KEY_UNSPECIFIED || !v1::SharingKey_IsValid(key)) {
      return BadField("SHARING_KEY", "keys", "Give keys of SharingKey.");
    }
    by_day = by_day || key == v1::SHARING_KEY_DAY;
    by_month = by_month || key == v1::SHARING_KEY_MONTH;
  }
  if (by_day && by_month) return BadField("SHARING_KEY", "keys", "Ask by day or by month, not both.");
  return Span{*from, *to};
}

// What cells name and documents tell: the purpose of a grant, the provider of a resource that was refused.
class Names {
 public:
  explicit Names(const RecordsView& view) : view_(view) {}

  std::string_view PurposeOf(const std::string& grant) {
    return Remembered(purposes_, grant, [&]() -> std::string_view {
      const auto* history = view_.grants.Find(grant);
      return history == nullptr ? "" : std::string_view(history->versions().back().fact.purpose());
    });
  }
  std::string_view ProviderOf(const std::string& resource) {
    return Remembered(providers_, resource, [&]() -> std::string_view {
      const auto* history = view_.resources.Find(resource);
      return history == nullptr ? "" : std::string_view(history->versions().back().fact.provider());
    });
  }

 private:
  using Texts = absl::flat_hash_map<std::string, std::string_view>;
  template <typename Look>
  static std::string_view Remembered(Texts& texts, const std::string& name, const Look& look) {
    auto [at, fresh] = texts.try_emplace(name);
    if (fresh) at->second = look();
    return at->second;
  }

  const RecordsView& view_;
  Texts purposes_;
  Texts providers_;
};

void AddLedger(const ledger::SegmentSet& segments, const RecordsView& view, Summing& summing) {
  Names names(view);
  segments.VisitRollups([&](const ledger::RollupCell& cell, const ledger::RollupSums& sums) {
    summing.Add({.day = absl::CivilDay() + cell.day,
                 .consumer = cell.consumer,
                 .provider = cell.provider.empty() ? names.ProviderOf(cell.resource) : cell.provider,
                 .resource = cell.resource,
                 .purpose = names.PurposeOf(cell.grant),
                 .reason = cell.reason,
                 .sums = sums});
  });
}

void AddSamples(const RecordsView& view, Summing& summing) {
  for (const auto& [name, history] : view.samples.all()) {
    const v1::SharingSample& sample = history.versions().back().fact;
    const auto month = ParseDay(absl::StrCat(name.substr(name.find('/') + 1), "-01"));
    if (history.versions().back().deleted || !month.ok()) continue;
    const auto text = [&](int position) -> std::string_view {
      return position >= 0 && position < sample.texts_size() ? std::string_view(sample.texts(position)) : "";
    };
    for (const v1::SharingSampleCell& cell : sample.cells()) {
      summing.Add({.day = *month + (cell.day() - 1),
                   .consumer = text(cell.consumer()),
                   .provider = text(cell.provider()),
                   .resource = text(cell.resource()),
                   .purpose = text(cell.purpose()),
                   .reason = text(cell.reason()),
                   .sums = {cell.count(), cell.rows(), cell.bytes()},
                   .sample = true});
    }
  }
}

}  // namespace

absl::StatusOr<v1::Sharing> SharingFigures::Sum(const v1::GetSharingRequest& request, const std::string& organization,
                                                absl::Time deadline) const {
  const Span span = TRY(SpanOf(request));
  Summing summing(request, organization, span);
  const ledger::SegmentSet segments = index_.Snapshot(deadline);
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader&) -> absl::Status {
    AddLedger(segments, view, summing);
    if (!request.ledger_only()) AddSamples(view, summing);
    return absl::OkStatus();
  });
  TRY(read);
  v1::Sharing sharing = TRY(summing.Finish());
  sharing.set_reached(segments.reached());
  return sharing;
}

}  // namespace zhanqiao::oversight
