#include "hub/exchange/connector_hub.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::exchange {
namespace {

constexpr int kCreditsMax = 65536;
constexpr int kBatchMax = 64;
constexpr int kSilentIntervals = 3;
constexpr int kResourcesMax = 10000;
constexpr size_t kKeptMax = 1000;  // connector events kept while the ledger is closed

absl::Status CheckHello(const v1::Hello& hello) {
  if (hello.credits() < 1 || hello.credits() > kCreditsMax) {
    return BadField("CREDITS_INVALID", "hello.credits", "Give 1 to 65536 credits.");
  }
  if (hello.resources_size() > kResourcesMax) {
    return BadField("RESOURCES_MANY", "hello.resources", "Name at most 10000 resources.");
  }
  return access::CheckText("hello.software", hello.software(), 64, false);
}

}  // namespace

// Which entries name which connector, kept from the store's changes.
struct ConnectorHub::Served {
  absl::Mutex mu;  // makes taking one version one step
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> resources ABSL_GUARDED_BY(mu);  // by connector
  absl::flat_hash_map<std::string, std::vector<std::string>> named ABSL_GUARDED_BY(mu);              // by resource
  std::atomic<uint64_t> changes{0};

  void Take(const documents::Version& version) {
    const auto resource = version.deleted ? absl::StatusOr<v1::Resource>(v1::Resource()) : version.As<v1::Resource>();
    if (!resource.ok()) return;
    absl::MutexLock lock(&mu);
    for (const std::string& connector : named[version.name]) resources[connector].erase(version.name);
    auto& now = named[version.name];
    now.assign(resource->connectors().begin(), resource->connectors().end());
    for (const std::string& connector : now) resources[connector].insert(version.name);
    changes.fetch_add(1);
  }
};

// What a stream's handler, its session and the sweep share.
class ConnectorHub::Line : public std::enable_shared_from_this<Line> {
 public:
  Line(ConnectorHub& hub, std::shared_ptr<StreamSink<v1::ConnectResponse>> sink)
      : hub_(hub), sink_(std::move(sink)), heard_ns_(absl::ToUnixNanos(hub.clock_.Now())), told_ns_(heard_ns_.load()) {}

  // Starts the session after a good hello.
  void Open(std::string connector, std::vector<v1::Resource> resources, int credits, bool all) {
    connector_ = connector;
    all_ = all;
    std::vector<std::string> names;
    v1::ConnectResponse message;
    auto& welcome = *message.mutable_welcome();
    welcome.set_connector(connector);
    welcome.set_heartbeat_ms(static_cast<int32_t>(absl::ToInt64Milliseconds(hub_.options_.heartbeat)));
    for (auto& resource : resources) {
      names.push_back(resource.name());
      schemas_[resource.name()] = resource.schema_fingerprint();
      *welcome.add_resources() = std::move(resource);
    }
    changes_ = hub_.served_->changes.load();
    sink_->Write(message);
    session_ = std::make_shared<Session>(std::move(connector), names, credits, Session::Options(),
                                         [line = weak_from_this()] {
                                           if (const auto self = line.lock()) self->Kick();
                                         });
    open_.store(true);
    hub_.broker_.Add(session_);
    hub_.Log(connector_, "connected", "", std::move(names));
  }

  void Heard() { heard_ns_.store(absl::ToUnixNanos(hub_.clock_.Now()), std::memory_order_relaxed); }

  // Ends the session once, whoever notices first.
  void Close(std::string_view reason) {
    if (!open_.exchange(false)) return;
    hub_.Log(connector_, "disconnected", std::string(reason), {});
    hub_.broker_.Remove(session_);
  }

  void End(const absl::Status& status) {
    Close(ReasonOf(status));
    sink_->Finish(status);
  }

  // On any thread, a few times a second.
  void Sweep(absl::Time now) {
    if (!open_.load()) return;
    const absl::Duration silent = now - absl::FromUnixNanos(heard_ns_.load(std::memory_order_relaxed));
    if (silent >= kSilentIntervals * hub_.options_.heartbeat) {
      return End(Fail(absl::StatusCode::kUnavailable, "CONNECTOR_SILENT",
                      "Nothing came for three heartbeat intervals; connect again."));
    }
    if (sink_->buffered() > hub_.options_.buffered_max) {
      return End(Fail(absl::StatusCode::kResourceExhausted, "CONNECTOR_SLOW",
                      "The connector does not read what it is sent; give it fewer credits and connect again."));
    }
    if (Outdated()) {
      return End(Fail(absl::StatusCode::kAborted, "CATALOGUE_CHANGED",
                      "The entries this connector serves have changed; connect again to get them."));
    }
    const absl::Time told = absl::FromUnixNanos(told_ns_.load(std::memory_order_relaxed));
    if (now - told < hub_.options_.heartbeat) return;
    told_ns_.store(absl::ToUnixNanos(now), std::memory_order_relaxed);
    v1::ConnectResponse message;
    message.mutable_heartbeat()->set_sequence(++heartbeats_);
    sink_->Write(message);
  }

