#include "connectors/agent/session.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "connectors/agent/seal.h"

namespace zhanqiao::connectors {
namespace {

constexpr int kSilentIntervals = 3;  // of the heartbeat: then the hub is taken for dead

// Requests held per credit before the hub is taken to be broken: it gets a credit back as soon as a caller gives
// up, so while the stream is stalled more may come than the credits say.
constexpr int kOverrun = 8;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

constexpr int kBusyRetryMs = 1000;

// OK unless the request's caller has gone or would not wait any longer.
absl::Status StillWanted(const v1::ConnectorQuery& query, int64_t at_ns, const absl::flat_hash_set<uint64_t>& cancelled) {
  if (!cancelled.empty() && cancelled.contains(query.number())) {
    return Fail(absl::StatusCode::kCancelled, "REQUEST_CANCELLED", "The caller has gone.",
                {{"link", std::string(kLinkConnector)}});
  }
  if (query.timeout_ms() > 0 && NowNs() - at_ns > int64_t{query.timeout_ms()} * 1'000'000) {
    return Fail(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                "The request waited in the connector for longer than its caller does.",
                {{"link", std::string(kLinkConnector)}});
  }
  return absl::OkStatus();
}

absl::Status Broken(std::string_view problem) {
  return Fail(absl::StatusCode::kInternal, "PROTOCOL_BROKEN", "The hub broke the connector protocol.",
              {{"link", std::string(kLinkHub)}, {"problem", std::string(problem)}});
}

}  // namespace

Session::Session(const AgentOptions& options, Sources& sources, std::shared_ptr<grpc::Channel> channel)
    : options_(options), sources_(sources), channel_(std::move(channel)),
      stub_(v1::ConnectorService::NewStub(channel_)), reading_(std::make_shared<Incoming>()) {}

absl::Status Session::Serve() {
  absl::MutexLock lock(&mu_);
  heard_ns_ = wrote_ns_ = NowNs();
  auto hello = outbox_.Fresh();
  // No resources named: the catalogue says what a connector serves, and one withdrawn entry must not keep the
  // others from being served.
  hello->message().mutable_hello()->set_credits(options_.credits);
  hello->message().mutable_hello()->set_software(options_.software);
  outbox_.Put(std::move(hello));
  stub_->async()->Connect(&context_, this);
  AddHold();  // until the last read failed: Serve and Drain write from outside the library's callbacks
  WriteNext();
  ReadNext();
  StartCall();
  while (!done_) {
    const absl::Duration interval = heartbeat_ns_ > 0 ? absl::Nanoseconds(heartbeat_ns_) : options_.welcome_timeout;
    const absl::Duration until_drained = drain_by_ns_ > 0 ? options_.drain_timeout : absl::InfiniteDuration();
    mu_.AwaitWithTimeout(absl::Condition(this, &Session::Woken), std::min(interval, until_drained) / 4);
    retimed_ = false;
    if (!done_) KeepTime();
  }
  return broken_.ok() ? status_ : broken_;
}

void Session::KeepTime() {
  const int64_t now = NowNs();
  const int64_t silence_max =
      heartbeat_ns_ > 0 ? kSilentIntervals * heartbeat_ns_ : absl::ToInt64Nanoseconds(options_.welcome_timeout);
  if (now - heard_ns_ > silence_max) {
    Break(Fail(absl::StatusCode::kUnavailable, "HUB_SILENT", "The hub has not been heard for too long.",
               {{"link", std::string(kLinkHub)}, {"silent_ms", absl::StrCat((now - heard_ns_) / 1'000'000)}}));
  }
  if (draining_ && drain_by_ns_ == 0) {
    drain_by_ns_ = now + absl::ToInt64Nanoseconds(options_.drain_timeout);
    WriteNext();
  }
  if (draining_ && now > drain_by_ns_) context_.TryCancel();
  if (heartbeat_ns_ > 0 && now - wrote_ns_ >= heartbeat_ns_ * 3 / 4 && writing_ == nullptr && !half_closed_) {
    auto beat = outbox_.Fresh();
    beat->message().mutable_heartbeat()->set_sequence(++heartbeats_);
    outbox_.Put(std::move(beat));
    WriteNext();
  }
}

void Session::Drain() {
  absl::MutexLock lock(&mu_);
  draining_ = true;
}

absl::Duration Session::Lasted() const {
  absl::MutexLock lock(&mu_);
  return welcomed_ns_ == 0 ? absl::ZeroDuration() : absl::Nanoseconds(NowNs() - welcomed_ns_);
}

void Session::Break(absl::Status why) {
  if (broken_.ok()) broken_ = std::move(why);
  context_.TryCancel();
}

void Session::ReadNext() {
  reading_->arena.Reset();
  reading_->message = google::protobuf::Arena::CreateMessage<v1::ConnectResponse>(&reading_->arena);
  reading_->next = 0;
  StartRead(reading_->message);
}

void Session::OnReadDone(bool ok) {
  if (!ok) {
    {
      absl::MutexLock lock(&mu_);
      ended_ = true;
    }
    RemoveHold();
    return;
  }
  Take();
  if (reading_ == nullptr) {
    absl::MutexLock lock(&mu_);
    reading_ = spare_ != nullptr ? std::move(spare_) : std::make_shared<Incoming>();
  }
  ReadNext();
}

void Session::Take() {
  const int64_t now = NowNs();
  {
    absl::MutexLock lock(&mu_);
    heard_ns_ = reading_->at_ns = now;
    const bool first = reading_->message->has_welcome();
    if (first == (heartbeat_ns_ > 0)) return Break(Broken(first ? "a second welcome" : "no welcome first"));
    switch (reading_->message->message_case()) {
      case v1::ConnectResponse::kRequests:
        unanswered_ += reading_->message->requests().queries_size();
        if (unanswered_ > kOverrun * options_.credits) return Break(Broken("more requests than credits"));
        waiting_.push_back(std::move(reading_));
        break;
      case v1::ConnectResponse::kCancels:
        if (waiting_.empty() && in_lanes_ <= 0) return;
        if (cancelled_.size() > static_cast<size_t>(kOverrun) * static_cast<size_t>(options_.credits)) cancelled_.clear();
        cancelled_.insert(reading_->message->cancels().numbers().begin(), reading_->message->cancels().numbers().end());
        return;
      default:
        break;
    }
  }
  if (reading_ == nullptr) {
    Execute();
  } else if (reading_->message->has_welcome()) {
    Welcome();
  }
}

void Session::Welcome() {
  const v1::Welcome& welcome = reading_->message->welcome();
  {
    absl::MutexLock lock(&mu_);
    if (welcome.heartbeat_ms() < 1) return Break(Broken("no heartbeat interval"));
    heartbeat_ns_ = int64_t{welcome.heartbeat_ms()} * 1'000'000;  // from here on Serve shows that we live
    retimed_ = true;
  }
  sources_.Load(welcome.resources());
  Log(LogLevel::kInfo, "connected",
      {{"hub", options_.hub}, {"connector", welcome.connector()}, {"resources", absl::StrCat(welcome.resources_size())}});
  absl::MutexLock lock(&mu_);
  heard_ns_ = welcomed_ns_ = NowNs();
}

void Session::Execute() {
  absl::MutexLock lock(&mu_);
  if (executing_) return;
  executing_ = true;
  while (!ended_ && !waiting_.empty() && outbox_.bytes() < options_.unsent_bytes_max) {
    const std::shared_ptr<Incoming> incoming = waiting_.front();
    auto& queries = incoming->message->requests().queries();
    auto batch = outbox_.Open();
    const absl::flat_hash_set<uint64_t> cancelled = cancelled_;
    mu_.Unlock();
    int laned = 0;
    while (incoming->next < queries.size() && batch->HasRoom()) {
      laned += AnswerOne(queries[incoming->next++], incoming, cancelled, *batch) ? 1 : 0;
    }
    mu_.Lock();
    in_lanes_ += laned;
    if (incoming->next == queries.size()) {
      waiting_.pop_front();
      if (incoming.use_count() == 1) spare_ = incoming;
    }
    if (waiting_.empty() && in_lanes_ <= 0) cancelled_.clear();
    if (batch->replies() > 0) {
      outbox_.Put(std::move(batch));
    } else {
      outbox_.Recycle(std::move(batch));
    }
    WriteNext();
  }
  executing_ = false;
  WriteNext();
}

bool Session::AnswerOne(const v1::ConnectorQuery& query, const std::shared_ptr<Incoming>& incoming,
                        const absl::flat_hash_set<uint64_t>& cancelled, Outgoing& out) {
  const int64_t now = NowNs();
  const Sources::Source* source = nullptr;
  absl::Status status = StillWanted(query, incoming->at_ns, cancelled);
  if (status.ok()) status = sources_.Find(query.resource(), source);
  if (status.ok() && source->lane != nullptr) {
    // The message is the session's own: its requests may be handed on.
    Job job{incoming, const_cast<v1::ConnectorQuery*>(&query), shared_from_this()};
    if (source->lane->Submit(job)) return true;
    status = WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "SOURCE_BUSY",
                                 "Too many requests wait for this source; try again later.",
                                 {{"link", std::string(kLinkSource)}}),
                            kBusyRetryMs);
  }
  v1::ConnectorReply& reply = out.AddReply();
  if (status.ok()) status = source->adapter.value()->Answer(query, reply);
  reply.set_source_us(static_cast<int32_t>((NowNs() - now) / 1000));
  out.AddBytes(CloseReply(query, status, options_.answer_bytes_max, reply));
  if (options_.seal != nullptr) options_.seal->Describe(query, reply, out.lines());
  return false;
}

