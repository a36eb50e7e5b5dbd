// One HTTP/2 stream: a gRPC call (then it is the handler's Call) or a plain request.
//
// Fields without a lock belong to the connection's thread; other threads reach them by letters to the worker.
#pragma once

#include <nghttp2/nghttp2.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub/edge/deadlines.h"
#include "hub/edge/dispatcher.h"
#include "hub/edge/framing.h"
#include "hub/edge/wire.h"
#include "hub/edge/worker.h"

namespace zhanqiao::edge {

class Http2;

class CallStream final : public Call, public Expiring, public std::enable_shared_from_this<CallStream> {
 public:
  CallStream(Http2& session, int32_t id, std::shared_ptr<const Peer> peer, std::shared_ptr<Mailbox> mailbox);
  ~CallStream() override = default;

  // Call: any thread.
  const Peer& peer() const override { return *peer_; }
  std::string_view path() const override { return path_; }
  const Metadata& metadata() const override { return metadata_; }
  absl::Time deadline() const override { return deadline_; }
  bool cancelled() const override { return cancelled_.load(std::memory_order_acquire); }
  void SendInitialMetadata(Metadata metadata) override;
  void Write(std::string message) override;
  size_t buffered() const override { return buffered_.load(std::memory_order_relaxed); }
  void Finish(const absl::Status& status, Metadata trailers) override;
  void Answer(std::string message, Metadata trailers) override;
  void PauseReading() override;
  void ResumeReading() override;
  void Post(std::function<void()> task) override;

  // A letter from another thread has arrived. On the thread.
  void Open(Letter& letter);

  // Called by Http2 as frames arrive. Nothing here runs a handler.
  void OnHeader(std::string_view name, std::string_view value);
  void OnData(std::string_view piece);
  void OnHeadersEnd() { headers_done_ = true; }
  void OnHalfClose() { half_closed_ = true; }
  void OnClosed(uint32_t error_code);
  void OnDropped();  // the connection is gone
  void OnExpired() override;

  // Runs what has become ready: starts, delivers, cancels. True once the stream is over and can be forgotten.
  bool Dispatch();
  // Pieces of the read buffer go away.
  void Keep() { reader_.Keep(); }

  // For the data source of nghttp2.
  size_t sendable() const { return out_.bytes(); }
  ssize_t Offer(size_t room, uint32_t* flags);
  void TakeInto(size_t size, std::string& out);
  void OnTrailersSent();

  int32_t id() const { return id_; }
  bool half_closed() const { return half_closed_; }
  size_t header_bytes() const { return header_bytes_; }

 private:
  friend class Http2;
  enum class Kind { kUnknown, kCall, kRequest, kRefused };

  bool Direct();  // on the thread, and no letter of this call is under way
  void Mail(Letter letter);
  void ApplyInitial(Metadata metadata);
  void ApplyWrite(std::string message);
  void ApplyFinish(const absl::Status& status, const Metadata& trailers);
  void ApplyPause(bool paused);

  void Begin();
  void BeginCall();
  void BeginRequest();
  std::optional<absl::Status> RefuseHead();  // what is wrong with the head of a gRPC call
  void SetDeadline();
  void Refuse(const absl::Status& status);
  void AnswerPlain(int status, std::string_view reason, std::string_view fix);
  void AnswerRequest(HttpResponse response);
  void Deliver();
  bool DeliverOne();
  void DeliverHalfClose();
  void HandRequest();
  void CancelHandler();
  void Credit();
  void SubmitHeaders(bool end);
  void SubmitTrailers();
  void Wake();   // have the session look at what is to be sent
  void Ready();  // have the session dispatch this stream

  Http2* session_;
  const int32_t id_;
  const std::shared_ptr<const Peer> peer_;
  const std::shared_ptr<Mailbox> mailbox_;
  Kind kind_ = Kind::kUnknown;

  // The head of the request.
  std::string path_, method_, content_type_, authority_, timeout_, encoding_name_;
  Metadata metadata_;
  Metadata plain_headers_;  // reserved names, for requests that are not gRPC
  size_t header_bytes_ = 0;
  bool te_trailers_ = false;
  bool metadata_broken_ = false;
  Encoding encoding_ = Encoding::kIdentity;
  absl::Time deadline_ = absl::InfiniteFuture();
  MethodShape shape_;

  // Receiving.
  MessageReader reader_;
  absl::Status broken_;  // what is wrong with the received bytes
  std::string body_;     // of a plain request
  size_t uncredited_ = 0;
  size_t accounted_ = 0;  // of the connection's budget
  int messages_ = 0;
  std::unique_ptr<CallHandler> handler_;
  bool paused_ = false;
  bool headers_done_ = false;
  bool begun_ = false;
  bool half_closed_ = false;
  bool told_half_close_ = false;
  bool cancel_due_ = false;
  bool told_cancel_ = false;
  bool too_much_ = false;

  // Sending.
  SendQueue out_;
  std::vector<std::pair<std::string, std::string>> initial_;
  std::vector<std::pair<std::string, std::string>> trailers_;
  int http_status_ = 200;
  bool head_only_ = false;
  bool headers_sent_ = false;
  bool trailers_sent_ = false;
  bool deferred_ = false;
  bool finished_ = false;
  bool closed_ = false;
  bool queued_ = false;  // in the session's list of ready streams
  bool above_ = false;   // buffered() has been above the drained mark
  bool drained_due_ = false;

  std::atomic<size_t> buffered_{0};
  std::atomic<int> letters_{0};
  std::atomic<bool> cancelled_{false};
};

}  // namespace zhanqiao::edge
