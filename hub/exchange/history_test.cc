// Ten thousand grants are suspended, resumed, revoked and run out while calls under them are under way, on real threads;
// every history must be linearizable. The seed is printed (ZHANQIAO_SEED replays the choices, not the threads' timing).
#include "hub/exchange/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <thread>

#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::LedgerEntry Moved(const std::string& grant, uint64_t revision, const std::string& state) {
  v1::LedgerEntry entry;
  entry.mutable_grant_event()->set_grant(grant);
  entry.mutable_grant_event()->set_revision(revision);
  entry.mutable_grant_event()->set_state(state);
  return entry;
}

v1::LedgerEntry Released(const std::string& grant, uint64_t revision) {
  v1::LedgerEntry entry;
  entry.mutable_exchange()->set_grant(grant);
  entry.mutable_exchange()->set_grant_revision(revision);
  return entry;
}

TEST(CheckHistory, AcceptsACallThatOverlapsTheRevocationOnEitherSide) {
  const std::vector<Act> acts = {{"g", Act::Kind::kOpen, 1, 2, true, false, 0},
                                 {"g", Act::Kind::kCall, 3, 8, true, false, 1},
                                 {"g", Act::Kind::kClose, 4, 6, true, false, 2},
                                 {"g", Act::Kind::kCall, 5, 9, false, true, 0}};
  EXPECT_THAT(CheckHistory(acts, {Moved("g", 1, "ACTIVE"), Released("g", 1), Moved("g", 2, "REVOKED")}), IsEmpty());
}

TEST(CheckHistory, FindsAReleaseAfterTheRevocationInTheLog) {
  EXPECT_THAT(CheckHistory({}, {Moved("g", 1, "ACTIVE"), Moved("g", 2, "REVOKED"), Released("g", 1)}), ElementsAre(HasSubstr("entry 2")));
  EXPECT_THAT(CheckHistory({}, {Moved("g", 1, "ACTIVE"), Moved("g", 2, "SUSPENDED"), Moved("g", 3, "ACTIVE"), Released("g", 1)}),
              ElementsAre(HasSubstr("entry 3")))
      << "in force again, but not as the call was checked";
}

TEST(CheckHistory, FindsACallAdmittedAfterTheAcknowledgedRevocation) {
  const std::vector<v1::LedgerEntry> log = {Moved("g", 1, "ACTIVE"), Released("g", 1), Moved("g", 2, "REVOKED")};
  const std::vector<Act> acts = {{"g", Act::Kind::kClose, 1, 2, true, false, 2}, {"g", Act::Kind::kCall, 3, 4, true, false, 1}};
  EXPECT_THAT(CheckHistory(acts, log), ElementsAre(HasSubstr("stands before 2"), HasSubstr("admitted after its closing")));
}