  const std::shared_ptr<Session>& session() const { return session_; }
  bool open() const { return open_.load(); }

 private:
  void Kick() {
    sink_->Post([self = shared_from_this()] {
      const absl::Time now = self->hub_.clock_.Now();
      for (auto& message : self->session_->Collect(now)) self->sink_->WriteEncoded(std::move(message));
      self->told_ns_.store(absl::ToUnixNanos(now), std::memory_order_relaxed);
    });
  }

  // An entry it was welcomed with has another schema or is gone, or a new one names it.
  bool Outdated() {
    const uint64_t changes = hub_.served_->changes.load();
    if (changes == changes_) return false;
    changes_ = changes;
    const auto serves = hub_.Serves(connector_);
    size_t known = 0;
    for (const auto& resource : serves) {
      const auto found = schemas_.find(resource.name());
      if (found == schemas_.end()) {
        if (all_) return true;
        continue;
      }
      if (found->second != resource.schema_fingerprint()) return true;
      ++known;
    }
    return known != schemas_.size();
  }

  ConnectorHub& hub_;
  const std::shared_ptr<StreamSink<v1::ConnectResponse>> sink_;
  std::string connector_;
  std::shared_ptr<Session> session_;  // shared with the broker's routes
  absl::flat_hash_map<std::string, std::string> schemas_;  // resource to fingerprint, as welcomed
  bool all_ = false;                                       // serves whatever names it
  uint64_t changes_ = 0;
  uint64_t heartbeats_ = 0;
  std::atomic<bool> open_{false};
  std::atomic<int64_t> heard_ns_;
  std::atomic<int64_t> told_ns_;
};

class ConnectorHub::Stream final : public StreamHandler<v1::ConnectRequest> {
 public:
  Stream(ConnectorHub& hub, std::shared_ptr<Line> line) : hub_(hub), line_(std::move(line)) {}
  ~Stream() override { line_->Close("STREAM_ENDED"); }

  void OnMessage(const Caller& caller, v1::ConnectRequest& message) override {
    if (ended_) return;
    line_->Heard();
    if (message.has_hello()) return Hello(caller, message.hello());
    if (!line_->open()) {
      return End(Fail(absl::StatusCode::kFailedPrecondition, "HELLO_FIRST", "The first message is a hello."));
    }
    if (message.has_replies()) {
      if (message.replies().replies_size() > kBatchMax) {
        return End(BadField("BATCH_TOO_LARGE", "replies.replies", "Send at most 64 replies in a message."));
      }
      hub_.broker_.Take(*line_->session(), *message.mutable_replies(), caller.signing_key);
    } else if (message.has_credit()) {
      if (message.credit().credits() < 1 || message.credit().credits() > kCreditsMax) {
        return End(BadField("CREDITS_INVALID", "credit.credits", "Give 1 to 65536 credits."));
      }
      line_->session()->AddCredits(message.credit().credits());
    } else if (!message.has_heartbeat()) {
      End(BadField("MESSAGE_EMPTY", "message", "Send a hello, replies, credit or a heartbeat."));
    }
  }

  void OnHalfClose() override { End(absl::OkStatus()); }
  void OnCancel() override {
    ended_ = true;
    line_->Close("STREAM_CANCELLED");
  }

 private:
  void Hello(const Caller& caller, const v1::Hello& hello) {
    if (line_->open()) {
      return End(Fail(absl::StatusCode::kFailedPrecondition, "HELLO_REPEATED", "One stream has one hello."));
    }
    if (caller.kind != SubjectKind::kConnector) {
      return End(Fail(absl::StatusCode::kPermissionDenied, "CALLER_NOT_CONNECTOR", "Only a registered connector serves.",
                      {{"link", std::string(kLinkCaller)}}));
    }
    const absl::Status well_formed = CheckHello(hello);
    if (!well_formed.ok()) return End(well_formed);
    std::vector<v1::Resource> serves = hub_.Serves(caller.subject);
    if (!hello.resources().empty()) {
      std::vector<v1::Resource> asked;
      for (const auto& name : hello.resources()) {
        const auto found = std::find_if(serves.begin(), serves.end(), [&](const auto& it) { return it.name() == name; });
        if (found == serves.end()) {
          return End(Fail(absl::StatusCode::kPermissionDenied, "RESOURCE_NOT_SERVED",
                          "No published entry of this name lists the connector; see the entry's connectors.",
                          {{"link", std::string(kLinkConnector)}, {"resource", name.substr(0, 128)}}));
        }
        const bool twice = std::any_of(asked.begin(), asked.end(), [&](const auto& it) { return it.name() == name; });
        if (!twice) asked.push_back(*found);
      }
      serves = std::move(asked);
    }
    line_->Open(caller.subject, std::move(serves), hello.credits(), hello.resources().empty());
  }

