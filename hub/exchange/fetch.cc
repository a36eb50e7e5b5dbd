#include "hub/exchange/fetch.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/error.h"
#include "catalog/base/wire.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::exchange {
namespace {

constexpr std::string_view kMethod = "/zhanqiao.v1.ExchangeService/Fetch";
constexpr int kChunkRows = 1000;
constexpr int kChunkRowsMax = 10'000;
constexpr size_t kRequestIdMax = 48;

using Sink = std::shared_ptr<StreamSink<v1::FetchResponse>>;
using Result = absl::StatusOr<EncodedAnswer>;

// The request of every chunk, but for its number.
v1::QueryRequest QueryOf(const v1::FetchRequest& fetch) {
  v1::QueryRequest query;
  query.set_grant(fetch.grant());
  *query.mutable_fields() = fetch.fields();
  *query.mutable_conditions() = fetch.conditions();
  query.set_row_limit(fetch.chunk_rows() == 0 ? kChunkRows : fetch.chunk_rows());
  query.set_matter(fetch.matter());
  query.set_request_id(fetch.request_id());
  query.set_on_behalf_of(fetch.on_behalf_of());
  return query;
}

absl::Status CheckFetch(const v1::FetchRequest& fetch) {
  if (fetch.chunk_rows() < 0 || fetch.chunk_rows() > kChunkRowsMax) {
    return BadField("CHUNK_ROWS", "chunk_rows", "Give 1 to 10000, or 0 for 1000.");
  }
  if (fetch.request_id().size() > kRequestIdMax) {
    return BadField("REQUEST_ID_TOO_LONG", "request_id", "Give at most 48 characters: each chunk adds its number.");
  }
  return absl::OkStatus();
}

// One fetch. Its chunks are asked one after the other; callbacks come from the broker's threads and are taken up on the
// stream's own, except when the stream is over: then whoever sees it last closes.
class Fetch : public std::enable_shared_from_this<Fetch> {
 public:
  Fetch(Broker& broker, const ResumeTokens& tokens, const Clock& clock, Random& random, FetchOptions options, Sink sink)
      : broker_(broker), tokens_(tokens), clock_(clock), random_(random), options_(std::move(options)),
        sink_(std::move(sink)) {}

  // On the stream's thread, once.
  void Begin(const Caller& caller, v1::FetchRequest& request) {
    caller_ = std::make_shared<const Caller>(caller);
    request_ = std::move(request);
    absl::Status wrong = CheckFetch(request_);
    if (wrong.ok() && !request_.resume_token().empty()) {
      auto place = tokens_.Open(request_.resume_token(), caller_->subject, request_, clock_.Now());
      wrong = place.status();
      if (place.ok()) place_ = *std::move(place);
    }
    if (!wrong.ok()) {
      return broker_.Reject(caller_, QueryOf(request_), kMethod, WithFact(wrong, "link", kLinkCaller), Taking());
    }
    if (place_.fetch().empty()) place_.set_fetch(NewId(clock_.Now(), random_));
    Ask();
  }

  // On the stream's thread: the consumer has taken what was written.
  void Drained() {
    if (std::exchange(held_, false)) Ask();
  }

  // The consumer has gone, or the stream was refused.
  void Gone() {
    gone_->store(true, std::memory_order_relaxed);
    std::optional<Result> left;
    {
      absl::MutexLock lock(&mu_);
      if (std::exchange(over_, true)) return;
      if (asked_ && !answered_) return;  // its answer will close
      left = std::exchange(answered_, std::nullopt);
    }
    BreakOff(left);
  }

 private:
  // What the broker calls with the answer to a chunk, from any thread.
  Broker::Done Taking() {
    absl::MutexLock lock(&mu_);
    asked_ = true;
    return [self = shared_from_this()](Result result) {
      bool over = false;
      {
        absl::MutexLock locked(&self->mu_);
        over = self->over_;
        if (!over) self->answered_ = std::move(result);
      }
      if (over) return self->BreakOff(std::move(result));
      self->sink_->Post([self] { self->Take(); });
    };
  }

  void Ask() {
    v1::QueryRequest query = QueryOf(request_);
    auto chunk = std::make_unique<Chunk>();
    chunk->fetch = place_.fetch();
    chunk->number = static_cast<uint64_t>(place_.chunks()) + 1;
    chunk->cursor = place_.cursor();
    query.set_request_id(absl::StrCat(query.request_id().empty() ? place_.fetch() : query.request_id(), "/", chunk->number));
    broker_.Query(caller_, std::move(query), kMethod, gone_, Taking(), {}, std::move(chunk));
  }

  // On the stream's thread: the answer to the chunk in hand.
  void Take() {
    std::optional<Result> result;
    {
      absl::MutexLock lock(&mu_);
      if (over_ || !answered_) return;
      asked_ = false;
      result = std::exchange(answered_, std::nullopt);
    }
    if (!result->ok()) return Refused(result->status());
    Count(**result);
    const bool last = (*result)->next_cursor.empty();
    if (last) return Complete(**std::move(result));
    std::string wire = Encode(**std::move(result));
    sink_->WriteEncoded(std::move(wire));
    if (sink_->buffered() > options_.buffered_max) {
      held_ = true;  // until Drained
    } else {
      Ask();
    }
  }

