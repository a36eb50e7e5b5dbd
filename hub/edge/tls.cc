#include "hub/edge/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cstring>

#include "absl/strings/escaping.h"
#include "catalog/base/error.h"

namespace zhanqiao::edge {
namespace {

std::string OpenSslError() {
  const unsigned long code = ERR_peek_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "unknown" : text;
}

absl::Status Unusable(const ListenerOptions& listener, std::string_view what, const std::string& file) {
  absl::Status status = Fail(
      absl::StatusCode::kInvalidArgument, "CERTIFICATE_UNUSABLE",
      "A TLS file of the listener does not load; check that it is PEM, readable, and that key and "
      "certificate "
      "belong together.",
      {{"listener", listener.name}, {"what", std::string(what)}, {"file", file}, {"cause", OpenSslError()}});
  ERR_clear_error();
  return status;
}

int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                   unsigned int in_size, void*) {
  static constexpr unsigned char kOffered[] = "\x02h2\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(&chosen, out_size, kOffered, sizeof(kOffered) - 1, in, in_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

absl::Status LoadAuthorities(const ListenerOptions& listener, SSL_CTX* context) {
  if (listener.client_certificate == ClientCertificate::kNone) return absl::OkStatus();
  const char* file = listener.client_ca_file.c_str();
  if (SSL_CTX_load_verify_locations(context, file, nullptr) != 1) {
    return Unusable(listener, "client_ca_file", listener.client_ca_file);
  }
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file));
  int mode = SSL_VERIFY_PEER;
  if (listener.client_certificate == ClientCertificate::kRequired) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, nullptr);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<TlsContext>> TlsContext::Load(const ListenerOptions& listener) {
  ERR_clear_error();
  std::shared_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
  SSL_CTX* context = made->get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context, SelectProtocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context, listener.certificate_file.c_str()) != 1) {
    return Unusable(listener, "certificate_file", listener.certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, listener.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return Unusable(listener, "key_file", listener.key_file);
  }
  TRY(LoadAuthorities(listener, context));
  return made;
}

BIO_METHOD* TlsSession::Method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "edge");
    BIO_meth_set_read(made, &TlsSession::Read);
    BIO_meth_set_write(made, &TlsSession::Write);
    BIO_meth_set_ctrl(made, &TlsSession::Control);
    return made;
  }();
  return method;
}

int TlsSession::Read(BIO* bio, char* out, int size) {
  auto& self = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (self.wire_in_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t taken = std::min(static_cast<size_t>(size), self.wire_in_.size());
  std::memcpy(out, self.wire_in_.data(), taken);
  self.wire_in_.remove_prefix(taken);
  return static_cast<int>(taken);
}

int TlsSession::Write(BIO* bio, const char* bytes, int size) {
  static_cast<TlsSession*>(BIO_get_data(bio))->wire_out_.append(bytes, static_cast<size_t>(size));
  return size;
}

long TlsSession::Control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

TlsSession::TlsSession(std::shared_ptr<TlsContext> context, std::string& wire_out)
    : context_(std::move(context)), wire_out_(wire_out), ssl_(SSL_new(context_->get())) {
  BIO* bio = BIO_new(Method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

TlsSession::Result TlsSession::Failed() {
  error_ = OpenSslError();
  ERR_clear_error();
  return Result::kFailed;
}

TlsSession::Result TlsSession::Receive(std::string_view wire,
                                       const std::function<bool(std::string_view)>& sink) {
  wire_in_ = wire;
  ERR_clear_error();
  if (!established_) {
    const int done = SSL_do_handshake(ssl_);
    if (done != 1) return SSL_get_error(ssl_, done) == SSL_ERROR_WANT_READ ? Result::kOpen : Failed();
    established_ = true;
    if (!sink({})) return Result::kOpen;
  }
  static thread_local std::string plain(64 << 10, '\0');
  for (;;) {
    size_t size = 0;
    // Records are joined, so that what arrived together is handled together.
    int read = 1;
    while (size + SSL3_RT_MAX_PLAIN_LENGTH <= plain.size()) {
      read = SSL_read(ssl_, plain.data() + size, static_cast<int>(plain.size() - size));
      if (read <= 0) break;
      size += static_cast<size_t>(read);
    }
    const int error = read > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, read);
    if (size > 0 && !sink({plain.data(), size})) return Result::kOpen;
    if (error == SSL_ERROR_NONE) continue;
    if (error == SSL_ERROR_WANT_READ) return Result::kOpen;
    if (error == SSL_ERROR_ZERO_RETURN) return Result::kEnded;
    return Failed();
  }
}

bool TlsSession::Send(std::string_view plain) {
  ERR_clear_error();
  while (!plain.empty()) {
    const int written = SSL_write(ssl_, plain.data(), static_cast<int>(plain.size()));
    if (written <= 0) {
      ERR_clear_error();
      return false;
    }
    plain.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

void TlsSession::Close() {
  if (established_) SSL_shutdown(ssl_);
  ERR_clear_error();
}

std::string_view TlsSession::protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

void TlsSession::Describe(Peer& peer) const {
  peer.tls = true;
  std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_), &X509_free);
  if (!certificate) return;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int digest_size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest, &digest_size) == 1) {
    peer.fingerprint = absl::BytesToHexString({reinterpret_cast<const char*>(digest), digest_size});
  }
  std::tm expiry = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &expiry) == 1) {
    peer.not_after = absl::FromTM(expiry, absl::UTCTimeZone());
  }
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                static_cast<size_t>(ASN1_STRING_length(uri)));
    if (text.find('\0') == std::string_view::npos) peer.uris.emplace_back(text);
  }
  GENERAL_NAMES_free(names);
}

}  // namespace zhanqiao::edge
