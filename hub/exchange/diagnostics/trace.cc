#include "hub/exchange/diagnostics/trace.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zhanqiao::exchange {
namespace {

class Links {
 public:
  explicit Links(v1::ExchangeTrace& trace) : trace_(trace) {}

  v1::LinkTime& Add(v1::Link link, std::string who, std::string note = "") {
    v1::LinkTime& one = *trace_.add_links();
    one.set_link(link);
    one.set_who(std::move(who));
    one.set_note(std::move(note));
    return one;
  }
  // A link that took `us` after all that were timed before it.
  void AddTimed(v1::Link link, std::string who, int64_t us, std::string note = "") {
    v1::LinkTime& one = Add(link, std::move(who), std::move(note));
    one.set_duration_us(us);
    one.set_end_us(end_us_ += us);
  }
  int64_t end_us() const { return end_us_; }

 private:
  v1::ExchangeTrace& trace_;
  int64_t end_us_ = 0;
};

void AddRelease(const v1::StoredEntry& stored, const LinkTimes& times, v1::ExchangeTrace& trace) {
  const v1::Exchange& exchange = stored.decoded().exchange();
  Links links(trace);
  links.Add(v1::LINK_CONSUMER, exchange.consumer());
  links.Add(v1::LINK_EDGE, "", "Times count from here, when the request was whole.");
  links.Add(v1::LINK_GRANT, exchange.grant(),
            absl::StrCat("Revision ", exchange.grant_revision(), ", in force since entry ", exchange.grant_index(),
                         "; its check is part of the queue's time."));
  links.AddTimed(v1::LINK_QUEUE, "", exchange.queue_us());
  const int64_t source = std::min(exchange.source_us(), exchange.connector_us());
  const bool has_source = !exchange.connector().empty();
  if (has_source) {
    links.AddTimed(v1::LINK_CONNECTOR, exchange.connector(), exchange.connector_us() - source,
                   "The way there and back, without the source.");
    links.AddTimed(v1::LINK_SOURCE, exchange.provider(), source, "As the connector says.");
  }
  std::string masked;
  for (int i = 0; i < exchange.masks_size() && i < exchange.fields_size(); ++i) {
    if (exchange.masks(i) == v1::MASK_UNSPECIFIED) continue;
    absl::StrAppend(&masked, masked.empty() ? "" : ",", exchange.fields(i));
  }
  links.AddTimed(v1::LINK_MASK, masked, exchange.check_us());
  const auto ledger = times.Ledger(stored.index());
  const std::string entry = absl::StrCat("entries/", stored.index());
  if (ledger) {
    links.AddTimed(v1::LINK_LEDGER, entry, absl::ToInt64Microseconds(*ledger));
  } else {
    links.Add(v1::LINK_LEDGER, entry, "Not measured, or too long ago: times of writing are kept for the newest entries only.");
  }
  v1::LinkTime& release = links.Add(v1::LINK_RELEASE, exchange.consumer(), "The first byte leaves after the entry is synced.");
  if (ledger) release.set_end_us(links.end_us());
  trace.set_total_us(static_cast<uint64_t>(links.end_us()));
}

v1::Link LinkOf(std::string_view name) {
  if (name == "caller") return v1::LINK_CONSUMER;
  if (name == "grant") return v1::LINK_GRANT;
  if (name == "connector") return v1::LINK_CONNECTOR;
  if (name == "source") return v1::LINK_SOURCE;
  return name == "hub" ? v1::LINK_QUEUE : v1::LINK_UNSPECIFIED;
}

void AddRefusal(const v1::StoredEntry& stored, v1::ExchangeTrace& trace) {
  const v1::Denial& denial = stored.decoded().denial();
  trace.set_reason(denial.reason());
  trace.set_refused_by(LinkOf(denial.link()));
  Links links(trace);
  links.Add(v1::LINK_CONSUMER, denial.consumer().empty() ? denial.identity() : denial.consumer());
  links.Add(v1::LINK_EDGE, denial.method());
  if (!denial.grant().empty()) links.Add(v1::LINK_GRANT, denial.grant());
  const bool further = trace.refused_by() == v1::LINK_CONNECTOR || trace.refused_by() == v1::LINK_SOURCE;
  if (further) links.Add(v1::LINK_QUEUE, "");
  if (further) links.Add(v1::LINK_CONNECTOR, denial.resource());
  if (trace.refused_by() == v1::LINK_SOURCE) links.Add(v1::LINK_SOURCE, denial.resource());
  links.Add(v1::LINK_LEDGER, absl::StrCat("entries/", stored.index()), absl::StrCat("Refused: ", denial.reason(), "."));
}

}  // namespace

bool HasLinks(const v1::LedgerEntry& entry) { return entry.has_exchange() || entry.has_denial(); }

v1::ExchangeTrace TraceOf(const v1::StoredEntry& stored, const LinkTimes& times) {
  v1::ExchangeTrace trace;
  trace.set_index(stored.index());
  trace.set_trace(stored.decoded().trace());
  trace.set_time_us(static_cast<int64_t>(stored.decoded().time_us()));
  trace.set_released(stored.decoded().has_exchange());
  if (trace.released()) {
    AddRelease(stored, times, trace);
  } else {
    AddRefusal(stored, trace);
  }
  return trace;
}

}  // namespace zhanqiao::exchange
