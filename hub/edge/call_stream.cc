#include "hub/edge/call_stream.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "catalog/base/error.h"
#include "hub/edge/http1.h"
#include "hub/edge/http2.h"

namespace zhanqiao::edge {
namespace {

constexpr size_t kDrainedMark = 64 << 10;
constexpr size_t kTrailerTextMax = 6 << 10;  // clients take 8 KiB of trailers

absl::Status DeadlineExceeded() {
  return Fail(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "Deadline Exceeded");
}

}  // namespace

CallStream::CallStream(Http2& session, int32_t id, std::shared_ptr<const Peer> peer,
                       std::shared_ptr<Mailbox> mailbox)
    : session_(&session), id_(id), peer_(std::move(peer)), mailbox_(std::move(mailbox)) {}

// --- Call: any thread ---

bool CallStream::Direct() {
  return mailbox_->OnThread() && letters_.load(std::memory_order_acquire) == 0;
}

void CallStream::Mail(Letter letter) {
  letters_.fetch_add(1, std::memory_order_acq_rel);
  letter.stream = shared_from_this();
  mailbox_->Send(std::move(letter));
}

void CallStream::SendInitialMetadata(Metadata metadata) {
  if (Direct()) return ApplyInitial(std::move(metadata));
  Letter letter;
  letter.kind = Letter::Kind::kInitial;
  letter.metadata = std::move(metadata);
  Mail(std::move(letter));
}

void CallStream::Write(std::string message) {
  buffered_.fetch_add(message.size(), std::memory_order_relaxed);
  if (Direct()) return ApplyWrite(std::move(message));
  Letter letter;
  letter.kind = Letter::Kind::kWrite;
  letter.bytes = std::move(message);
  Mail(std::move(letter));
}

void CallStream::Finish(const absl::Status& status, Metadata trailers) {
  if (Direct()) return ApplyFinish(status, trailers);
  Letter letter;
  letter.kind = Letter::Kind::kFinish;
  letter.status = status;
  letter.metadata = std::move(trailers);
  Mail(std::move(letter));
}

void CallStream::Answer(std::string message, Metadata trailers) {
  buffered_.fetch_add(message.size(), std::memory_order_relaxed);
  if (Direct()) {
    ApplyWrite(std::move(message));
    return ApplyFinish(absl::OkStatus(), trailers);
  }
  Letter letter;
  letter.kind = Letter::Kind::kAnswer;
  letter.bytes = std::move(message);
  letter.metadata = std::move(trailers);
  Mail(std::move(letter));
}

void CallStream::PauseReading() {
  if (Direct()) return ApplyPause(true);
  Letter letter;
  letter.kind = Letter::Kind::kPause;
  Mail(std::move(letter));
}

void CallStream::ResumeReading() {
  if (Direct()) return ApplyPause(false);
  Letter letter;
  letter.kind = Letter::Kind::kResume;
  Mail(std::move(letter));
}

void CallStream::Post(std::function<void()> task) {
  Letter letter;
  letter.task = std::move(task);
  Mail(std::move(letter));
}

void CallStream::Open(Letter& letter) {
  letters_.fetch_sub(1, std::memory_order_acq_rel);
  switch (letter.kind) {
    case Letter::Kind::kWrite:
      return ApplyWrite(std::move(letter.bytes));
    case Letter::Kind::kAnswer:
      ApplyWrite(std::move(letter.bytes));
      return ApplyFinish(letter.status, letter.metadata);
    case Letter::Kind::kFinish:
      return ApplyFinish(letter.status, letter.metadata);
    case Letter::Kind::kInitial:
      return ApplyInitial(std::move(letter.metadata));
    case Letter::Kind::kPause:
      return ApplyPause(true);
    case Letter::Kind::kResume:
      return ApplyPause(false);
    case Letter::Kind::kTask: {
      letter.task();
      letter.task = nullptr;
      return;
    }
  }
}

// --- Sending ---

void CallStream::ApplyInitial(Metadata metadata) {
  if (closed_ || finished_ || headers_sent_ || session_ == nullptr) return;
  for (auto& [name, value] : metadata) {
    std::optional<std::string> text = MaySend(name) ? ValueToSend(name, value) : std::nullopt;
    if (text) initial_.emplace_back(std::move(name), *std::move(text));
  }
  SubmitHeaders(false);
}

void CallStream::ApplyWrite(std::string message) {
  if (closed_ || finished_ || session_ == nullptr) {
    buffered_.fetch_sub(message.size(), std::memory_order_relaxed);
    return;
  }
  out_.AddMessage(std::move(message));
  if (buffered() >= kDrainedMark) above_ = true;
  if (!headers_sent_) SubmitHeaders(false);
  Wake();
}

void CallStream::ApplyFinish(const absl::Status& status, const Metadata& trailers) {
  if (closed_ || finished_ || session_ == nullptr) return;
  finished_ = true;
  Unlink();
  if (status.ok()) {
    trailers_.emplace_back("grpc-status", "0");
  } else {
    trailers_.emplace_back("grpc-status", std::to_string(static_cast<int>(status.code())));
    std::string message = PercentEncode({status.message().data(), status.message().size()});
    if (message.size() > kTrailerTextMax / 2) message.resize(kTrailerTextMax / 2);
    const std::string details = EncodeBinary(ToDetails(status));
    const bool fits = message.size() + details.size() <= kTrailerTextMax;
    trailers_.emplace_back("grpc-message", std::move(message));
    if (!details.empty() && fits) trailers_.emplace_back("grpc-status-details-bin", details);
  }
  for (const auto& [name, value] : trailers) {
    std::optional<std::string> text = MaySend(name) ? ValueToSend(name, value) : std::nullopt;
    if (text) trailers_.emplace_back(name, *std::move(text));
  }
  if (!headers_sent_) {
    SubmitHeaders(true);
  } else if (out_.bytes() == 0) {
    SubmitTrailers();
    session_->connection().Touch();
  } else {
    Wake();
  }
}

void CallStream::ApplyPause(bool paused) {
  if (paused_ == paused || session_ == nullptr) return;
  paused_ = paused;
  if (!paused) Ready();
}

void CallStream::SubmitHeaders(bool end) {
  headers_sent_ = true;
  static thread_local std::vector<nghttp2_nv> fields;
  fields.clear();
  const auto add = [](std::string_view name, std::string_view value, int flags) {
    fields.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                      static_cast<uint8_t>(flags)});
  };
  constexpr int kStatic = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
  const std::string status = std::to_string(http_status_);
  if (kind_ == Kind::kRequest) {
    add(":status", status, NGHTTP2_NV_FLAG_NO_COPY_NAME);
  } else {
    add(":status", "200", kStatic);
    add("content-type", "application/grpc", kStatic);
    add("grpc-accept-encoding", kAcceptEncoding, kStatic);
  }
  for (const auto& [name, value] : initial_) add(name, value, 0);
  if (end) {
    for (const auto& [name, value] : trailers_) add(name, value, 0);
    trailers_sent_ = true;
  }
  nghttp2_data_provider data = {};
  data.source.ptr = this;
  data.read_callback = [](nghttp2_session*, int32_t, uint8_t*, size_t length, uint32_t* flags,
                          nghttp2_data_source* source, void*) -> ssize_t {
    return static_cast<CallStream*>(source->ptr)->Offer(length, flags);
  };
  nghttp2_submit_response(session_->session(), id_, fields.data(), fields.size(), end ? nullptr : &data);
  session_->connection().Touch();
}

