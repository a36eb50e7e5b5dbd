// The test city with its feeds: publishers and subscribers played at message level, on an executor the test drives.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/exchange/feeds/feed_service.h"
#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {

inline constexpr char kFeed[] = "feeds/306001~000001";

// Tasks wait until the test runs them: one thread, any order of events the test wants. Thread-safe.
class ManualExecutor {
 public:
  Executor executor() {
    return [this](std::function<void()> task) {
      absl::MutexLock lock(&mu_);
      tasks_.push_back(std::move(task));
    };
  }
  bool RunOne() {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mu_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }

 private:
  absl::Mutex mu_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mu_);
};

class FeedCity : public ExchangeCity {
 public:
  FeedCity() {
    if (!keys_of_payload->Rotate(clock.Now(), {}).ok() || !feeds.Follow(documents).ok()) std::abort();
  }
  ~FeedCity() { pipeline.Stop(); }

  // Runs everything there is to do.
  void Settle() {
    for (int idle = 0; idle < 2;) {
      idle = executor.RunOne() ? 0 : idle + 1;
      if (idle > 0) pipeline.Run({}).status().IgnoreError();  // what was submitted is answered
    }
  }

  v1::Feed Declared() const {
    v1::Feed feed;
    feed.set_name(kFeed);
    feed.set_retention_hours(24);
    feed.set_bytes_max(64 << 20);
    return feed;
  }
  absl::StatusOr<v1::Feed> Declare(v1::Feed feed) {
    v1::UpdateFeedRequest request;
    v1::GetFeedRequest get;
    get.set_name(feed.name());
    if (const auto stored = service_of_feeds.GetFeed(clerk(), get); stored.ok()) feed.set_etag(stored->etag());
    *request.mutable_feed() = std::move(feed);
    request.set_allow_missing(true);
    return service_of_feeds.UpdateFeed(clerk(), request);
  }
  v1::Feed Stored() {
    v1::GetFeedRequest get;
    get.set_name(kFeed);
    return service_of_feeds.GetFeed(clerk(), get).value();
  }

  Caller Publisher(const std::string& name = access::kConnectorA) const {
    const std::string id = name.substr(name.rfind('/') + 1);
    access::Presented presented;
    presented.identities = {"zhanqiao://qingdao/org/370200-GAJ/connector/" + id};
    presented.fingerprint = kPublisherPrint;
    return directory.Resolve(presented).value();
  }
  // Records numbered from `from`; the number is their address, `district` their 区.
  v1::PublishRequest Records(uint64_t number, int from, int count, bool keyed = true, const std::string& district = "370202") const {
    v1::PublishRequest message;
    message.set_feed(kFeed);
    message.set_number(number);
    const auto resource = catalog.FindResource(access::kResidence);
    auto& records = *message.mutable_records();
    records.set_schema_fingerprint(resource->schema_fingerprint());
    for (const auto& field : resource->fields()) records.add_fields(field.field());
    for (int i = from; i < from + count; ++i) {
      auto& row = *records.add_rows();
      row.add_values()->set_text("110105194912310021");
      row.add_values()->set_text("欧阳建国");
      row.add_values()->set_text(absl::StrCat(i));
      row.add_values()->set_text(district);
      if (keyed) message.add_idempotency_keys(absl::StrCat("key-", i));
    }
    return message;
  }

  struct PlayedPublisher {
    std::shared_ptr<FakeSink<v1::PublishResponse>> sink = std::make_shared<FakeSink<v1::PublishResponse>>();
    std::unique_ptr<StreamHandler<v1::PublishRequest>> stream;
    v1::PublishResponse last;
    // The newest acknowledgement.
    const v1::PublishResponse& Acknowledged() {
      sink->Run();
      for (auto& message : sink->Written()) last = std::move(message);
      return last;
    }
  };
  PlayedPublisher OpenPublisher() {
    PlayedPublisher publisher;
    publisher.stream = service_of_feeds.Publish(publisher.sink);
    return publisher;
  }
  // Publishes on a stream of its own and waits for the acknowledgement.
  absl::StatusOr<v1::PublishResponse> Publish(v1::PublishRequest message) {
    PlayedPublisher publisher = OpenPublisher();
    publisher.stream->OnMessage(Publisher(), message);
    Settle();
    const v1::PublishResponse acknowledged = publisher.Acknowledged();
    if (const auto finished = publisher.sink->finished()) return *finished;
    return acknowledged;
  }

  struct PlayedSubscriber {
    std::shared_ptr<FakeSink<v1::SubscribeResponse>> sink = std::make_shared<FakeSink<v1::SubscribeResponse>>();
    std::unique_ptr<StreamHandler<v1::SubscribeRequest>> stream;
    Caller caller;
    std::vector<v1::FeedDelivery> deliveries;  // all of this stream
    v1::SubscribeStarted started;
    uint64_t acknowledged = 0;                 // durable, as the hub said
    // Takes in what was written.
    void Read() {
      sink->Run();
      for (auto& message : sink->Written()) {
        if (message.has_started()) started = message.started();
        if (message.has_acknowledged()) acknowledged = message.acknowledged().offset();
        if (message.has_delivery()) deliveries.push_back(message.delivery());
      }
    }
    std::vector<uint64_t> Offsets() {
      Read();
      std::vector<uint64_t> offsets;
      for (const auto& delivery : deliveries) offsets.insert(offsets.end(), delivery.offsets().begin(), delivery.offsets().end());
      return offsets;
    }
    void Acknowledge(uint64_t offset) {
      v1::SubscribeRequest message;
      message.mutable_acknowledge()->set_offset(offset);
      stream->OnMessage(caller, message);
    }
    absl::Status Finished() { return sink->finished().value_or(absl::OkStatus()); }
  };
  static v1::SubscribeStart StartOf(const v1::Grant& grant, const std::string& subscription = "main") {
    v1::SubscribeStart start;
    start.set_grant(grant.name());
    start.set_subscription(subscription);
    start.set_matter("2026-0001");
    return start;
  }
  PlayedSubscriber Subscribe(const v1::SubscribeStart& start, absl::Time not_after = absl::InfiniteFuture()) {
    PlayedSubscriber subscriber;
    subscriber.caller = SystemCaller();
    subscriber.caller.not_after = not_after;
    subscriber.stream = service_of_feeds.Subscribe(subscriber.sink);
    v1::SubscribeRequest message;
    *message.mutable_start() = start;
    subscriber.stream->OnMessage(subscriber.caller, message);
    Settle();
    subscriber.Read();
    return subscriber;
  }

  static inline const std::string kPublisherPrint = std::string(64, 'b');
  const storage::TemporaryDirectory payload_directory;
  std::unique_ptr<PayloadKeys> keys_of_payload = PayloadKeys::Open(payload_directory.path(), random).value();
  ManualExecutor executor;
  Feeds feeds{FeedParts{store, pipeline, catalog, grants, directory, refusals, broker.quotas(), *keys_of_payload, subjects.get(),
                        clock, random, executor.executor(), options.origin}};
  FeedService service_of_feeds{feeds, documents};
};

}  // namespace zhanqiao::exchange