  void Count(const EncodedAnswer& answer) {
    place_.set_chunks(place_.chunks() + 1);
    place_.set_rows_total(place_.rows_total() + answer.rows);
    place_.set_cursor(answer.next_cursor);
  }

  // v1.FetchResponse: what the answer holds already, and where the fetch stands.
  std::string Encode(EncodedAnswer answer) {
    place_.set_time_us(absl::ToUnixMicros(clock_.Now()));
    std::string wire = std::move(answer.wire);
    WireWriter writer(wire);
    writer.Bytes(v1::FetchResponse::kFetchFieldNumber, place_.fetch());
    writer.Varint(v1::FetchResponse::kChunkFieldNumber, static_cast<uint64_t>(place_.chunks()));
    writer.Varint(v1::FetchResponse::kRowsTotalFieldNumber, static_cast<uint64_t>(place_.rows_total()));
    if (!answer.next_cursor.empty()) {
      writer.Bytes(v1::FetchResponse::kResumeTokenFieldNumber, tokens_.Make(place_, caller_->subject, request_));
    }
    return wire;
  }

  v1::FetchClosed Closing(bool complete, std::string_view reason) const {
    v1::FetchClosed closed;
    closed.set_fetch(place_.fetch());
    closed.set_grant(request_.grant());
    closed.set_consumer(caller_->subject);
    closed.set_chunks(static_cast<uint64_t>(place_.chunks()));
    closed.set_rows(static_cast<uint64_t>(place_.rows_total()));
    closed.set_complete(complete);
    closed.set_reason(std::string(reason));
    return closed;
  }

  // The last chunk leaves when the entry that closes the fetch is written.
  void Complete(EncodedAnswer last) {
    std::string wire = Encode(std::move(last));
    {
      absl::MutexLock lock(&mu_);
      over_ = true;
    }
    broker_.Close(*caller_, Closing(true, ""), [self = shared_from_this(), wire = std::move(wire)](Result closed) mutable {
      if (!closed.ok()) return self->sink_->Finish(closed.status());
      std::string receipt;
      WireWriter(receipt).Bytes(v1::LedgerReceipt::kOriginFieldNumber, self->options_.origin);
      WireWriter(receipt).Varint(v1::LedgerReceipt::kIndexFieldNumber, closed->index);
      WireWriter(receipt).Bytes(v1::LedgerReceipt::kLeafHashFieldNumber, Bytes(closed->leaf));
      WireWriter writer(wire);
      writer.Varint(v1::FetchResponse::kCompleteFieldNumber, 1);
      writer.Message(v1::FetchResponse::kClosingFieldNumber, receipt);
      self->sink_->WriteEncoded(std::move(wire));
      self->sink_->Finish(absl::OkStatus());
    });
  }

  // A refused chunk ends the stream with its status; what was released before is summed up in the log.
  void Refused(const absl::Status& status) {
    {
      absl::MutexLock lock(&mu_);
      over_ = true;
    }
    if (place_.chunks() == 0) return sink_->Finish(status);
    broker_.Close(*caller_, Closing(false, ReasonOf(status)),
                  [self = shared_from_this(), status](const Result&) { self->sink_->Finish(status); });
  }

  // After the stream; `left` is a chunk that was released and never taken.
  void BreakOff(const std::optional<Result>& left) {
    if (left && left->ok()) Count(**left);
    if (caller_ == nullptr || place_.chunks() == 0) return;
    broker_.Close(*caller_, Closing(false, "CALLER_GONE"), [self = shared_from_this()](const Result&) {});
  }

  Broker& broker_;
  const ResumeTokens& tokens_;
  const Clock& clock_;
  Random& random_;
  const FetchOptions options_;
  const Sink sink_;
  const std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<const Caller> caller_;
  v1::FetchRequest request_;
  v1::FetchPlace place_;  // after the last chunk released; of whoever handles the answer in hand
  bool held_ = false;     // on the stream's thread
  absl::Mutex mu_;        // makes ending and answering one step each
  bool asked_ ABSL_GUARDED_BY(mu_) = false;
  bool over_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<Result> answered_ ABSL_GUARDED_BY(mu_);
};

class Handler final : public StreamHandler<v1::FetchRequest> {
 public:
  Handler(std::shared_ptr<Fetch> fetch, Sink sink) : fetch_(std::move(fetch)), sink_(std::move(sink)) {}
  ~Handler() override { fetch_->Gone(); }

  void OnMessage(const Caller& caller, v1::FetchRequest& request) override {
    begun_ = true;
    fetch_->Begin(caller, request);
  }
  void OnHalfClose() override {
    if (!begun_) sink_->Finish(BadField("REQUEST_MISSING", "grant", "Send one FetchRequest."));
  }
  void OnCancel() override { fetch_->Gone(); }
  void OnDrained() override { fetch_->Drained(); }

 private:
  const std::shared_ptr<Fetch> fetch_;  // shared with the chunk in hand
  const Sink sink_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<StreamHandler<v1::FetchRequest>> MakeFetch(Broker& broker, const ResumeTokens& tokens, const Clock& clock,
                                                           Random& random, FetchOptions options, Sink sink) {
  auto fetch = std::make_shared<Fetch>(broker, tokens, clock, random, std::move(options), sink);
  return std::make_unique<Handler>(std::move(fetch), std::move(sink));
}

}  // namespace zhanqiao::exchange
