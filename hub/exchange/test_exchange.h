// The test city with its broker, and connectors and clients played by the test at message level.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/access/test_city.h"
#include "hub/exchange/broker.h"
#include "hub/exchange/connector_hub.h"
#include "hub/exchange/exchange_service.h"
#include "hub/ledger/subject_keys.h"

namespace zhanqiao::exchange {

// A stream's other end: keeps what is written, and runs posted tasks when the test says so. Thread-safe.
template <typename Out>
class FakeSink final : public StreamSink<Out> {
 public:
  void Write(const Out& message) override {
    absl::MutexLock lock(&mu_);
    written_.push_back(message);
  }
  size_t buffered() const override { return 0; }
  void Finish(const absl::Status& status) override {
    absl::MutexLock lock(&mu_);
    if (!finished_) finished_ = status;
  }
  void Pause() override { paused = true; }
  void Resume() override { paused = false; }
  void Post(std::function<void()> task) override {
    absl::MutexLock lock(&mu_);
    tasks_.push_back(std::move(task));
  }

  // Runs what was posted, waiting (at most ten seconds) for the first task if `wait`.
  void Run(bool wait = false) {
    std::vector<std::function<void()>> tasks;
    {
      absl::MutexLock lock(&mu_);
      const auto some = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !tasks_.empty(); };
      if (wait) mu_.AwaitWithTimeout(absl::Condition(&some), absl::Seconds(10));
      tasks.swap(tasks_);
    }
    for (auto& task : tasks) task();
  }
  // Forgets what was posted and not run, as a stream that is over does: tasks hold what holds the sink.
  void Drop() {
    std::vector<std::function<void()>> dropped;
    absl::MutexLock lock(&mu_);
    dropped.swap(tasks_);
  }
  std::vector<Out> Written() {
    absl::MutexLock lock(&mu_);
    return std::exchange(written_, {});
  }
  std::optional<absl::Status> finished() {
    absl::MutexLock lock(&mu_);
    return finished_;
  }
  std::atomic<bool> paused{false};

 private:
  absl::Mutex mu_;
  std::vector<Out> written_ ABSL_GUARDED_BY(mu_);
  std::vector<std::function<void()>> tasks_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> finished_ ABSL_GUARDED_BY(mu_);
};

// A request whose answer the test can wait for.
struct Pending {
  absl::Notification told;
  absl::StatusOr<v1::QueryResponse> result = absl::UnknownError("");
  void Take(absl::StatusOr<EncodedAnswer> encoded) {
    if (encoded.ok()) {
      result = encoded->Decoded();
    } else {
      result = encoded.status();
    }
  }
  const absl::StatusOr<v1::QueryResponse>& Wait() {
    told.WaitForNotificationWithTimeout(absl::Seconds(10));
    return result;
  }
};
using PendingPtr = std::shared_ptr<Pending>;

class ExchangeCity : public access::TestCity {
 public:
  ExchangeCity() {
    if (!hub.Follow(documents).ok()) std::abort();
    Put(access::kResidence, Entry(access::kResidence, v1::SHARE_TYPE_CONDITIONAL));  // seen by the hub's view too
  }
  ~ExchangeCity() {
    pipeline.Stop();  // its answers go to what is declared below
    for (const auto& sink : sinks_) sink->Drop();
  }

  // A connector played by the test.
  struct Played {
    std::shared_ptr<FakeSink<v1::ConnectResponse>> sink = std::make_shared<FakeSink<v1::ConnectResponse>>();
    std::unique_ptr<StreamHandler<v1::ConnectRequest>> stream;
    Caller caller;
    // Requests sent to it since the last call.
    std::vector<v1::ConnectorQuery> Asked() {
      sink->Run();
      std::vector<v1::ConnectorQuery> asked;
      for (const auto& message : sink->Written()) {
        for (const auto& query : message.requests().queries()) asked.push_back(query);
      }
      return asked;
    }
    // Replies together, signed over the digests they carry.
    void ReplySigned(std::vector<v1::ConnectorReply> replies, const Ed25519Key& key) {
      v1::ConnectRequest message;
      std::vector<Digest> digests;
      for (auto& reply : replies) {
        if (!reply.digest().empty()) digests.push_back(DigestFrom(reply.digest()));
        *message.mutable_replies()->add_replies() = std::move(reply);
      }
      message.mutable_replies()->set_signature(key.Sign(SignedTree(digests).SignedBytes(kSignedAnswers)));
      stream->OnMessage(caller, message);
    }
    void Reply(v1::ConnectorReply reply) {
      v1::ConnectRequest message;
      *message.mutable_replies()->add_replies() = std::move(reply);
      stream->OnMessage(caller, message);
    }
  };
  Played Connect(const std::string& name, int credits = 100) {
    Played played;
    played.caller.kind = SubjectKind::kConnector;
    played.caller.subject = name;
    played.stream = hub.Connect(played.sink);
    sinks_.push_back(played.sink);
    v1::ConnectRequest hello;
    hello.mutable_hello()->set_credits(credits);
    played.stream->OnMessage(played.caller, hello);
    return played;
  }