void CallStream::SubmitTrailers() {
  if (std::exchange(trailers_sent_, true)) return;
  static thread_local std::vector<nghttp2_nv> fields;
  fields.clear();
  for (const auto& [name, value] : trailers_) {
    // Only the status repeats from call to call; the rest would push useful entries out of the peer's table.
    const int flags = name == "grpc-status" ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX;
    fields.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                      static_cast<uint8_t>(flags)});
  }
  nghttp2_submit_trailer(session_->session(), id_, fields.data(), fields.size());
}

ssize_t CallStream::Offer(size_t room, uint32_t* flags) {
  const size_t size = std::min(room, out_.bytes());
  if (size == 0 && (!finished_ || trailers_sent_)) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (finished_ && size == out_.bytes()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (kind_ != Kind::kRequest) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      SubmitTrailers();
    }
  }
  return static_cast<ssize_t>(size);
}

void CallStream::TakeInto(size_t size, std::string& out) {
  const size_t payload = out_.TakeInto(size, out);
  const size_t before = buffered_.fetch_sub(payload, std::memory_order_relaxed);
  if (above_ && before - payload < kDrainedMark) {
    above_ = false;
    drained_due_ = true;
    Ready();
  }
}

void CallStream::Wake() {
  if (std::exchange(deferred_, false)) nghttp2_session_resume_data(session_->session(), id_);
  session_->connection().Touch();
}

