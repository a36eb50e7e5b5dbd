#include "hub/edge/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace zhanqiao::edge {

RawSocket::RawSocket(const std::string& address, int receive_buffer)
    : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval patience{5, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str())));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0;
}

RawSocket::~RawSocket() {
  ::close(fd_);
}

bool RawSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

std::string RawSocket::Receive() {
  std::string buffer(64 << 10, '\0');
  const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
  buffer.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return buffer;
}

std::string RawSocket::ReceiveAll() {
  std::string all;
  for (std::string piece = Receive(); !piece.empty(); piece = Receive()) all += piece;
  return all;
}

namespace {

uint32_t Number(std::string_view bytes) {
  uint32_t value = 0;
  for (char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

uint32_t RawFrame::error() const {
  return Number(std::string_view(payload).substr(type == NGHTTP2_GOAWAY ? 4 : 0));
}

std::string RawFrame::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

RawHttp2::RawHttp2(const std::string& address, std::string_view settings, int receive_buffer)
    : socket_(address, receive_buffer) {
  nghttp2_hd_deflate_new(&deflater_, 4096);
  nghttp2_hd_inflate_new(&inflater_);
  Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(NGHTTP2_SETTINGS, 0, 0, settings));
}

RawHttp2::~RawHttp2() {
  nghttp2_hd_deflate_del(deflater_);
  nghttp2_hd_inflate_del(inflater_);
}

RawHttp2::Headers RawHttp2::Call(std::string path, Headers more) {
  Headers headers = {{":method", "POST"},
                     {":scheme", "http"},
                     {":path", std::move(path)},
                     {":authority", "localhost"},
                     {"content-type", "application/grpc"},
                     {"te", "trailers"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

std::string RawHttp2::Message(std::string_view body, char flag) {
  const size_t size = body.size();
  std::string out = {flag, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                     static_cast<char>(size >> 8), static_cast<char>(size)};
  return out.append(body);
}

std::string RawHttp2::Frame(uint8_t type, uint8_t flags, int32_t stream, std::string_view payload) {
  const size_t size = payload.size();
  std::string out = {
      static_cast<char>(size >> 16),   static_cast<char>(size >> 8),   static_cast<char>(size),
      static_cast<char>(type),         static_cast<char>(flags),       static_cast<char>(stream >> 24),
      static_cast<char>(stream >> 16), static_cast<char>(stream >> 8), static_cast<char>(stream)};
  return out.append(payload);
}

std::string RawHttp2::Head(int32_t stream, const Headers& headers, bool end) {
  std::vector<nghttp2_nv> fields;
  for (const auto& [name, value] : headers) {
    fields.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                      NGHTTP2_NV_FLAG_NONE});
  }
  std::string block(nghttp2_hd_deflate_bound(deflater_, fields.data(), fields.size()), '\0');
  const ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<uint8_t*>(block.data()),
                                             block.size(), fields.data(), fields.size());
  block.resize(static_cast<size_t>(size));
  constexpr size_t kFrame = 16384;
  std::string out;
  for (size_t at = 0; at == 0 || at < block.size(); at += kFrame) {
    const bool last = at + kFrame >= block.size();
    const auto flags = static_cast<uint8_t>((last ? NGHTTP2_FLAG_END_HEADERS : 0) |
                                            (at == 0 && end ? NGHTTP2_FLAG_END_STREAM : 0));
    out += Frame(at == 0 ? NGHTTP2_HEADERS : NGHTTP2_CONTINUATION, flags, stream,
                 std::string_view(block).substr(at, kFrame));
  }
  return out;
}

RawFrame RawHttp2::Next() {
  RawFrame frame;
  frame.type = 255;
  size_t size = 0;
  for (;;) {
    if (in_.size() >= 9) {
      size = Number(in_) >> 8;
      if (in_.size() >= 9 + size) break;
    }
    const std::string piece = socket_.Receive();
    if (piece.empty()) return frame;
    in_ += piece;
  }
  frame.type = static_cast<uint8_t>(in_[3]);
  frame.flags = static_cast<uint8_t>(in_[4]);
  frame.stream = static_cast<int32_t>(Number(std::string_view(in_).substr(5)));
  frame.payload = in_.substr(9, size);
  in_.erase(0, 9 + size);
  if (frame.type != NGHTTP2_HEADERS) return frame;
  std::string_view block = frame.payload;
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const ssize_t taken = nghttp2_hd_inflate_hd2(
        inflater_, &field, &flags, reinterpret_cast<const uint8_t*>(block.data()), block.size(), 1);
    if (taken < 0) break;
    block.remove_prefix(static_cast<size_t>(taken));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      frame.headers.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                                 std::string(reinterpret_cast<char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  return frame;
}

RawFrame RawHttp2::Trailers(int32_t stream) {
  return Until([stream](const RawFrame& frame) {
    return frame.stream == stream && frame.type == NGHTTP2_HEADERS &&
           (frame.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  });
}

RawFrame RawHttp2::Unary(int32_t stream, const std::string& path, std::string_view data, Headers more) {
  Send(Head(stream, Call(path, std::move(more)), false) +
       Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, stream, data));
  return Trailers(stream);
}

}  // namespace zhanqiao::edge
