// Mutual TLS of the edge, with certificates made here.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/edge/echo_dispatcher.h"
#include "hub/edge/raw_client.h"
#include "hub/edge/server.h"

namespace zhanqiao::edge {
namespace {

constexpr char kUri[] = "zhanqiao://qingdao/org/370200-ZWFWB/system/approval";

struct Identity {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
};

// Owns every key and certificate made here until the process ends.
struct Keeper {
  std::vector<std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>> keys;
  std::vector<std::unique_ptr<X509, decltype(&X509_free)>> certificates;
} keeper;

// A certificate authority in memory.
class Authority {
 public:
  explicit Authority(const char* name) { self_ = Make(name, nullptr, "CA:TRUE", "", 0, 3600); }
  Identity Issue(const char* name, const std::string& names, long from_s = -60, long until_s = 3600) const {
    return Make(name, &self_, "CA:FALSE", names, from_s, until_s);
  }
  const Identity& self() const { return self_; }

 private:
  static void Extend(X509* certificate, X509* issuer, int id, const std::string& value) {
    if (value.empty()) return;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static Identity Make(const char* name, const Identity* issuer, const char* basic, const std::string& names,
                       long from_s, long until_s) {
    static long serial = 1;
    Identity made;
    made.key = EVP_EC_gen("P-256");
    keeper.keys.emplace_back(made.key, &EVP_PKEY_free);
    made.certificate = X509_new();
    keeper.certificates.emplace_back(made.certificate, &X509_free);
    X509_set_version(made.certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(made.certificate), until_s);
    X509_set_pubkey(made.certificate, made.key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509* parent = issuer == nullptr ? made.certificate : issuer->certificate;
    X509_set_issuer_name(made.certificate, X509_get_subject_name(parent));
    Extend(made.certificate, parent, NID_basic_constraints, basic);
    Extend(made.certificate, parent, NID_subject_alt_name, names);
    X509_sign(made.certificate, issuer == nullptr ? made.key : issuer->key, EVP_sha256());
    return made;
  }
  Identity self_;
};

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    SetLogLevel(LogLevel::kError);
    folder_ = std::filesystem::temp_directory_path() / ("edge_tls_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    WriteServer(authority_.Issue("hub", "DNS:localhost"));
    WriteCertificate("ca.pem", authority_.self().certificate);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void WriteCertificate(const char* name, X509* certificate) {
    std::FILE* file = std::fopen((folder_ / name).c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
  }
  void WriteServer(const Identity& identity) {
    WriteCertificate("server.pem", identity.certificate);
    std::FILE* file = std::fopen((folder_ / "server.key").c_str(), "w");
    PEM_write_PrivateKey(file, identity.key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }
  void Serve(ClientCertificate client_certificate = ClientCertificate::kRequired, Limits limits = {}) {
    ServerOptions options;
    options.threads = 1;
    options.limits = limits;
    options.listeners.resize(1);
    ListenerOptions& listener = options.listeners[0];
    listener.address = "127.0.0.1:0";
    listener.certificate_file = folder_ / "server.pem";
    listener.key_file = folder_ / "server.key";
    listener.client_ca_file = folder_ / "ca.pem";
    listener.client_certificate = client_certificate;
    server_ = Server::Start(options, dispatcher_).value();
  }

  struct Session {
    std::unique_ptr<RawSocket> socket;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    bool works = false;  // one HTTP/1.1 request was answered
    std::string answer;
    std::string server_serial;
    ~Session() {
      SSL_free(ssl);
      SSL_CTX_free(context);
    }
  };
  // Connects as `identity` and asks for "/" when ALPN is not h2.
  std::unique_ptr<Session> Connect(const Identity* identity, int version = 0,
                                   const std::string& alpn = "\x08http/1.1", SSL_SESSION* resumed = nullptr) {
    auto session = std::make_unique<Session>();
    session->socket = std::make_unique<RawSocket>(server_->addresses().front());
    session->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(session->context, 0);
    SSL_CTX_set_min_proto_version(session->context, version == 0 ? TLS1_VERSION : version);
    if (version != 0) SSL_CTX_set_max_proto_version(session->context, version);
    if (identity != nullptr) {
      SSL_CTX_use_certificate(session->context, identity->certificate);
      SSL_CTX_use_PrivateKey(session->context, identity->key);
    }
    if (!alpn.empty()) {
      SSL_CTX_set_alpn_protos(session->context, reinterpret_cast<const unsigned char*>(alpn.data()),
                              static_cast<unsigned>(alpn.size()));
    }
    session->ssl = SSL_new(session->context);
    if (resumed != nullptr) SSL_set_session(session->ssl, resumed);
    SSL_set_fd(session->ssl, session->socket->fd());
    ERR_clear_error();
    if (SSL_connect(session->ssl) != 1) return session;
    X509* server = SSL_get0_peer_certificate(session->ssl);
    session->server_serial = std::to_string(ASN1_INTEGER_get(X509_get_serialNumber(server)));
    const std::string request = "GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n";
    SSL_write(session->ssl, request.data(), static_cast<int>(request.size()));
    char buffer[4096];
    const int size = SSL_read(session->ssl, buffer, sizeof(buffer));
    session->answer.assign(buffer, size > 0 ? static_cast<size_t>(size) : 0);
    session->works = session->answer.starts_with("HTTP/1.1 200");
    return session;
  }

  const Authority authority_{"Test CA"};
  EchoDispatcher dispatcher_;
  std::filesystem::path folder_;
  std::unique_ptr<Server> server_;
};

TEST_F(TlsTest, AVerifiedClientIsServedAndOthersAreNot) {
  Serve();
  const Identity good = authority_.Issue("system", std::string("URI:") + kUri);
  EXPECT_TRUE(Connect(&good)->works);
  EXPECT_FALSE(Connect(nullptr)->works);
  const Authority stranger("Other CA");
  const Identity foreign = stranger.Issue("system", std::string("URI:") + kUri);
  EXPECT_FALSE(Connect(&foreign)->works);
  const Identity expired = authority_.Issue("system", std::string("URI:") + kUri, -7200, -3600);
  EXPECT_FALSE(Connect(&expired)->works);
  const Identity early = authority_.Issue("system", std::string("URI:") + kUri, 3600, 7200);
  EXPECT_FALSE(Connect(&early)->works);
  EXPECT_EQ(server_->stats().handshakes_failed, 4u);
}

TEST_F(TlsTest, OnlyTls12AndTls13AreSpoken) {
  Serve();
  const Identity good = authority_.Issue("system", std::string("URI:") + kUri);
  EXPECT_FALSE(Connect(&good, TLS1_1_VERSION)->works);
  EXPECT_TRUE(Connect(&good, TLS1_2_VERSION)->works);
  EXPECT_TRUE(Connect(&good, TLS1_3_VERSION)->works);
}

TEST_F(TlsTest, AnOptionalCertificateMayBeAbsentButNotWrong) {
  Serve(ClientCertificate::kOptional);
  EXPECT_TRUE(Connect(nullptr)->works);
  const Authority stranger("Other CA");
  const Identity foreign = stranger.Issue("system", std::string("URI:") + kUri);
  EXPECT_FALSE(Connect(&foreign)->works);
}

TEST_F(TlsTest, NoSessionIsEverResumed) {
  Serve();
  const Identity good = authority_.Issue("system", std::string("URI:") + kUri);
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto first = Connect(&good, version);
    ASSERT_TRUE(first->works);
    SSL_SESSION* session = SSL_get1_session(first->ssl);
    EXPECT_FALSE(SSL_SESSION_has_ticket(session));
    const auto second = Connect(&good, version, "\x08http/1.1", session);
    EXPECT_TRUE(second->works);
    EXPECT_FALSE(SSL_session_reused(second->ssl));
    SSL_SESSION_free(session);
  }
}

TEST_F(TlsTest, AlpnDecidesAndAnUnknownProtocolIsRefused) {
  Serve(ClientCertificate::kNone);
  EXPECT_TRUE(Connect(nullptr, 0, "")->works);
  EXPECT_FALSE(Connect(nullptr, 0, "\x03xyz")->works);
  const auto h2 = Connect(nullptr, 0, "\x02h2\x08http/1.1");
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(h2->ssl, &name, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(name), size), "h2");
}

TEST_F(TlsTest, ReloadedCertificatesServeNewConnectionsAndLiveOnesStay) {
  Serve();
  const Identity good = authority_.Issue("system", std::string("URI:") + kUri);
  const auto before = Connect(&good);
  WriteServer(authority_.Issue("hub", "DNS:localhost"));
  ASSERT_TRUE(server_->ReloadCertificates().ok());
  const auto after = Connect(&good);
  EXPECT_TRUE(after->works);
  EXPECT_NE(after->server_serial, before->server_serial);
  const std::string request = "GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n";
  SSL_write(before->ssl, request.data(), static_cast<int>(request.size()));
  char buffer[4096];
  EXPECT_GT(SSL_read(before->ssl, buffer, sizeof(buffer)), 0);
}

TEST_F(TlsTest, AReloadThatFailsChangesNothing) {
  Serve();
  const Identity good = authority_.Issue("system", std::string("URI:") + kUri);
  std::filesystem::resize_file(folder_ / "server.pem", 10);
  EXPECT_EQ(ReasonOf(server_->ReloadCertificates()), "CERTIFICATE_UNUSABLE");
  EXPECT_TRUE(Connect(&good)->works);
}

TEST_F(TlsTest, AnIdentityHasItsNumberOfConnections) {
  Limits limits;
  limits.connections_per_identity_max = 2;
  Serve(ClientCertificate::kRequired, limits);
  const Identity good = authority_.Issue("system", std::string("URI:") + kUri);
  const Identity other = authority_.Issue("other", "URI:zhanqiao://qingdao/org/X/system/y");
  const auto first = Connect(&good);
  const auto second = Connect(&good);
  EXPECT_TRUE(first->works && second->works);
  EXPECT_FALSE(Connect(&good)->works);
  EXPECT_TRUE(Connect(&other)->works);
}

TEST_F(TlsTest, ThePeerOfARequestIsTheCertificate) {
  // The dispatcher sees what the certificate says: the echo of a request carries its peer here.
  class PeerDispatcher final : public Dispatcher {
   public:
    MethodShape Shape(std::string_view) const override { return {}; }
    std::unique_ptr<CallHandler> Start(CallPtr) override { return nullptr; }
    void HandleHttp(HttpRequest request, HttpReply reply) override {
      peer = request.peer;
      reply(HttpResponse{});
    }
    std::shared_ptr<const Peer> peer;
  } dispatcher;
  Serve();
  ServerOptions options;
  options.threads = 1;
  options.listeners.resize(1);
  options.listeners[0].address = "127.0.0.1:0";
  options.listeners[0].certificate_file = folder_ / "server.pem";
  options.listeners[0].key_file = folder_ / "server.key";
  options.listeners[0].client_ca_file = folder_ / "ca.pem";
  server_ = Server::Start(options, dispatcher).value();
  const Identity good = authority_.Issue("system", std::string("DNS:x,URI:") + kUri + ",URI:urn:second");
  EXPECT_TRUE(Connect(&good)->works);
  server_->Stop();
  ASSERT_NE(dispatcher.peer, nullptr);
  EXPECT_TRUE(dispatcher.peer->tls);
  EXPECT_EQ(dispatcher.peer->uris, (std::vector<std::string>{kUri, "urn:second"}));
  EXPECT_EQ(dispatcher.peer->fingerprint.size(), 64u);
  EXPECT_NEAR(absl::ToDoubleSeconds(dispatcher.peer->not_after - absl::Now()), 3600, 60);
}

TEST_F(TlsTest, GarbageInsteadOfAHandshakeIsCountedAndClosed) {
  Serve();
  RawSocket socket(server_->addresses().front());
  socket.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  socket.ReceiveAll();
  EXPECT_EQ(server_->stats().handshakes_failed, 1u);
}

}  // namespace
}  // namespace zhanqiao::edge