void CallStream::Ready() {
  session_->Ready(*this);
  session_->connection().Touch();
}

// The peer may still be sending; it is told that nobody listens any more.
void CallStream::OnTrailersSent() {
  if (!half_closed_ && !closed_) session_->Reset(id_, NGHTTP2_NO_ERROR);
}

// --- Frames ---

void CallStream::OnHeader(std::string_view name, std::string_view value) {
  header_bytes_ += name.size() + value.size() + 32;
  if (header_bytes_ > session_->connection().limits().header_list_bytes_max || headers_done_) return;
  if (name.front() == ':') {
    if (name == ":path") path_ = value;
    if (name == ":method") method_ = value;
    if (name == ":authority") authority_ = value;
    return;
  }
  if (!IsReserved(name)) {
    if (!AddReceived(name, value, metadata_)) metadata_broken_ = true;
    return;
  }
  if (name == "content-type") {
    content_type_ = value;
  } else if (name == "te") {
    te_trailers_ = value == "trailers";
  } else if (name == "grpc-timeout") {
    timeout_ = value;
  } else if (name == "grpc-encoding") {
    encoding_name_ = value;
  } else if (name == "host") {
    if (authority_.empty()) authority_ = value;
  }
}

void CallStream::OnData(std::string_view piece) {
  uncredited_ += piece.size();
  if (finished_ || too_much_ || kind_ == Kind::kRefused || !broken_.ok()) return;
  const Limits& limits = session_->connection().limits();
  size_t held = 0;
  if (ClassifyContent(content_type_) == ContentKind::kGrpc) {
    broken_ = reader_.Receive(piece, limits.message_bytes_max);
    held = reader_.held();
  } else if (body_.size() + piece.size() > limits.http_body_bytes_max) {
    too_much_ = true;
  } else {
    body_.append(piece);
    held = body_.size();
  }
  if (!session_->Account(accounted_, held) && broken_.ok()) {
    broken_ = Fail(absl::StatusCode::kResourceExhausted, "CONNECTION_BUFFER_FULL",
                   "Too many unfinished messages on this connection; send fewer at once.");
  }
  accounted_ = held;
}

void CallStream::OnClosed(uint32_t) {
  closed_ = true;
  Unlink();
  if (!finished_) cancel_due_ = true;
  Ready();
}

void CallStream::OnDropped() {
  if (closed_ && session_ == nullptr) return;
  closed_ = true;
  Unlink();
  if (!finished_) CancelHandler();
  handler_.reset();
  buffered_.fetch_sub(out_.Clear(), std::memory_order_relaxed);
  if (shape_.known && session_ != nullptr) session_->connection().worker().count().calls_open.Subtract();
  session_ = nullptr;
}

