#include "hub/exchange/diagnostics/diagnostics_service.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::exchange {
namespace {

constexpr uint64_t kEntriesSearched = 100'000;
constexpr uint64_t kWindow = 2'000;  // entries looked at together, newest windows first
constexpr int kTimeoutMax = 30'000;

absl::Status NotFound() {
  return Fail(absl::StatusCode::kNotFound, "TRACE_NOT_FOUND",
              "No release or refusal you may see has this index or, among the newest 100,000 entries, this trace id.");
}

}  // namespace

absl::StatusOr<v1::StoredEntry> DiagnosticsService::FindByTrace(const Caller& caller, const std::string& trace) const {
  v1::ListEntriesRequest request;
  request.set_page_size(1000);
  request.set_from(UINT64_MAX);
  const uint64_t size = TRY(ledger_.ListEntries(caller, request)).size();
  const uint64_t oldest = size - std::min(size, kEntriesSearched);
  for (uint64_t end = size; end > oldest;) {
    const uint64_t begin = end - std::min(kWindow, end - oldest);
    for (uint64_t from = begin; from < end;) {
      request.set_from(from);
      const auto page = ledger_.ListEntries(caller, request);
      if (!page.ok()) return NotFound();  // the rest lies in archives
      for (const v1::StoredEntry& stored : page->entries()) {
        if (stored.index() < end && stored.decoded().trace() == trace && HasLinks(stored.decoded())) return stored;
      }
      from = page->next();
    }
    end = begin;
  }
  return NotFound();
}

absl::StatusOr<v1::ExchangeTrace> DiagnosticsService::TraceExchange(const Caller& caller,
                                                                    const v1::TraceExchangeRequest& request) const {
  const absl::Status clean = access::CheckText("id", request.id(), 64, true);
  if (!clean.ok()) return BadField("TRACE_INVALID", "id", "Give the ledger index of the entry, or the request's trace id.");
  v1::GetEntryRequest get;
  uint64_t index = 0;
  if (!absl::SimpleAtoi(request.id(), &index)) {
    const v1::StoredEntry stored = TRY(FindByTrace(caller, request.id()));
    return TraceOf(stored, broker_.link_times());
  }
  get.set_index(index);
  const auto stored = ledger_.GetEntry(caller, get);
  if (!stored.ok()) return stored.status().code() == absl::StatusCode::kOutOfRange ? NotFound() : stored.status();
  if (!HasLinks(stored->decoded())) return NotFound();
  return TraceOf(*stored, broker_.link_times());
}

absl::StatusOr<std::vector<v1::Connector>> DiagnosticsService::ConnectorsOf(const Caller& caller,
                                                                            const v1::ProbeConnectorsRequest& request) {
  if (request.timeout_ms() < 0 || request.timeout_ms() > kTimeoutMax) {
    return BadField("TIMEOUT_INVALID", "timeout_ms", "Give 0 to 30000 milliseconds.");
  }
  const std::string parent = request.parent().empty() ? caller.organization : request.parent();
  // A probe works in the department's own source: an auditor, who only reads, does not set it off.
  const bool everywhere = caller.HasRole("system_admin") || caller.HasRole("security_admin") || caller.HasRole("office");
  if (!everywhere && caller.organization != parent) {
    return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
                "Connectors are probed for their own body, system_admin, security_admin and the office.",
                {{"link", std::string(kLinkCaller)}});
  }
  std::vector<v1::Connector> connectors;
  v1::ListConnectorsRequest list;
  list.set_parent(parent);
  list.set_page_size(1000);
  do {
    const auto page = TRY(access_.ListConnectors(caller, list));
    connectors.insert(connectors.end(), page.connectors().begin(), page.connectors().end());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  return connectors;
}

void DiagnosticsService::ProbeConnectors(const Caller& caller, const v1::ProbeConnectorsRequest& request,
                                         absl::AnyInvocable<void(absl::StatusOr<v1::ProbeConnectorsResponse>)> done) {
  const auto connectors = ConnectorsOf(caller, request);
  if (!connectors.ok()) return done(connectors.status());
  const absl::Duration timeout = absl::Milliseconds(request.timeout_ms() == 0 ? 5'000 : request.timeout_ms());
  probes_.Ask(*connectors, timeout, [done = std::move(done)](v1::ProbeConnectorsResponse response) mutable {
    done(std::move(response));
  });
}

}  // namespace zhanqiao::exchange