  void End(const absl::Status& status) {
    ended_ = true;
    line_->End(status);
  }

  ConnectorHub& hub_;
  const std::shared_ptr<Line> line_;
  bool ended_ = false;
};

ConnectorHub::ConnectorHub(const catalog::Catalog& catalog, Broker& broker, storage::CommitPipeline& pipeline,
                           const Clock& clock, Options options)
    : catalog_(catalog), broker_(broker), pipeline_(pipeline), clock_(clock), options_(options),
      served_(std::make_shared<Served>()) {}

ConnectorHub::~ConnectorHub() = default;

absl::Status ConnectorHub::Follow(documents::DocumentStore& store) {
  return store.Observe("resources/", [served = served_](const documents::Version& version) { served->Take(version); });
}

std::unique_ptr<StreamHandler<v1::ConnectRequest>> ConnectorHub::Connect(
    std::shared_ptr<StreamSink<v1::ConnectResponse>> sink) {
  auto line = std::make_shared<Line>(*this, std::move(sink));
  {
    absl::MutexLock lock(&mu_);
    lines_.erase(std::remove_if(lines_.begin(), lines_.end(), [](const auto& it) { return it.expired(); }), lines_.end());
    lines_.push_back(line);
  }
  return std::make_unique<Stream>(*this, std::move(line));
}

std::vector<v1::Resource> ConnectorHub::Serves(std::string_view connector) const {
  std::vector<std::string> names;
  {
    absl::MutexLock lock(&served_->mu);
    const auto found = served_->resources.find(absl::string_view(connector.data(), connector.size()));
    if (found != served_->resources.end()) names.assign(found->second.begin(), found->second.end());
  }
  std::sort(names.begin(), names.end());
  std::vector<v1::Resource> resources;
  for (const std::string& name : names) {
    const auto resource = catalog_.FindResource(name);
    if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) continue;
    const auto& allowed = resource->connectors();
    if (std::find(allowed.begin(), allowed.end(), connector) != allowed.end()) resources.push_back(*resource);
  }
  return resources;
}

void ConnectorHub::Sweep() {
  std::vector<std::shared_ptr<Line>> lines;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& weak : lines_) {
      if (auto line = weak.lock()) lines.push_back(std::move(line));
    }
  }
  const absl::Time now = clock_.Now();
  for (const auto& line : lines) line->Sweep(now);
  WriteKept();
}

void ConnectorHub::Log(std::string connector, std::string_view verb, std::string reason,
                       std::vector<std::string> resources) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(connector);
  auto& event = *entry.mutable_connector_event();
  event.set_connector(std::move(connector));
  event.set_verb(std::string(verb));
  event.set_reason(std::move(reason));
  // An entry is bounded; the catalogue says the rest.
  if (resources.size() > 1000) resources.resize(1000);
  for (auto& resource : resources) event.add_resources(std::move(resource));
  Write({entry.SerializeAsString(), ""});
}

// An event caught in the write that failed is not kept: it may be in the log, and is not to be there twice.
void ConnectorHub::Write(storage::LogRecord record) {
  if (pipeline_.closed()) {
    absl::MutexLock lock(&kept_mu_);
    if (kept_.size() < kKeptMax) kept_.push_back(std::move(record));
    return;
  }
  storage::Commit commit;
  commit.records.push_back(std::move(record));
  pipeline_.Submit(std::move(commit), [](absl::StatusOr<storage::CommitResult> result) {
    if (!result.ok()) LogStatus(LogLevel::kError, "connector_event_not_written", result.status());
  });
}

void ConnectorHub::WriteKept() {
  if (pipeline_.closed()) return;
  std::vector<storage::LogRecord> kept;
  {
    absl::MutexLock lock(&kept_mu_);
    kept.swap(kept_);
  }
  for (auto& record : kept) Write(std::move(record));
}

}  // namespace zhanqiao::exchange