void CallStream::OnExpired() {
  if (kind_ == Kind::kRequest) {
    return AnswerPlain(504, "REPLY_TIMEOUT", "The hub did not answer in time; ask again later.");
  }
  cancel_due_ = true;
  // What the peer did not take in time is not sent any more; the status goes out ahead of it.
  if (headers_sent_) buffered_.fetch_sub(out_.Clear(), std::memory_order_relaxed);
  ApplyFinish(DeadlineExceeded(), {});
  Ready();
}

// --- Dispatching ---

bool CallStream::Dispatch() {
  if (!begun_ && headers_done_ && !closed_) {
    begun_ = true;
    Begin();
  }
  if (kind_ == Kind::kCall) Deliver();
  if (kind_ == Kind::kRequest) HandRequest();
  if (std::exchange(drained_due_, false) && handler_ != nullptr && !finished_ && !closed_)
    handler_->OnDrained();
  if (cancel_due_) CancelHandler();
  session_->Account(accounted_, 0);
  accounted_ = 0;
  if (!closed_) {
    accounted_ = reader_.held() + (kind_ == Kind::kRequest ? body_.size() : 0);
    session_->Account(0, accounted_);
    Credit();
    return false;
  }
  handler_.reset();
  buffered_.fetch_sub(out_.Clear(), std::memory_order_relaxed);
  if (shape_.known) session_->connection().worker().count().calls_open.Subtract();
  session_ = nullptr;
  return true;
}

void CallStream::Credit() {
  if (paused_ || finished_ || uncredited_ == 0) return;
  nghttp2_session_consume_stream(session_->session(), id_, std::exchange(uncredited_, 0));
}

void CallStream::Begin() {
  const ContentKind content = ClassifyContent(content_type_);
  const bool post = method_ == "POST";
  if (content == ContentKind::kGrpcWeb || (content == ContentKind::kOther && post && te_trailers_)) {
    return AnswerPlain(415, "CONTENT_TYPE_UNSUPPORTED",
                       "Send gRPC as application/grpc, or JSON without te: trailers.");
  }
  if (content == ContentKind::kGrpc && !post) {
    return AnswerPlain(405, "METHOD_NOT_ALLOWED", "gRPC calls are POST requests.");
  }
  if (content == ContentKind::kGrpc) return BeginCall();
  BeginRequest();
}

std::optional<absl::Status> CallStream::RefuseHead() {
  const ListenerOptions& listener = session_->connection().listener();
  const Limits& limits = session_->connection().limits();
  if (header_bytes_ > limits.header_list_bytes_max) {
    return Fail(absl::StatusCode::kResourceExhausted, "METADATA_TOO_LARGE",
                "received metadata size exceeds limit; send less metadata.",
                {{"bytes", std::to_string(header_bytes_)},
                 {"bytes_max", std::to_string(limits.header_list_bytes_max)}});
  }
  if (!te_trailers_)
    return Fail(absl::StatusCode::kUnknown, "TE_MISSING", "Missing :te header; send te: trailers.");
  if (metadata_broken_) {
    return Fail(absl::StatusCode::kInternal, "METADATA_INVALID",
                "A -bin metadata value is not base64; encode it.");
  }
  if (!timeout_.empty() && !ParseTimeout(timeout_)) {
    return Fail(absl::StatusCode::kInvalidArgument, "TIMEOUT_INVALID",
                "grpc-timeout is not 1 to 8 digits and one of H M S m u n; fix the value.");
  }
  if (encoding_ == Encoding::kUnknown) {
    return Fail(absl::StatusCode::kUnimplemented, "ENCODING_UNSUPPORTED",
                "This grpc-encoding is not supported; use one of grpc-accept-encoding.",
                {{"accepted", std::string(kAcceptEncoding)}});
  }
  if (!listener.grpc) {
    return Fail(absl::StatusCode::kUnimplemented, "GRPC_NOT_SERVED_HERE",
                "This listener serves no gRPC; use the address for systems.", {{"listener", listener.name}});
  }
  if (!shape_.known) {
    return Fail(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN",
                "No such method; check the path with server reflection.", {{"method", path_.substr(0, 256)}});
  }
  return std::nullopt;
}

