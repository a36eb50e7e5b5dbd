#include "hub/edge/http2.h"

#include <utility>

#include "catalog/base/log.h"
#include "hub/edge/call_stream.h"

namespace zhanqiao::edge {
namespace {

constexpr int32_t kConnectionWindow = 8 << 20;
constexpr uint32_t kFrameBytesMax = 128 << 10;
constexpr size_t kQueuedFramesMax = 2000;
constexpr double kIdleFramesPerSecond = 1000;  // SETTINGS, PRIORITY, empty DATA and the like
constexpr size_t kHeaderHardFactor = 8;        // beyond this times the limit a header list is an attack

std::chrono::nanoseconds Steady(absl::Duration duration) {
  return absl::ToChronoNanoseconds(duration);
}

}  // namespace

// What nghttp2 calls. None of these runs a handler: that is left to Dispatch.
struct Http2Callbacks {
  static CallStream* StreamOf(nghttp2_session* session, int32_t id) {
    return static_cast<CallStream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static int BeginHeaders(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    auto& self = *static_cast<Http2*>(user);
    auto stream = std::make_shared<CallStream>(self, frame->hd.stream_id, self.connection_.peer(),
                                               self.connection_.worker().mailbox());
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream.get());
    self.streams_.emplace(frame->hd.stream_id, std::move(stream));
    return 0;
  }

  static int Header(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                    size_t name_size, const uint8_t* value, size_t value_size, uint8_t, void* user) {
    CallStream* stream = StreamOf(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->OnHeader({reinterpret_cast<const char*>(name), name_size},
                     {reinterpret_cast<const char*>(value), value_size});
    auto& self = *static_cast<Http2*>(user);
    const size_t hard = self.connection_.limits().header_list_bytes_max * kHeaderHardFactor;
    if (stream->header_bytes() <= hard) return 0;
    self.Calm("header_list_too_large");
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int BeginFrame(nghttp2_session*, const nghttp2_frame_hd* header, void* user) {
    auto& self = *static_cast<Http2*>(user);
    const bool idle = header->type == NGHTTP2_SETTINGS || header->type == NGHTTP2_PRIORITY ||
                      header->type > NGHTTP2_CONTINUATION ||
                      (header->type == NGHTTP2_DATA && header->length == 0 &&
                       (header->flags & NGHTTP2_FLAG_END_STREAM) == 0);
    if (idle && !self.idle_frames_.Take(self.heard_)) self.Calm("too_many_idle_frames");
    return self.calmed_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int FrameReceived(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2*>(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA: {
        CallStream* stream = StreamOf(session, frame->hd.stream_id);
        if (stream == nullptr) return 0;
        if (frame->hd.type == NGHTTP2_HEADERS) stream->OnHeadersEnd();
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) stream->OnHalfClose();
        self.Ready(*stream);
        return 0;
      }
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
          self.OnPingAnswered();
        } else {
          self.OnPing();
        }
        break;
      case NGHTTP2_RST_STREAM:
        self.connection_.worker().count().resets_received.Add();
        self.OnReset();
        break;
      default:
        break;
    }
    return self.calmed_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;  // reads nothing more of what came with it
  }

  static int DataChunk(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data, size_t size,
                       void*) {
    nghttp2_session_consume_connection(session, size);
    CallStream* stream = StreamOf(session, id);
    if (stream != nullptr) stream->OnData({reinterpret_cast<const char*>(data), size});
    return 0;
  }

  static int StreamClosed(nghttp2_session* session, int32_t id, uint32_t code, void*) {
    CallStream* stream = StreamOf(session, id);
    if (stream != nullptr) stream->OnClosed(code);
    return 0;
  }

  static int FrameSent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2*>(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA: {
        self.ping_strikes_ = 0;
        self.last_ping_ = {};
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
        CallStream* stream = StreamOf(session, frame->hd.stream_id);
        if (stream != nullptr) stream->OnTrailersSent();
        return 0;
      }
      case NGHTTP2_WINDOW_UPDATE:
        self.ping_strikes_ = 0;
        self.last_ping_ = {};
        return 0;
      case NGHTTP2_GOAWAY:
        if (frame->goaway.last_stream_id == INT32_MAX)
          nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, nullptr);
        return 0;
      case NGHTTP2_RST_STREAM:
        if (frame->rst_stream.error_code != NGHTTP2_NO_ERROR) self.OnReset();
        return 0;
      default:
        return 0;
    }
  }

  static ssize_t Send(nghttp2_session*, const uint8_t* data, size_t size, int, void* user) {
    auto& self = *static_cast<Http2*>(user);
    if (self.out_->size() >= self.room_) return NGHTTP2_ERR_WOULDBLOCK;
    self.out_->append(reinterpret_cast<const char*>(data), size);
    return static_cast<ssize_t>(size);
  }

  static int SendData(nghttp2_session*, nghttp2_frame*, const uint8_t* head, size_t size,
                      nghttp2_data_source* source, void* user) {
    auto& self = *static_cast<Http2*>(user);
    if (self.out_->size() >= self.room_) return NGHTTP2_ERR_WOULDBLOCK;
    self.out_->append(reinterpret_cast<const char*>(head), 9);
    static_cast<CallStream*>(source->ptr)->TakeInto(size, *self.out_);
    return 0;
  }

  static ssize_t ReadLength(nghttp2_session* session, uint8_t, int32_t id, int32_t, int32_t,
                            uint32_t frame_max, void*) {
    const CallStream* stream = StreamOf(session, id);
    const size_t sendable = stream == nullptr ? 1 : std::max<size_t>(stream->sendable(), 1);
    return static_cast<ssize_t>(std::min<size_t>({sendable, frame_max, kFrameBytesMax}));
  }

