// zq cert.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/commitment.h"
#include "catalog/base/ed25519.h"
#include "hub/cli/certificates.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// What ca and issue are told.
struct Order {
  std::string out;        // prefix of the files to write
  std::string authority;  // prefix of the authority's files
  std::string city = "qingdao";
  std::string subject;  // of a party
  std::string name;     // common name
  std::vector<std::string> dns;
  std::vector<std::string> addresses;
  bool server = false;
  int days = 365;
};

std::string Joined(const std::vector<std::string>& texts) {
  return absl::StrJoin(texts, ", ");
}

absl::Status Show(Context& context, const std::string& pem) {
  const CertificateFacts facts = TRY(Describe(pem));
  const auto subject = facts.uris.size() == 1 ? SubjectOf(facts.uris[0]) : "";
  if (context.json()) {
    const auto list = [](const std::vector<std::string>& texts) {
      return "[" +
             absl::StrJoin(texts, ",",
                           [](std::string* out, const std::string& text) { *out += JsonText(text); }) +
             "]";
    };
    context.out << "{\"subject\":" << JsonText(facts.subject) << ",\"issuer\":" << JsonText(facts.issuer)
                << ",\"serial\":" << JsonText(facts.serial)
                << ",\"fingerprint\":" << JsonText(facts.fingerprint) << ",\"uris\":" << list(facts.uris)
                << ",\"dnsNames\":" << list(facts.dns_names) << ",\"addresses\":" << list(facts.addresses)
                << ",\"notBefore\":" << JsonText(absl::FormatTime(facts.from, absl::UTCTimeZone()))
                << ",\"notAfter\":" << JsonText(absl::FormatTime(facts.to, absl::UTCTimeZone()))
                << ",\"authority\":" << (facts.authority ? "true" : "false")
                << ",\"name\":" << JsonText(subject) << "}\n";
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("subject", facts.subject);
  sheet.Add("identity", Joined(facts.uris));
  sheet.Add("name", subject);
  sheet.Add("dns", Joined(facts.dns_names));
  sheet.Add("address", Joined(facts.addresses));
  sheet.Add("issuer", facts.issuer);
  sheet.Add("serial", facts.serial);
  sheet.Add("from", TimeText(facts.from));
  sheet.Add("to", TimeText(facts.to));
  sheet.Add("fingerprint", facts.fingerprint);
  if (facts.authority) sheet.Add("use", "authority");
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status MakeAuthority(Context& context, const Order& order) {
  const absl::Time now = absl::Now();
  const Credentials made = TRY(NewAuthority(order.name, now - absl::Minutes(5), now + order.days * kDay));
  TRY(WriteCredentials(order.out, made));
  return Show(context, made.certificate);
}

absl::Status IssueOne(Context& context, const Order& order) {
  if (order.server == !order.subject.empty()) {
    return BadField("CERTIFICATE_USE", "--subject",
                    "Give --subject for a party, or --server for a hub, and not both.");
  }
  CertificateOrder wanted;
  wanted.server = order.server;
  wanted.dns_names = order.dns;
  wanted.addresses = order.addresses;
  wanted.common_name = order.name;
  if (!order.server) {
    wanted.uris = {TRY(IdentityUri(order.city, order.subject))};
    if (wanted.common_name.empty()) wanted.common_name = order.subject.substr(order.subject.rfind('/') + 1);
  } else if (wanted.common_name.empty()) {
    wanted.common_name = order.dns.empty() ? "zhanqiao-hub" : order.dns[0];
  }
  const absl::Time now = absl::Now();
  wanted.from = now - absl::Minutes(5);
  wanted.to = now + order.days * kDay;
  Credentials authority;
  authority.certificate = TRY(ReadFile(order.authority + ".crt"));
  authority.key = TRY(ReadFile(order.authority + ".key"));
  const Credentials made = TRY(Issue(authority, wanted));
  TRY(WriteCredentials(order.out, made));
  return Show(context, made.certificate);
}

absl::Status Revoke(Context& context, v1::RevokeCertificateRequest request, const std::string& file) {
  if (!file.empty()) {
    const std::string pem = TRY(ReadFile(file));
    const CertificateFacts facts = TRY(Describe(pem));
    request.set_fingerprint(facts.fingerprint);
    if (request.subject().empty() && !facts.uris.empty()) request.set_subject(SubjectOf(facts.uris[0]));
  }
  Session session(context.options);
  const auto revoked = TRY(session.Call(&v1::AccessService::Stub::RevokeCertificate, request));
  if (context.json()) {
    PrintJson(revoked, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("revoked", revoked.name());
  sheet.Add("subject", revoked.subject());
  sheet.Add("reason", revoked.reason());
  sheet.Add("time", TimeText(revoked.revoke_time()));
  context.out << sheet.Render();
  return absl::OkStatus();
}

void AddIssue(CLI::App* group, Context& context) {
  auto* issue = group->add_subcommand("issue", "Issues a certificate to a party or a hub");
  auto order = std::make_shared<Order>();
  issue->add_option("--authority", order->authority, "Prefix of the authority's .crt and .key")->required();
  issue->add_option("--out", order->out, "Prefix of the files to write")->required();
  issue->add_option("--subject", order->subject, "organizations/{code}/systems|persons|connectors/{id}");
  issue->add_flag("--server", order->server, "For a hub");
  issue->add_option("--dns", order->dns, "DNS name of the hub; may be repeated");
  issue->add_option("--ip", order->addresses, "Address of the hub; may be repeated");
  issue->add_option("--name", order->name, "Common name");
  issue->add_option("--city", order->city, "City of the identity")->capture_default_str();
  issue->add_option("--days", order->days, "Days it is valid")
      ->check(CLI::Range(1, 3660))
      ->capture_default_str();
  issue->callback(
      [&context, order] { context.action = [&context, order] { return IssueOne(context, *order); }; });
}

// An Ed25519 key for signing requests or answers: OUT.pem (0600) and OUT.pub.
absl::Status MakeSigningKey(Context& context, const std::string& out) {
  SystemRandom random;
  const Ed25519Key key = Ed25519Key::FromSeed(NewSeed(random));
  TRY(WriteFile(out + ".pem", key.ToPem(), 0600));
  const std::string public_key = ToBase64(key.public_key());
  TRY(WriteFile(out + ".pub", public_key + "\n"));
  if (context.json()) {
    context.out << "{\"publicKey\":" << JsonText(public_key) << "}\n";
  } else {
    context.out << out << ".pem  " << out << ".pub  " << public_key << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddCertificateCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("cert", "Certificates");
  group->require_subcommand(1);

  auto* authority = group->add_subcommand("ca", "Makes an authority: OUT.crt and OUT.key");
  auto order = std::make_shared<Order>();
  order->days = 3650;
  authority->add_option("--out", order->out, "Prefix of the files to write")->required();
  authority->add_option("--name", order->name, "Common name")->required();
  authority->add_option("--days", order->days, "Days it is valid")
      ->check(CLI::Range(1, 7300))
      ->capture_default_str();
  authority->callback(
      [&context, order] { context.action = [&context, order] { return MakeAuthority(context, *order); }; });

  AddIssue(group, context);
  AddCertificateList(*group, context);

  auto* sign = group->add_subcommand("signing-key", "Makes an Ed25519 key for signing: OUT.pem and OUT.pub");
  auto prefix = std::make_shared<std::string>();
  sign->add_option("--out", *prefix, "Prefix of the files to write")->required();
  sign->callback([&context, prefix] {
    context.action = [&context, prefix] { return MakeSigningKey(context, *prefix); };
  });

  auto* show = group->add_subcommand("show", "What a certificate says");
  auto file = std::make_shared<std::string>();
  show->add_option("file", *file, "PEM file")->required();
  show->callback([&context, file] {
    context.action = [&context, file]() -> absl::Status {
      const std::string pem = TRY(ReadFile(*file));
      return Show(context, pem);
    };
  });

  auto* revoke = group->add_subcommand("revoke", "Has the hub refuse a certificate from the next message on");
  auto request = std::make_shared<v1::RevokeCertificateRequest>();
  auto certificate = std::make_shared<std::string>();
  revoke->add_option("file", *certificate, "PEM file of the certificate");
  revoke->add_option("--fingerprint", *request->mutable_fingerprint(), "SHA-256 of the certificate, hex");
  revoke->add_option("--subject", *request->mutable_subject(), "Whose it was");
  revoke->add_option("--reason", *request->mutable_reason(), "Why; kept in the ledger")->required();
  revoke->callback([&context, request, certificate] {
    context.action = [&context, request, certificate] { return Revoke(context, *request, *certificate); };
  });
}

}  // namespace zhanqiao::cli