void CallStream::BeginCall() {
  kind_ = Kind::kCall;
  Worker& worker = session_->connection().worker();
  encoding_ = ParseEncoding(encoding_name_);
  shape_ = worker.shared().dispatcher->Shape(path_);
  if (const std::optional<absl::Status> fault = RefuseHead()) {
    shape_.known = false;
    return Refuse(*fault);
  }
  if (!timeout_.empty() && *ParseTimeout(timeout_) <= absl::ZeroDuration()) {
    shape_.known = false;
    return Refuse(DeadlineExceeded());
  }
  worker.count().calls_open.Add();
  SetDeadline();
  if (shape_.client_streaming) {
    worker.count().calls_started.Add();
    handler_ = worker.shared().dispatcher->Start(shared_from_this());
  }
}

void CallStream::SetDeadline() {
  if (timeout_.empty()) return;
  const absl::Duration timeout = *ParseTimeout(timeout_);
  Worker& worker = session_->connection().worker();
  deadline_ = worker.shared().clock->Now() + timeout;
  const absl::Duration bounded = std::min(timeout, absl::Hours(24 * 365));
  worker.deadlines().Set(*this, std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(bounded));
  worker.ArmDeadlines();
}

void CallStream::Refuse(const absl::Status& status) {
  if (handler_ == nullptr) {
    kind_ = Kind::kRefused;
    session_->connection().worker().count().calls_refused.Add();
  } else {
    cancel_due_ = true;
  }
  if (headers_sent_) buffered_.fetch_sub(out_.Clear(), std::memory_order_relaxed);
  ApplyFinish(status, {});
  reader_.Clear();
}

bool CallStream::DeliverOne() {
  MessageReader::Message& message = reader_.front();
  const bool extra =
      !shape_.client_streaming && messages_ > 0;  // grpc::Server ignores a unary call's second message
  ++messages_;
  if (extra) {
    reader_.Pop();
    return true;
  }
  if (handler_ == nullptr) {
    Worker& worker = session_->connection().worker();
    worker.count().calls_started.Add();
    handler_ = worker.shared().dispatcher->Start(shared_from_this());
  }
  std::string_view bytes = message.owned.empty() ? message.bytes : std::string_view(message.owned);
  std::string inflated;
  if (message.compressed) {
    if (encoding_ == Encoding::kIdentity) {
      Refuse(Fail(absl::StatusCode::kInternal, "COMPRESSION_UNDECLARED",
                  "A message has the compressed flag but the call has no grpc-encoding; send one or clear "
                  "the flag."));
      return false;
    }
    const size_t bytes_max = session_->connection().limits().message_bytes_max;
    if (absl::Status status = Inflate(encoding_, bytes, bytes_max, inflated); !status.ok()) {
      Refuse(status);
      return false;
    }
    bytes = inflated;
  }
  if (handler_ != nullptr && !finished_) handler_->OnMessage(bytes);
  reader_.Pop();
  return true;
}

void CallStream::Deliver() {
  while (!paused_ && !finished_ && !closed_ && !reader_.empty()) {
    if (!DeliverOne()) return;
    if (!shape_.client_streaming) DeliverHalfClose();
  }
  if (finished_ || closed_) return reader_.Clear();
  if (!reader_.empty()) return;  // paused
  if (!broken_.ok()) return Refuse(broken_);
  if (half_closed_) DeliverHalfClose();
}

