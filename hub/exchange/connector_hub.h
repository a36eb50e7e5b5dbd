// ConnectorService: the hub's side of the connectors' streams.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/stream.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "catalog/storage/pipeline.h"
#include "hub/exchange/broker.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::exchange {

struct ConnectorHubOptions {
  absl::Duration heartbeat = absl::Seconds(5);  // three of silence end a stream
  size_t buffered_max = 4 << 20;                // bytes a connector may leave unread before it is cut off
};

// Thread-safe. A coming and a going are ledger entries (ConnectorEvent). Streams outlive a ledger that cannot be
// written: what comes and goes meanwhile is kept (at most 1,000 events) and written once it can.
class ConnectorHub {
 public:
  using Options = ConnectorHubOptions;
  // Everything referred to must outlive it and the streams.
  ConnectorHub(const catalog::Catalog& catalog, Broker& broker, storage::CommitPipeline& pipeline, const Clock& clock,
               Options options);
  ~ConnectorHub();

  // Follows which entries name which connector. Once, before traffic starts.
  absl::Status Follow(documents::DocumentStore& store);

  // The handler of one ConnectorService.Connect stream.
  std::unique_ptr<StreamHandler<v1::ConnectRequest>> Connect(std::shared_ptr<StreamSink<v1::ConnectResponse>> sink);

  // Sends heartbeats and ends silent streams. Call about ten times a second.
  void Sweep();

  // The published entries that name the connector, in name order.
  std::vector<v1::Resource> Serves(std::string_view connector) const;

  // A stream of the connector is open now; for AccessService.
  bool Connected(std::string_view connector) const { return broker_.Connected(connector); }

 private:
  class Stream;
  class Line;
  struct Served;

  void Log(std::string connector, std::string_view verb, std::string reason, std::vector<std::string> resources);
  void Write(storage::LogRecord record);
  void WriteKept();

  const catalog::Catalog& catalog_;
  Broker& broker_;
  storage::CommitPipeline& pipeline_;
  const Clock& clock_;
  const Options options_;
  const std::shared_ptr<Served> served_;  // shared with the store's observer
  absl::Mutex mu_;  // makes one coming or going one step
  std::vector<std::weak_ptr<Line>> lines_ ABSL_GUARDED_BY(mu_);
  absl::Mutex kept_mu_;
  std::vector<storage::LogRecord> kept_ ABSL_GUARDED_BY(kept_mu_);  // events from while the ledger was closed
};

}  // namespace zhanqiao::exchange
