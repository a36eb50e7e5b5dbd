#include "connectors/agent/session.h"

#include <chrono>
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

absl::Status Broken(std::string_view problem) {
  return Fail(absl::StatusCode::kInternal, "PROTOCOL_BROKEN", "The hub broke the connector protocol.",
              {{"link", std::string(kLinkHub)}, {"problem", std::string(problem)}});
}

}  // namespace

Session::Session(const AgentOptions& options, Sources& sources, std::shared_ptr<grpc::Channel> channel)
    : options_(options), sources_(sources), channel_(std::move(channel)),
      stub_(v1::ConnectorService::NewStub(channel_)), reading_(std::make_unique<Incoming>()) {}

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
    reading_ = spare_ != nullptr ? std::move(spare_) : std::make_unique<Incoming>();
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
        if (waiting_.empty()) return;
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
    Incoming& incoming = *waiting_.front();
    const auto& queries = incoming.message->requests().queries();
    auto batch = outbox_.Open();
    const absl::flat_hash_set<uint64_t> cancelled = cancelled_;
    mu_.Unlock();
    while (incoming.next < queries.size() && batch->HasRoom()) {
      AnswerOne(queries[incoming.next++], incoming, cancelled, *batch);
    }
    mu_.Lock();
    if (incoming.next == queries.size()) {
      spare_ = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (waiting_.empty()) cancelled_.clear();
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

void Session::AnswerOne(const v1::ConnectorQuery& query, const Incoming& incoming,
                        const absl::flat_hash_set<uint64_t>& cancelled, Outgoing& out) const {
  v1::ConnectorReply& reply = out.AddReply();
  absl::Status refusal;
  if (!cancelled.empty() && cancelled.contains(query.number())) {
    refusal = Fail(absl::StatusCode::kCancelled, "REQUEST_CANCELLED", "The caller has gone.",
                   {{"link", std::string(kLinkConnector)}});
  } else if (query.timeout_ms() > 0 && NowNs() - incoming.at_ns > int64_t{query.timeout_ms()} * 1'000'000) {
    refusal = Fail(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                   "The request waited in the connector for longer than its caller does.",
                   {{"link", std::string(kLinkConnector)}});
  }
  if (refusal.ok()) {
    out.AddBytes(sources_.Answer(query, options_.answer_bytes_max, reply));
    if (options_.seal != nullptr) options_.seal->Describe(query, reply, out.lines());
    return;
  }
  reply.set_number(query.number());
  SetError(refusal, reply);
  out.AddBytes(reply.ByteSizeLong());
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
  } else if (draining_ && !executing_ && waiting_.empty()) {
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