void CallStream::DeliverHalfClose() {
  if (told_half_close_ || finished_ || closed_) return;
  if (half_closed_ && reader_.partial()) {
    return Refuse(Fail(absl::StatusCode::kInternal, "MESSAGE_INCOMPLETE",
                       "The stream ended within a message; send as many bytes as the prefix says."));
  }
  if (!shape_.client_streaming && messages_ == 0) {
    return Refuse(Fail(absl::StatusCode::kInternal, "MESSAGE_MISSING",
                       "The call ended without its request message; send exactly one."));
  }
  told_half_close_ = true;
  if (handler_ != nullptr) handler_->OnHalfClose();
}

void CallStream::CancelHandler() {
  cancelled_.store(true, std::memory_order_release);
  if (handler_ != nullptr && !std::exchange(told_cancel_, true)) handler_->OnCancel();
}

// --- Requests that are not gRPC ---

void CallStream::BeginRequest() {
  kind_ = Kind::kRequest;
  const ListenerOptions& listener = session_->connection().listener();
  session_->connection().worker().count().http_requests.Add();
  head_only_ = method_ == "HEAD";
  if (header_bytes_ > session_->connection().limits().header_list_bytes_max) {
    return AnswerPlain(431, "HEADERS_TOO_LARGE", "The request headers are too large; send fewer.");
  }
  if (!listener.http) return AnswerPlain(404, "HTTP_NOT_SERVED_HERE", "This listener serves gRPC only.");
  if (!IsAllowedHost(listener, authority_)) {
    return AnswerPlain(421, "HOST_UNKNOWN", "This server does not serve the host the request names.");
  }
  Worker& worker = session_->connection().worker();
  const absl::Duration patience = session_->connection().limits().http_reply_timeout;
  deadline_ = worker.shared().clock->Now() + patience;
  worker.deadlines().Set(*this, std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(patience));
  worker.ArmDeadlines();
}

void CallStream::HandRequest() {
  if (too_much_ && !finished_) {
    return AnswerPlain(413, "BODY_TOO_LARGE", "The request body is too large; send less at once.");
  }
  if (!half_closed_ || finished_ || closed_ || std::exchange(told_half_close_, true)) return;
  HttpRequest request;
  request.method = method_;
  request.target = path_;
  request.headers = std::move(metadata_);
  if (!content_type_.empty()) request.headers.emplace_back("content-type", content_type_);
  if (!authority_.empty()) request.headers.emplace_back("host", authority_);
  request.body = std::move(body_);
  request.peer = peer_;
  request.deadline =
      EarlierDeadline(deadline_, request.headers, session_->connection().worker().shared().clock->Now());
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  session_->connection().worker().shared().dispatcher->HandleHttp(
      std::move(request), [self = shared_from_this(), answered](HttpResponse response) {
        if (answered->exchange(true)) return;
        if (self->Direct()) return self->AnswerRequest(std::move(response));
        auto shared = std::make_shared<HttpResponse>(std::move(response));
        self->Post([self, shared] { self->AnswerRequest(std::move(*shared)); });
      });
}

void CallStream::AnswerPlain(int status, std::string_view reason, std::string_view fix) {
  kind_ = Kind::kRequest;
  AnswerRequest(PlainError(status, reason, fix));
}

void CallStream::AnswerRequest(HttpResponse response) {
  if (closed_ || finished_ || session_ == nullptr) return;
  finished_ = true;
  Unlink();
  http_status_ = response.status;
  for (auto& [name, value] : response.headers) {
    if ((MaySend(name) || name == "content-type") && ValueToSend("", value)) {
      initial_.emplace_back(std::move(name), std::move(value));
    }
  }
  initial_.emplace_back("content-length", std::to_string(response.body.size()));
  if (head_only_) response.body.clear();
  out_.AddRaw(std::move(response.body));
  buffered_.fetch_add(out_.bytes(), std::memory_order_relaxed);
  SubmitHeaders(out_.bytes() == 0);
}

}  // namespace zhanqiao::edge
