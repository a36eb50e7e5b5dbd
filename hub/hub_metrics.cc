#include "hub/hub.h"


namespace zhanqiao {

void Hub::AddMetrics() {
  metrics_.AddGauge("hub_ledger_entries", "Entries in the ledger.", [this] { return static_cast<double>(log_->head()->size()); });
  metrics_.AddGauge("hub_ledger_open", "1 while the ledger can be written; 0: nothing is released (LEDGER_UNAVAILABLE).",
                    [this] { return pipeline_.closed() ? 0.0 : 1.0; });
  metrics_.AddCounter("hub_ledger_closed_total", "Times the ledger could not be written and the hub stopped releasing.",
                      [this] { return static_cast<double>(pipeline_.times_closed()); });
  metrics_.AddGauge("hub_checkpoint_kept", "1 while checkpoints can be signed and kept in both places.",
                    [this] { return checkpointer_->health().ok() ? 1.0 : 0.0; });
  metrics_.AddGauge("hub_ledger_indexed", "Entries of the ledger the index has reached.",
                    [this] { return static_cast<double>(index_->reached()); });
  metrics_.AddGauge("hub_ledger_archives", "Segments of the ledger with an archive file.",
                    [this] { return static_cast<double>(archivist_->archives().size()); });
  metrics_.AddCounter("hub_ledger_self_checked_tiles_total", "Tiles of 256 entries hashed again and compared, round after round.",
                      [this] { return static_cast<double>(self_check_.tiles_checked()); });
  metrics_.AddCounter("hub_ledger_self_check_problems_total", "Altered or missing entries and tiles found so; the log names them.",
                      [this] { return static_cast<double>(self_check_.problems_found()); });
  metrics_.AddGauge("hub_search_indexed", "Ledger index the search index has reached; -1 while it is made.",
                    [this] { return search_index_->reached() ? static_cast<double>(*search_index_->reached()) : -1.0; });
  metrics_.AddGauge("hub_commit_queue", "Commits waiting to be written.", [this] { return static_cast<double>(pipeline_.queued()); });
  metrics_.AddGauge("hub_exchanges_open", "Exchanges under way.", [this] { return static_cast<double>(broker_.in_flight()); });
  AddPayloadMetrics();
  metrics_.AddGauge("hub_edge_connections_open", "Open connections.",
                    [this] { return static_cast<double>(server_->stats().connections_open); });
  metrics_.AddCounter("hub_edge_connections_shed_total", "Connections refused for want of descriptors or places.",
                      [this] { return static_cast<double>(server_->stats().connections_shed); });
  metrics_.AddCounter("hub_edge_handshakes_failed_total", "TLS handshakes that failed.",
                      [this] { return static_cast<double>(server_->stats().handshakes_failed); });
  metrics_.AddCounter("hub_edge_calls_refused_total", "Calls the edge answered itself.",
                      [this] { return static_cast<double>(server_->stats().calls_refused); });
  if (!collector_) return;
  for (const ledger::Vouch& vouch : collector_->vouching().witnesses) {
    metrics_.AddGauge("hub_ledger_witness_age_seconds", "Seconds since the witness last vouched for the log; -1: never.",
                      {{"witness", vouch.name}}, [this, name = vouch.name] { return WitnessAge(name); });
  }
  metrics_.AddGauge("hub_ledger_cosigned_entries", "Entries the quorum of witnesses vouches for.", [this] {
    const auto cosigned = collector_->vouching().cosigned;
    return cosigned ? static_cast<double>(cosigned->checkpoint.size) : 0.0;
  });
}

void Hub::AddPayloadMetrics() {
  const auto count = [](const std::atomic<int64_t>& counter) {
    return [&counter] { return static_cast<double>(counter.load(std::memory_order_relaxed)); };
  };
  const exchange::FeedCounts& counts = feeds_.counts();
  metrics_.AddCounter("hub_feed_published_records_total", "Records published to feeds.", count(counts.published));
  metrics_.AddCounter("hub_feed_repeated_records_total", "Records published again under a known key and not stored.", count(counts.repeated));
  metrics_.AddCounter("hub_feed_delivered_records_total", "Records delivered to subscribers.", count(counts.delivered));
  metrics_.AddCounter("hub_feed_acknowledgements_total", "Acknowledgements made durable.", count(counts.acknowledged));
  metrics_.AddCounter("hub_feed_swept_records_total", "Records that left by retention.", count(counts.swept));
  metrics_.AddCounter("hub_feed_swept_unread_records_total", "Of those, records a subscription had not acknowledged.",
                      count(counts.swept_unread));
  metrics_.AddGauge("hub_feed_records", "Records kept in feeds.", [this] { return static_cast<double>(feeds_.totals().records); });
  metrics_.AddGauge("hub_feed_bytes", "Bytes they take in the store.", [this] { return static_cast<double>(feeds_.totals().bytes); });
  metrics_.AddGauge("hub_feed_lag_records_max", "Records the subscription furthest behind has to read.",
                    [this] { return static_cast<double>(feeds_.totals().lag_records_max); });
  metrics_.AddGauge("hub_feed_subscribers", "Subscribers' open streams.", [this] { return static_cast<double>(feeds_.totals().connected); });
  metrics_.AddGauge("hub_files", "Files announced and kept.", [this] { return static_cast<double>(files_.count()); });
  metrics_.AddGauge("hub_files_bytes", "Their sizes together.", [this] { return static_cast<double>(files_.bytes()); });
  metrics_.AddGauge("hub_payload_queue", "Tasks on feeds and files waiting for a thread.",
                    [this] { return static_cast<double>(payload_workers_.queued()); });
}

double Hub::WitnessAge(const std::string& name) const {
  for (const ledger::Vouch& vouch : collector_->vouching().witnesses) {
    if (vouch.name == name && vouch.time_s > 0) return static_cast<double>(absl::ToUnixSeconds(clock_.Now())) - static_cast<double>(vouch.time_s);
  }
  return -1;
}

}  // namespace zhanqiao