void Session::AnswerJobs(const Adapter& adapter, std::vector<Job>& jobs) {
  absl::flat_hash_set<uint64_t> cancelled;
  std::unique_ptr<Outgoing> out;
  {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(this, &Session::HasRoom));
    if (ended_) return;
    cancelled = cancelled_;
    out = outbox_.Fresh();
  }
  const int64_t started = NowNs();
  std::vector<Asked> refused, asked;
  for (Job& job : jobs) {
    absl::Status wanted = StillWanted(*job.query, job.of->at_ns, cancelled);
    const bool ask = wanted.ok();
    if (ask && job.query->timeout_ms() > 0) {  // what is left of it
      const int64_t waited_ms = (started - job.of->at_ns) / 1'000'000;
      job.query->set_timeout_ms(static_cast<int32_t>(std::max<int64_t>(1, job.query->timeout_ms() - waited_ms)));
    }
    (ask ? asked : refused).push_back({job.query, &out->AddReply(), std::move(wanted)});
  }
  adapter.AnswerAll(absl::MakeSpan(asked));
  asked.insert(asked.end(), refused.begin(), refused.end());
  std::vector<std::unique_ptr<Outgoing>> full = Finish(asked, started, std::move(out));
  absl::MutexLock lock(&mu_);
  in_lanes_ -= static_cast<int>(jobs.size());
  if (waiting_.empty() && in_lanes_ <= 0) cancelled_.clear();
  for (auto& one : full) outbox_.Put(std::move(one));
  WriteNext();
}

