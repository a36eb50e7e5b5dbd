// For tests: sockets and HTTP/2 frames by hand, so that a peer can be as wrong as it likes.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zhanqiao::edge {

// A blocking TCP connection to 127.0.0.1; reads give up after five seconds.
class RawSocket {
 public:
  explicit RawSocket(const std::string& address, int receive_buffer = 0);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  bool connected() const { return connected_; }
  bool Send(std::string_view bytes);
  // What arrives next, at most 64 KiB; empty at the end of the stream or when nothing came in time.
  std::string Receive();
  std::string ReceiveAll();
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  bool connected_ = false;
};

struct RawFrame {
  uint8_t type = 0;
  uint8_t flags = 0;
  int32_t stream = 0;
  std::string payload;
  std::vector<std::pair<std::string, std::string>> headers;  // of HEADERS
  uint32_t error() const;                                    // of RST_STREAM and GOAWAY
  std::string header(std::string_view name) const;
};

// One HTTP/2 connection. The preface and an empty SETTINGS are sent at once.
class RawHttp2 {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  explicit RawHttp2(const std::string& address, std::string_view settings = {}, int receive_buffer = 0);
  ~RawHttp2();

  static Headers Call(std::string path, Headers more = {});
  static std::string Message(std::string_view body, char flag = 0);
  static std::string Frame(uint8_t type, uint8_t flags, int32_t stream, std::string_view payload);
  std::string Head(int32_t stream, const Headers& headers, bool end);
  bool Send(std::string_view bytes) { return socket_.Send(bytes); }

  // The next frame; type 255 when the connection ended or nothing came.
  RawFrame Next();
  // Skips to the next frame that `wanted` takes.
  template <typename Wanted>
  RawFrame Until(Wanted wanted) {
    for (;;) {
      RawFrame frame = Next();
      if (frame.type == 255 || wanted(frame)) return frame;
    }
  }
  RawFrame UntilType(uint8_t type) {
    return Until([type](const RawFrame& frame) { return frame.type == type; });
  }
  // The HEADERS frame that ends `stream`: the trailers.
  RawFrame Trailers(int32_t stream);
  // Sends a whole unary call and gives its trailers.
  RawFrame Unary(int32_t stream, const std::string& path, std::string_view data, Headers more = {});
  RawSocket& socket() { return socket_; }

 private:
  RawSocket socket_;
  std::string in_;
  nghttp2_hd_deflater* deflater_ = nullptr;
  nghttp2_hd_inflater* inflater_ = nullptr;
};

}  // namespace zhanqiao::edge
