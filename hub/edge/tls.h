// TLS of the edge: contexts from files, and sessions that turn bytes into bytes without touching a socket.
//
// TLS 1.2 and 1.3, AEAD with forward secrecy only, ALPN h2 and http/1.1, no tickets, no cached sessions, no
// early data, no renegotiation: every connection verifies its certificate itself, so that nothing outlives a
// revocation.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "hub/edge/server.h"

namespace zhanqiao::edge {

// An immutable context made from a listener's files. Thread-safe; shared by the sessions that came of it.
class TlsContext {
 public:
  // INVALID_ARGUMENT / CERTIFICATE_UNUSABLE when a file does not load or key and certificate do not belong
  // together.
  static absl::StatusOr<std::shared_ptr<TlsContext>> Load(const ListenerOptions& listener);
  ~TlsContext() { SSL_CTX_free(context_); }
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  SSL_CTX* get() const { return context_; }

 private:
  explicit TlsContext(SSL_CTX* context) : context_(context) {}
  SSL_CTX* const context_;
};

// The server side of one connection. Not thread-safe.
class TlsSession {
 public:
  enum class Result { kOpen, kEnded, kFailed };

  // Wire bytes to be sent are appended to `wire_out`, which outlives the session.
  TlsSession(std::shared_ptr<TlsContext> context, std::string& wire_out);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Takes all of `wire`, continues the handshake, and gives plain bytes to `sink` piece by piece until it
  // returns false. kFailed leaves the alert in `wire_out`.
  Result Receive(std::string_view wire, const std::function<bool(std::string_view)>& sink);
  bool Send(std::string_view plain);
  void Close();  // close_notify

  bool established() const { return established_; }
  std::string_view protocol() const;                 // what ALPN chose, or empty
  std::string_view error() const { return error_; }  // after kFailed, for the log
  void Describe(Peer& peer) const;                   // uris, fingerprint, not_after

 private:
  static BIO_METHOD* Method();
  static int Read(BIO* bio, char* out, int size);
  static int Write(BIO* bio, const char* bytes, int size);
  static long Control(BIO* bio, int command, long number, void* pointer);
  Result Failed();

  const std::shared_ptr<TlsContext> context_;
  std::string& wire_out_;
  std::string_view wire_in_;
  SSL* ssl_;
  bool established_ = false;
  std::string error_;
};

}  // namespace zhanqiao::edge