std::vector<std::unique_ptr<Outgoing>> Session::Finish(std::vector<Asked>& asked, int64_t started_ns,
                                                       std::unique_ptr<Outgoing> out) const {
  std::vector<size_t> bytes;
  for (Asked& one : asked) {
    one.reply->set_source_us(static_cast<int32_t>((NowNs() - started_ns) / 1000));
    bytes.push_back(CloseReply(*one.query, one.status, options_.answer_bytes_max, *one.reply));
  }
  std::vector<std::unique_ptr<Outgoing>> full;
  full.push_back(std::move(out));
  if (asked.size() > 1 && std::accumulate(bytes.begin(), bytes.end(), size_t{0}) > Outgoing::kBytesMax) {
    // Together they are more than one message takes: each goes into one with room.
    for (size_t i = 0; i < asked.size(); ++i) {
      if (full.size() == 1 || !full.back()->HasRoom()) full.push_back(std::make_unique<Outgoing>());
      v1::ConnectorReply& reply = full.back()->AddReply();
      reply = *asked[i].reply;
      asked[i].reply = &reply;
      full.back()->AddBytes(bytes[i]);
      if (options_.seal != nullptr) options_.seal->Describe(*asked[i].query, reply, full.back()->lines());
    }
    full.erase(full.begin());
    return full;
  }
  for (size_t i = 0; i < asked.size(); ++i) {
    full.back()->AddBytes(bytes[i]);
    if (options_.seal != nullptr) options_.seal->Describe(*asked[i].query, *asked[i].reply, full.back()->lines());
  }
  return full;
}

void Session::WriteNext() {
  if (ended_ || half_closed_ || writing_ != nullptr) return;
  writing_ = outbox_.Next();
  if (writing_ != nullptr) {
    if (options_.seal != nullptr && writing_->replies() > 0) {
      absl::Status sealed = options_.seal->Close(*writing_->message().mutable_replies(), writing_->lines());
      if (!sealed.ok()) {
        ended_ = true;  // nothing leaves that is not written down
        return Break(std::move(sealed));
      }
    }
    unanswered_ -= writing_->replies();
    wrote_ns_ = NowNs();
    StartWrite(&writing_->message());
  } else if (draining_ && !executing_ && waiting_.empty() && in_lanes_ <= 0) {
    half_closed_ = true;
    StartWritesDone();
  }
}

void Session::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mu_);
    outbox_.Recycle(std::move(writing_));
    if (!ok) ended_ = true;
    WriteNext();
    if (waiting_.empty()) return;
  }
  Execute();
}

void Session::OnDone(const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  status_ = FromGrpc(status);
  done_ = true;
}

}  // namespace zhanqiao::connectors