  // What a connector says it answered, in the form it signs.
  static Digest DigestOf(const v1::ConnectorQuery& query, const v1::ConnectorReply& reply) {
    return AnswerDigest(query.commitment(), query.resource(), reply.truncated(), CanonicalRows(reply.records()));
  }
  // A good answer of one row.
  static v1::ConnectorReply Good(const v1::ConnectorQuery& query) {
    v1::ConnectorReply reply;
    reply.set_number(query.number());
    auto& records = *reply.mutable_records();
    records.set_schema_fingerprint(query.schema_fingerprint());
    *records.mutable_fields() = query.fields();
    auto& row = *records.add_rows();
    for (const auto& field : query.fields()) row.add_values()->set_text(field == "name" ? "欧阳建国" : "香港中路11号");
    return reply;
  }
  static v1::QueryRequest Request(const v1::Grant& grant) {
    v1::QueryRequest request;
    request.set_grant(grant.name());
    request.set_matter("2026-0001");
    return request;
  }
  PendingPtr Ask(const Caller& caller, v1::QueryRequest request) {
    auto pending = std::make_shared<Pending>();
    broker.Query(caller, std::move(request), [pending](absl::StatusOr<EncodedAnswer> result) {
      pending->Take(std::move(result));
      pending->told.Notify();
    });
    return pending;
  }
  PendingPtr Ask(const v1::Grant& grant) { return Ask(SystemCaller(), Request(grant)); }

  // The entry a refusal names; its reason and link must be those of the status.
  v1::Denial DenialOf(const absl::Status& status) {
    uint64_t index = 0;
    if (!absl::SimpleAtoi(FactOf(status, "ledger_index"), &index)) return {};
    const auto entries = Entries();
    if (index >= entries.size()) return {};
    const auto& denial = entries[index].denial();
    return denial.reason() == ReasonOf(status) && denial.link() == FactOf(status, "link") ? denial : v1::Denial();
  }
  // What is kept beside an entry.
  v1::EntrySecret SecretAt(uint64_t index) const {
    v1::EntrySecret secret;
    const auto bytes = store.Get(storage::Table::kSalts, storage::BigEndian(index)).value();
    if (!bytes || !secret.ParseFromString(*bytes)) std::abort();
    return secret;
  }
  int Releases() {
    int releases = 0;
    for (const auto& entry : Entries()) releases += entry.has_exchange() ? 1 : 0;
    return releases;
  }

  const storage::TemporaryDirectory keys;
  std::unique_ptr<ledger::SubjectKeys> subjects = NewKeys();
  BrokerOptions options = {"qingdao.example/log", 64, absl::Seconds(30), subjects.get()};
  Broker broker{catalog, grants, refusals, pipeline, clock, random, options};
  ConnectorHub hub{catalog, broker, pipeline, clock, {}};
  const ResumeTokens tokens{SealKey(std::string(32, 'k')), random};
  ExchangeService exchange{broker, tokens, clock, random, {.origin = "qingdao.example/log"}};

 private:
  std::unique_ptr<ledger::SubjectKeys> NewKeys() {
    auto made = ledger::SubjectKeys::Open(keys.path(), random).value();
    if (!made->Rotate(clock.Now(), {}).ok()) std::abort();
    return made;
  }

  std::vector<std::shared_ptr<FakeSink<v1::ConnectResponse>>> sinks_;  // of the connectors played
};

}  // namespace zhanqiao::exchange