  static nghttp2_session* MakeSession(Http2& self) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, BeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Header);
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, BeginFrame);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, FrameReceived);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, DataChunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, StreamClosed);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, FrameSent);
    nghttp2_session_callbacks_set_send_callback(callbacks, Send);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, SendData);
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, ReadLength);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_stream_reset_rate_limit(option, 1'000'000'000, 1'000'000'000);  // ours decides
    nghttp2_session* session = nullptr;
    nghttp2_session_server_new2(&session, callbacks, &self, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return session;
  }
};

Http2::Http2(Connection& connection)
    : connection_(connection),
      session_(Http2Callbacks::MakeSession(*this)),
      resets_(connection.limits().resets_per_second_max, 2.0 * connection.limits().resets_per_second_max),
      caller_resets_(connection.worker().ResetsOf(*connection.peer())),
      idle_frames_(kIdleFramesPerSecond, 2 * kIdleFramesPerSecond),
      heard_(std::chrono::steady_clock::now()) {
  const Limits& limits = connection.limits();
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams_per_connection_max},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, kFrameBytesMax},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(limits.header_list_bytes_max)},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
  connection_.Touch();
}

Http2::~Http2() {
  Lost();
  nghttp2_session_del(session_);
}

bool Http2::Receive(std::string_view bytes) {
  heard_ = std::chrono::steady_clock::now();
  const ssize_t taken =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0 && taken != NGHTTP2_ERR_BAD_CLIENT_MAGIC) Calm("flooded");
  if (taken < 0 || calmed_) return false;
  // While the pieces are still there, so that most messages are never copied.
  Dispatch();
  for (CallStream* stream : ready_) stream->Keep();
  return true;
}

bool Http2::Dispatch() {
  if (ready_.empty()) return false;
  dispatching_.swap(ready_);
  for (CallStream* stream : dispatching_) {
    stream->queued_ = false;
    if (stream->Dispatch()) {
      Forget(*stream);
    } else {
      stream->Keep();
    }
  }
  dispatching_.clear();
  return true;
}

void Http2::Forget(CallStream& stream) {
  if (stream.queued_) std::erase(ready_, &stream);
  streams_.erase(stream.id());
}

void Http2::Ready(CallStream& stream) {
  if (!std::exchange(stream.queued_, true)) ready_.push_back(&stream);
}

bool Http2::Account(size_t before, size_t after) {
  held_ = held_ - before + after;
  return after <= before || held_ <= connection_.limits().connection_bytes_max;
}

void Http2::Produce(std::string& out, size_t room) {
  if (lost_) return;
  out_ = &out;
  room_ = room;
  nghttp2_session_send(session_);
  out_ = nullptr;
}

bool Http2::Done() const {
  return calmed_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
}

bool Http2::Backlogged() const {
  return nghttp2_session_get_outbound_queue_size(session_) > kQueuedFramesMax;
}

void Http2::Lost() {
  if (std::exchange(lost_, true)) return;
  // Handlers that are told may use other calls of this connection, so the list is walked as it was.
  std::vector<std::shared_ptr<CallStream>> all;
  all.reserve(streams_.size());
  for (const auto& [id, stream] : streams_) all.push_back(stream);
  for (const auto& stream : all) stream->OnDropped();
  ready_.clear();
  streams_.clear();
}

void Http2::Calm(std::string_view why) {
  if (std::exchange(calmed_, true)) return;
  connection_.worker().count().connections_calmed.Add();
  Log(LogLevel::kWarning, "connection_calmed",
      {{"address", connection_.peer()->address},
       {"listener", connection_.listener().name},
       {"why", std::string(why)}});
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_ENHANCE_YOUR_CALM, reinterpret_cast<const uint8_t*>(why.data()), why.size());
  connection_.Touch();
}

void Http2::OnReset() {
  const SteadyTime now = std::chrono::steady_clock::now();
  const bool own = resets_.Take(now);
  if (!caller_resets_->Take(now) || !own) Calm("too_many_resets");
}

void Http2::OnPing() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (last_ping_ != SteadyTime() && now - last_ping_ < Steady(connection_.limits().ping_interval_min)) {
    if (++ping_strikes_ > connection_.limits().pings_early_max) return Calm("too_many_pings");
  }
  last_ping_ = now;
}

void Http2::OnPingAnswered() {
  pinged_ = {};
  if (draining_ != SteadyTime()) FinalGoaway();
}

void Http2::Drain() {
  if (draining_ != SteadyTime() || calmed_) return;
  draining_ = std::chrono::steady_clock::now();
  // First "no more after 2^31-1" and, once that is out, a PING: when it is answered the client has seen the
  // notice, and what it sent before is known.
  nghttp2_submit_shutdown_notice(session_);
  connection_.Touch();
}

void Http2::FinalGoaway() {
  if (std::exchange(final_goaway_, true)) return;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  connection_.Touch();
}

bool Http2::Sweep(SteadyTime now) {
  const Limits& limits = connection_.limits();
  if (draining_ != SteadyTime() && now - draining_ > std::chrono::seconds(1)) FinalGoaway();
  if (pinged_ != SteadyTime()) {
    if (heard_ > pinged_) {
      pinged_ = {};
    } else if (now - pinged_ > Steady(limits.keepalive_timeout)) {
      return false;
    }
  } else if (!streams_.empty() && now - heard_ > Steady(limits.keepalive_interval)) {
    pinged_ = now;
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    connection_.Touch();
  }
  return true;
}

std::unique_ptr<Protocol> MakeHttp2(Connection& connection) {
  return std::make_unique<Http2>(connection);
}

}  // namespace zhanqiao::edge