TEST(CheckHistory, FindsARefusalThatNothingExplains) {
  const std::vector<Act> acts = {{"g", Act::Kind::kOpen, 1, 2, true, false, 0}, {"g", Act::Kind::kCall, 3, 4, false, true, 0}};
  EXPECT_THAT(CheckHistory(acts, {Moved("g", 1, "ACTIVE")}), ElementsAre(HasSubstr("open throughout")));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kBatches = 10;  // a sanitizer is ten times slower and looks for other things
#else
constexpr int kBatches = 100;
#endif
constexpr size_t kGrants = 100;  // of a batch: each a race between its calls and what closes it
constexpr int kCallers = 3;
constexpr size_t kUnderWay = 6;  // calls of one caller at once

class Races {
 public:
  explicit Races(uint64_t seed) : seed_(seed) {}

  void Run() {
    std::thread provider([this] { Provide(); });
    for (int batch = 0; batch < kBatches; ++batch) {
      Prepare();
      std::vector<std::thread> threads;
      for (int caller = 0; caller < kCallers; ++caller) {
        threads.emplace_back([this, seed = seed_ + static_cast<uint64_t>(batch * 10 + caller)] { Call(seed); });
      }
      threads.emplace_back([this, seed = seed_ + static_cast<uint64_t>(batch * 10 + 8)] { Close(seed); });
      for (auto& thread : threads) thread.join();
    }
    stop_ = true;
    connector_.sink->Post([] {});
    provider.join();
  }

  std::vector<Act> acts() {
    absl::MutexLock lock(&mu_);
    return acts_;
  }
  ExchangeCity& city() { return city_; }

 private:
  struct UnderWay {
    Act act;
    absl::Notification told;
  };

  uint64_t Tick() { return ticks_.fetch_add(1); }
  void Keep(const Act& act) {
    absl::MutexLock lock(&mu_);
    acts_.push_back(act);
  }

  // Answers whatever the connector is asked, until the end.
  void Provide() {
    while (!stop_) {
      connector_.sink->Run(true);
      for (const auto& query : connector_.Asked()) connector_.Reply(ExchangeCity::Good(query));
    }
  }

  // New grants; every fifth ends today.
  void Prepare() {
    grants_.clear();
    const std::string today = FormatDay(CivilDayOf(city_.clock.Now()));
    for (size_t i = 0; i < kGrants; ++i) {
      auto apply = city_.Apply(access::kProjects);
      if (i % 5 == 0) apply.mutable_grant()->set_end_date(today);
      const auto made = city_.service.CreateGrant(city_.SystemCaller(), apply).value();
      Act open{made.name(), Act::Kind::kOpen, Tick(), 0, true, false, 0};
      const auto active = city_.service.SubmitGrant(city_.SystemCaller(), ExchangeCity::Named<v1::SubmitGrantRequest>(made)).value();
      open.answered = Tick();
      open.index = active.ledger_index();
      Keep(open);
      grants_.push_back(active);
    }
  }

  void Call(uint64_t seed) {
    std::mt19937_64 random(seed);
    std::deque<std::shared_ptr<UnderWay>> calls;
    const auto settle = [&] {
      calls.front()->told.WaitForNotification();
      Keep(calls.front()->act);
      calls.pop_front();
    };
    for (size_t i = 0; i < 2 * kGrants; ++i) {
      const v1::Grant& grant = grants_[random() % kGrants];
      auto call = std::make_shared<UnderWay>();
      call->act.grant = grant.name();
      call->act.invoked = Tick();
      city_.broker.Query(city_.SystemCaller(), ExchangeCity::Request(grant), [this, call](absl::StatusOr<EncodedAnswer> answer) {
        call->act.done = answer.ok();
        call->act.not_active = ReasonOf(answer.status()) == "GRANT_NOT_ACTIVE";
        if (answer.ok()) call->act.index = answer->index;
        call->act.answered = Tick();
        call->told.Notify();
      });
      calls.push_back(std::move(call));
      while (calls.size() > kUnderWay) settle();
    }
    while (!calls.empty()) settle();
  }

  // Says a verb and keeps what was seen.
  template <typename Verb>
  void Say(Act::Kind kind, const v1::Grant& grant, Verb verb) {
    Act act{grant.name(), kind, Tick(), 0, false, false, 0};
    const absl::StatusOr<v1::Grant> moved = verb();
    act.answered = Tick();
    act.done = moved.ok();
    if (moved.ok()) act.index = moved->ledger_index();
    Keep(act);
  }

  // Closes every grant of the batch in its own way, in random order; in the middle the day ends.
  void Close(uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<size_t> order;
    for (size_t i = 0; i < kGrants; ++i) order.push_back(i);
    std::shuffle(order.begin(), order.end(), random);
    auto& service = city_.service;
    for (size_t n = 0; n < order.size(); ++n) {
      if (n == kGrants / 2) EndTheDay();
      if (order[n] % 5 == 0) continue;
      const v1::Grant& grant = grants_[order[n]];
      const auto way = random() % 3;
      if (way > 0) {
        Say(Act::Kind::kClose, grant, [&] {
          return service.SuspendGrant(city_.approver(), ExchangeCity::Named<v1::SuspendGrantRequest>(grant, "核查"));
        });
      }
      if (way > 1) {
        Say(Act::Kind::kOpen, grant, [&] {
          return service.ResumeGrant(city_.approver(), ExchangeCity::Named<v1::ResumeGrantRequest>(grant, "核查完毕"));
        });
      }
      if (way != 1) {
        Say(Act::Kind::kClose, grant, [&] {
          return service.RevokeGrant(city_.approver(), ExchangeCity::Named<v1::RevokeGrantRequest>(grant, "目的已达到"));
        });
      }
    }
  }

  // What ends today runs out. Calls under way are past their deadline too, which is another refusal.
  void EndTheDay() {
    const uint64_t invoked = Tick();
    city_.clock.Advance(absl::Hours(24));
    EXPECT_TRUE(city_.sweep.Run(CivilDayOf(city_.clock.Now())).ok());
    const uint64_t answered = Tick();
    for (size_t i = 0; i < kGrants; i += 5) {
      const auto ended = city_.Read(grants_[i]);
      Keep({ended.name(), Act::Kind::kClose, invoked, answered, ended.state() == v1::GRANT_STATE_EXPIRED, false, ended.ledger_index()});
    }
  }

  const uint64_t seed_;
  std::atomic<uint64_t> ticks_{1};
  std::atomic<bool> stop_{false};
  std::vector<v1::Grant> grants_;
  absl::Mutex mu_;
  std::vector<Act> acts_ ABSL_GUARDED_BY(mu_);
  ExchangeCity city_;
  ExchangeCity::Played connector_ = city_.Connect(access::kConnectorA, 1000);
};

TEST(GrantHistory, NoCallIsAdmittedAfterTheAcknowledgedRevocationInTenThousandRaces) {
  const char* given = std::getenv("ZHANQIAO_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Races races(seed);
  races.Run();
  const std::vector<Act> acts = races.acts();
  const auto wrong = CheckHistory(acts, races.city().Entries());
  EXPECT_EQ(wrong.size(), 0u);
  for (size_t i = 0; i < std::min<size_t>(wrong.size(), 10); ++i) ADD_FAILURE() << wrong[i];
  const auto calls = [&](bool Act::*which) {
    return std::count_if(acts.begin(), acts.end(), [&](const Act& act) { return act.kind == Act::Kind::kCall && act.*which; });
  };
  const auto released = calls(&Act::done);
  const auto refused = calls(&Act::not_active);
  std::printf("%td calls released, %td refused as not in force\n", released, refused);
  EXPECT_GT(released, 10 * kBatches) << "the races must have two sides to mean something";
  EXPECT_GT(refused, 10 * kBatches);
}

}  // namespace
}  // namespace zhanqiao::exchange
