// A feed against a model: random publishes, subscriptions, acknowledgements, retention, and crashes (everything in
// memory goes, the store stays). ZHANQIAO_SEED repeats a run.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "hub/exchange/feeds/test_feeds.h"

namespace zhanqiao::exchange {
namespace {

uint64_t Seed() {
  const char* given = std::getenv("ZHANQIAO_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

// The feeds of a hub that starts anew on the city's store.
struct Hub {
  explicit Hub(FeedCity& city)
      : feeds(FeedParts{city.store, city.pipeline, city.catalog, city.grants, city.directory, city.refusals,
                        city.broker.quotas(), *city.keys_of_payload, city.subjects.get(), city.clock, city.random,
                        executor.executor(), "qingdao.example/log"}),
        service(feeds, city.documents) {
  }
  ManualExecutor executor;
  Feeds feeds;
  FeedService service;
};

struct Model {
  uint64_t next = 1;
  std::map<uint64_t, int> kept;       // record number by offset
  std::map<int, uint64_t> published;  // offset by record number, as long as it is kept
  std::map<uint64_t, absl::Time> times;
};

struct Reader {
  std::string subscription;
  std::unique_ptr<FeedCity::PlayedSubscriber> stream;
  uint64_t confirmed = 0;  // the hub said this is durable
  uint64_t wanted = 0;     // acknowledged
  uint64_t begun = 0;      // where this stream began
  size_t seen = 0;         // deliveries checked
  uint64_t through = 0;    // of the newest delivery
};

class FeedRun {
 public:
  explicit FeedRun(uint64_t seed) : random_(seed) {
    auto feed = city_.Declared();
    feed.set_retention_hours(10);
    EXPECT_TRUE(city_.Declare(feed).ok());
    for (const char* name : {"a", "b", "c"}) readers_.push_back({name, nullptr});
    Restart();
  }

  void Step() {
    switch (random_() % 10) {
      case 0: case 1: case 2: return Publish();
      case 3: case 4: return Read();
      case 5: case 6: return Acknowledge();
      case 7: return Pass();
      case 8: return Leave();
      default:
        if (random_() % 4 == 0) Restart();
    }
  }
  void Finish() {
    Restart();
    for (Reader& reader : readers_) {
      Open(reader, 100'000);
      Check(reader);
      ASSERT_EQ(reader.through + 1, std::max(model_.next, reader.begun)) << reader.subscription;
    }
  }

 private:
  void Settle() {
    for (int idle = 0; idle < 2;) {
      idle = hub_->executor.RunOne() ? 0 : idle + 1;
      if (idle > 0) city_.pipeline.Run({}).status().IgnoreError();
    }
  }

  // Everything in memory goes; what was submitted is written, but nobody hears of it.
  void Restart() {
    city_.pipeline.Run({}).status().IgnoreError();
    for (Reader& reader : readers_) reader.stream.reset();
    hub_ = nullptr;
    hub_ = std::make_unique<Hub>(city_);
    ASSERT_TRUE(hub_->feeds.Follow(city_.documents).ok());
  }

  void Publish() {
    FeedCity::PlayedPublisher publisher;
    publisher.stream = hub_->service.Publish(publisher.sink);
    const int from = static_cast<int>(random_() % 200);
    const int count = 1 + static_cast<int>(random_() % 12);
    auto message = city_.Records(1, from, count);
    publisher.stream->OnMessage(city_.Publisher(), message);
    Settle();
    const auto acknowledged = publisher.Acknowledged();
    ASSERT_EQ(acknowledged.number(), 1u);
    int64_t stored = 0;
    for (int record = from; record < from + count; ++record) {
      if (model_.published.contains(record)) continue;
      model_.published[record] = model_.next;
      model_.kept[model_.next] = record;
      model_.times[model_.next] = city_.clock.Now();
      ++model_.next;
      ++stored;
    }
    ASSERT_EQ(acknowledged.published(), stored);
    ASSERT_EQ(acknowledged.repeated(), count - stored);
  }

  void Pass() {
    city_.clock.Advance(absl::Hours(random_() % 5));
    hub_->feeds.Sweep();
    Settle();
    // A segment goes when its time is up; its records share one time.
    const absl::Time oldest = city_.clock.Now() - absl::Hours(10);
    while (!model_.kept.empty() && model_.times[model_.kept.begin()->first] < oldest) {
      model_.published.erase(model_.kept.begin()->second);
      model_.kept.erase(model_.kept.begin());
    }
    const v1::Feed feed = [&] {
      v1::GetFeedRequest get;
      get.set_name(kFeed);
      return hub_->service.GetFeed(city_.clerk(), get).value();
    }();
    ASSERT_EQ(feed.earliest_offset(), model_.kept.empty() ? model_.next : model_.kept.begin()->first);
    ASSERT_EQ(feed.next_offset(), model_.next);
  }

  void Open(Reader& reader, int credit, bool at_earliest = false) {
    reader.stream = std::make_unique<FeedCity::PlayedSubscriber>();
    auto& stream = *reader.stream;
    stream.caller = city_.SystemCaller();
    stream.stream = hub_->service.Subscribe(stream.sink);
    v1::SubscribeRequest message;
    *message.mutable_start() = FeedCity::StartOf(grant_, reader.subscription);
    message.mutable_start()->set_unacknowledged_max(credit);
    if (at_earliest) message.mutable_start()->set_earliest(true);
    stream.stream->OnMessage(stream.caller, message);
    Settle();
    stream.Read();
    const uint64_t earliest = model_.kept.empty() ? model_.next : model_.kept.begin()->first;
    if (ReasonOf(stream.Finished()) == "CURSOR_LOST") {
      ASSERT_FALSE(at_earliest);
      ASSERT_LT(reader.confirmed + 1, earliest);
      ASSERT_EQ(FactOf(stream.Finished(), "earliest_offset"), std::to_string(earliest));
      return Open(reader, credit, true);
    }
    ASSERT_TRUE(stream.Finished().ok()) << stream.Finished();
    // The cursor is never behind what the hub said was acknowledged.
    ASSERT_GE(stream.started.offset(), std::max(reader.confirmed + 1, earliest)) << reader.subscription;
    reader.begun = stream.started.offset();
    reader.confirmed = reader.begun - 1;
    reader.wanted = 0;
    reader.seen = 0;
    reader.through = reader.begun - 1;
  }

  // Deliveries since the last look: in order, without a gap, each what was published under that offset.
  void Check(Reader& reader) {
    reader.stream->Read();
    reader.confirmed = std::max(reader.confirmed, reader.stream->acknowledged);
    for (; reader.seen < reader.stream->deliveries.size(); ++reader.seen) {
      const auto& delivery = reader.stream->deliveries[reader.seen];
      for (int i = 0; i < delivery.offsets_size(); ++i) {
        ASSERT_EQ(delivery.offsets(i), ++reader.through);
        const int record = std::stoi(delivery.records().rows(i).values(1).text());
        ASSERT_EQ(seen_.try_emplace(delivery.offsets(i), record).first->second, record);
        const auto kept = model_.kept.find(delivery.offsets(i));
        ASSERT_TRUE(kept == model_.kept.end() || kept->second == record);
      }
      ASSERT_EQ(delivery.through_offset(), reader.through);
    }
  }

  void Read() {
    Reader& reader = readers_[random_() % readers_.size()];
    if (reader.stream != nullptr && ReasonOf(reader.stream->Finished()) == "CURSOR_LOST") reader.stream.reset();
    if (reader.stream == nullptr) Open(reader, 1 + static_cast<int>(random_() % 40));
    Check(reader);
  }

  void Acknowledge() {
    Reader& reader = readers_[random_() % readers_.size()];
    if (reader.stream == nullptr) return;
    Check(reader);
    if (reader.through < reader.begun || !reader.stream->Finished().ok()) return;
    reader.wanted = std::max(reader.wanted, reader.begun + random_() % (reader.through - reader.begun + 1));
    reader.stream->Acknowledge(reader.wanted);
    if (random_() % 4 != 0) Settle();  // or the hub dies before it is done
    Check(reader);
  }

  void Leave() {
    Reader& reader = readers_[random_() % readers_.size()];
    if (reader.stream != nullptr) Check(reader);
    reader.stream.reset();
  }

  std::mt19937_64 random_;
  FeedCity city_;
  v1::Grant grant_ = city_.Active();
  std::unique_ptr<Hub> hub_;
  Model model_;
  std::vector<Reader> readers_;
  std::map<uint64_t, int> seen_;   // an offset is one record for ever
};

TEST(FeedProperty, BehavesAsTheModel) {
  const uint64_t seed = Seed();
  std::printf("ZHANQIAO_SEED=%llu\n", static_cast<unsigned long long>(seed));
  for (uint64_t run = 0; run < 8 && !testing::Test::HasFatalFailure(); ++run) {
    FeedRun feed(seed + run);
    for (int step = 0; step < 150 && !testing::Test::HasFatalFailure(); ++step) feed.Step();
    if (!testing::Test::HasFatalFailure()) feed.Finish();
  }
}

}  // namespace
}  // namespace zhanqiao::exchange
