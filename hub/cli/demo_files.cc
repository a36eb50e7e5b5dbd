#include "hub/cli/demo_files.h"

#include <arpa/inet.h>
#include <google/protobuf/util/json_util.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cassert>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "catalog/base/commitment.h"
#include "catalog/base/ed25519.h"
#include "catalog/model/synthetic.h"
#include "hub/cli/certificates.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr int kResidentCount = 2000;
constexpr uint64_t kResidentSeed = 20171229;

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// True while `prefix` holds a certificate of `authority` with a week to go.
bool StillGood(const std::string& prefix, const CertificateFacts& authority, absl::Time now) {
  const auto pem = ReadFile(prefix + ".crt");
  if (!pem.ok() || !Exists(prefix + ".key")) return false;
  const auto facts = Describe(*pem);
  return facts.ok() && facts->issuer == authority.subject && facts->to > now + 7 * kDay;
}

absl::StatusOr<Credentials> AuthorityOf(const DemoFiles& files, absl::Time now) {
  const std::string prefix = files.Path("ca");
  if (!Exists(prefix + ".crt")) {
    const Credentials made =
        TRY(NewAuthority("Zhanqiao demonstration CA", now - absl::Minutes(5), now + 3650 * kDay));
    TRY(WriteCredentials(prefix, made));
  }
  Credentials authority;
  authority.certificate = TRY(ReadFile(prefix + ".crt"));
  authority.key = TRY(ReadFile(prefix + ".key"));
  return authority;
}

absl::Status IssueMissing(const DemoFiles& files, const Credentials& authority, absl::Time now) {
  const CertificateFacts root = TRY(Describe(authority.certificate));
  CertificateOrder order;
  order.from = now - absl::Minutes(5);
  order.to = now + 365 * kDay;
  if (!StillGood(files.Path("hub"), root, now)) {
    order.common_name = "zhanqiao-hub";
    order.server = true;
    order.dns_names = {"localhost"};
    order.addresses = {"127.0.0.1", "::1"};
    const Credentials made = TRY(Issue(authority, order));
    TRY(WriteCredentials(files.Path("hub"), made));
  }
  order.server = false;
  order.dns_names.clear();
  order.addresses.clear();
  for (const Player& player : Players()) {
    const std::string prefix = files.Path(absl::StrCat("ids/", Absl(player.id)));
    // The one that is revoked in every run is new in every run.
    if (player.id != kRetired && StillGood(prefix, root, now)) continue;
    order.common_name = std::string(player.id);
    order.uris = {TRY(IdentityUri("qingdao", player.subject))};
    const Credentials made = TRY(Issue(authority, order));
    TRY(WriteCredentials(prefix, made));
  }
  return absl::OkStatus();
}

// Each connector signs what it answers.
absl::Status MakeSigningKeys(const DemoFiles& files) {
  SystemRandom random;
  for (const DemoConnector& connector : DemoConnectors()) {
    const std::string prefix = files.Path(absl::StrCat("ids/", Absl(connector.id), ".sign"));
    if (Exists(prefix + ".pem") && Exists(prefix + ".pub")) continue;
    const Ed25519Key key = Ed25519Key::FromSeed(NewSeed(random));
    TRY(WriteFile(prefix + ".pem", key.ToPem(), 0600));
    TRY(WriteFile(prefix + ".pub", ToBase64(key.public_key()) + "\n"));
  }
  return absl::OkStatus();
}

absl::Status WriteFirstPersons(const DemoFiles& files) {
  std::string json;
  for (const std::string_view id : {kOffice, kSecurity}) {
    const Player& player = PlayerOf(id);
    v1::Person person;
    person.set_name(std::string(player.subject));
    person.set_display_name(std::string(player.display_name));
    person.add_roles(player.role);
    person.set_state(v1::REGISTRATION_STATE_ACTIVE);
    std::string one;
    if (!google::protobuf::util::MessageToJsonString(person, &one).ok()) {
      return Fail(absl::StatusCode::kInternal, "JSON_FAILED", "A person could not be written; report this.");
    }
    absl::StrAppend(&json, json.empty() ? "[\n  " : ",\n  ", one);
  }
  return WriteFile(files.Path("bootstrap.json"), json + "\n]\n");
}

// A TOML basic string.
std::string Toml(std::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(Absl(text), {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string Address(int port) {
  return absl::StrCat("127.0.0.1:", PortOrZero(port));
}

// The web front end lies beside the programs, where it was built.
std::string Console(const Preparation& preparation) {
  const std::string directory = preparation.programs + "/../console";
  if (!Exists(directory + "/index.html")) return "";
  return absl::StrCat("[console]\ndirectory = ", Toml(directory), "\n\n");
}

// Where the QR code of a printed report leads.
std::string Reports(const Preparation& preparation) {
  if (preparation.hub_port == 0) return "";
  return absl::StrCat("[reports]\npublic_url = ", Toml("https://" + Address(preparation.hub_port)), "\n\n");
}

std::string HubToml(const DemoFiles& files, const Preparation& preparation) {
  return absl::StrCat(
      "# Written by zq demo prepare.\n[hub]\ncity = \"qingdao\"\norigin = "
      "\"zhanqiao.qingdao.example/log\"\nstate_dir = ",
      Toml(files.Path("state")), "\nsecond_place = ", Toml(files.Path("second/checkpoint")),
      "\nbootstrap = ", Toml(files.Path("bootstrap.json")), "\nport_file = ", Toml(files.Path("ports.json")),
      "\nholidays = ", Toml(preparation.data + "/holidays.csv"),
      "\nretention = ", Toml(preparation.data + "/retention.csv"),
      "\npolicy = ", Toml(preparation.data + "/policy.csv"),
      "\nrisk_checklist = ", Toml(preparation.data + "/risk_checklist.csv"),
      "\n\n[[listeners]]\nname = \"hub\"\naddress = ", Toml(Address(preparation.hub_port)),
      "\ntls = true\ncertificate = ", Toml(files.Path("hub.crt")), "\nkey = ", Toml(files.Path("hub.key")),
      "\nclient_ca = ", Toml(files.Path("ca.crt")),
      "\n# Persons may sign in with a password; who comes with a certificate is known by it.\nclient_certificate = "
      "\"optional\"\n\n", Console(preparation), Reports(preparation), "[metrics]\naddress = ", Toml(Address(preparation.metrics_port)),
      "\n");
}

std::string ConnectorToml(const DemoFiles& files, const Preparation& preparation,
                          const DemoConnector& connector, const std::string& hub) {
  const std::string prefix = files.Path(absl::StrCat("ids/", Absl(connector.id)));
  std::string text =
      absl::StrCat("# Written by zq demo connect.\nhub = ", Toml(hub), "\nname = ", Toml(connector.id),
                   "\nsigning_key = ", Toml(prefix + ".sign.pem"),
                   "\njournal = ", Toml(files.Path(absl::StrCat("journal/", Absl(connector.id)))),
                   "\n\n[tls]\nca = ", Toml(files.Path("ca.crt")), "\ncertificate = ", Toml(prefix + ".crt"),
                   "\nkey = ", Toml(prefix + ".key"), "\n");
  for (const auto& [resource, file] : connector.sources) {
    const std::string path =
        file.empty() ? files.Path("residents.csv") : absl::StrCat(preparation.data, "/", Absl(file));
    absl::StrAppend(&text, "\n[[resources]]\nresource = ", Toml(resource),
                    "\nadapter = \"csv\"\nfile = ", Toml(path), "\n");
  }
  return text;
}

// For a shell: in single quotes.
std::string Quoted(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(Absl(text), {{"'", "'\\''"}}), "'");
}

}  // namespace

const std::vector<Player>& Players() {
  static const auto* const players = new std::vector<Player>{
      {kOffice, "organizations/370200-DZZWXZB/persons/office", "专项小组办公室经办人（演示）",
       v1::ROLE_OFFICE},
      {kSecurity, "organizations/370200-DZZWXZB/persons/security", "安全管理员（演示）",
       v1::ROLE_SECURITY_ADMIN},
      {kOperator, "organizations/370200-DZZWXZB/persons/operator", "系统管理员（演示）", v1::ROLE_SYSTEM_ADMIN},
      {kAuditor, "organizations/370200-SJJ/persons/auditor", "审计员（演示）", v1::ROLE_AUDITOR},
      {kConsumerClerk, "organizations/370200-ZWFWB/persons/clerk", "市政务服务管理办经办人（演示）",
       v1::ROLE_ORG_CLERK},
      {kProviderClerk, "organizations/370200-GAJ/persons/clerk", "市公安局经办人（演示）",
       v1::ROLE_ORG_CLERK},
      {kProviderApprover, "organizations/370200-GAJ/persons/approver", "市公安局审批人（演示）",
       v1::ROLE_ORG_APPROVER},
      // Who opens the datasets of datasets.json: two people of each body.
      {"fgw-clerk", "organizations/370200-FGW/persons/clerk", "市发展改革委经办人（演示）", v1::ROLE_ORG_CLERK},
      {"fgw-approver", "organizations/370200-FGW/persons/approver", "市发展改革委审批人（演示）", v1::ROLE_ORG_APPROVER},
      {"zfbgt-clerk", "organizations/370200-ZFBGT/persons/clerk", "市政府办公厅经办人（演示）", v1::ROLE_ORG_CLERK},
      {"zfbgt-approver", "organizations/370200-ZFBGT/persons/approver", "市政府办公厅审批人（演示）", v1::ROLE_ORG_APPROVER},
      {"qwbsg-clerk", "organizations/370200-QWBSG/persons/clerk", "前湾保税港区管委经办人（演示）", v1::ROLE_ORG_CLERK},
      {"qwbsg-approver", "organizations/370200-QWBSG/persons/approver", "前湾保税港区管委审批人（演示）", v1::ROLE_ORG_APPROVER},
      {kApproval, "organizations/370200-ZWFWB/systems/approval", "行政审批系统"},
      {kRetired, "organizations/370200-ZWFWB/systems/approval", "行政审批系统"},
      {kOutsider, "organizations/370200-CGJ/systems/patrol", "城市管理巡查系统"},
      {"fgw-main", "organizations/370200-FGW/connectors/fgw-main", "市发展改革委前置机"},
      {"gaj-main", "organizations/370200-GAJ/connectors/gaj-main", "市公安局前置机"},
      {"zfbgt-main", "organizations/370200-ZFBGT/connectors/zfbgt-main", "市政府办公厅前置机"},
  };
  return *players;
}

const Player& PlayerOf(std::string_view id) {
  for (const Player& player : Players()) {
    if (player.id == id) return player;
  }
  assert(false);
  return Players().front();
}

const std::vector<DemoConnector>& DemoConnectors() {
  static const auto* const connectors = new std::vector<DemoConnector>{
      {"fgw-main", {{kInvestments, "investment_catalogue_2017.csv"}}},
      {"gaj-main", {{kResidents, ""}}},
      {"zfbgt-main",
       {{"resources/308001370200~000003", "plan_tasks.csv"},
        {"resources/308001370200~000004", "outage_grades_2017.csv"}}},
  };
  return *connectors;
}

absl::StatusOr<std::string> DemoFiles::HubAddress() const {
  const std::string text = TRY(ReadFile(Path("ports.json")));
  boost::json::error_code error;
  const auto ports = boost::json::parse(text, error);
  if (!error && ports.is_object()) {
    const auto* hub = ports.as_object().if_contains("hub");
    if (hub != nullptr && hub->is_string()) return std::string(hub->as_string());
  }
  return Fail(absl::StatusCode::kFailedPrecondition, "PORTS_UNREADABLE",
              "The hub's port file is not what a running hub writes; start the hub again.",
              {{"file", Path("ports.json")}});
}

absl::StatusOr<Options> DemoFiles::OptionsFor(std::string_view player) const {
  Options options;
  options.hub = TRY(HubAddress());
  options.ca = Path("ca.crt");
  options.cert = Path(absl::StrCat("ids/", Absl(player), ".crt"));
  options.key = Path(absl::StrCat("ids/", Absl(player), ".key"));
  return options;
}

absl::StatusOr<Options> DemoFiles::OptionsForNobody() const {
  Options options;
  options.hub = TRY(HubAddress());
  options.ca = Path("ca.crt");
  options.anonymous = true;
  return options;
}

int PortOrZero(int port) {
  if (port == 0) return 0;
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int reuse = 1;  // as the hub does: a port in TIME_WAIT is free
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const bool free = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return free ? port : 0;
}

absl::Status Prepare(const Preparation& preparation) {
  const DemoFiles files(preparation.directory);
  for (const char* name : {"ids", "state", "second", "log", "journal"})
    TRY(MakeDirectories(files.Path(name)));
  const absl::Time now = absl::Now();
  const Credentials authority = TRY(AuthorityOf(files, now));
  TRY(IssueMissing(files, authority, now));
  TRY(MakeSigningKeys(files));
  TRY(WriteFirstPersons(files));
  if (!Exists(files.Path("residents.csv"))) {
    TRY(WriteFile(files.Path("residents.csv"), catalog::SyntheticResidentsCsv(kResidentCount, kResidentSeed),
                  0600));
  }
  std::error_code ignored;
  std::filesystem::remove(files.Path("ports.json"), ignored);
  return WriteFile(files.Path("hub.toml"), HubToml(files, preparation));
}

std::string EnvText(const Preparation& preparation, const std::string& hub) {
  const DemoFiles files(preparation.directory);
  const auto line = [](const char* name, std::string_view value) {
    return absl::StrCat("export ", name, "=", Quoted(value), "\n");
  };
  return absl::StrCat("# Source this: . ", files.Path("env"),
                      "\n# It acts as the auditor; ids/ holds everybody else's certificates.\n",
                      line("ZQ_HUB", hub), line("ZQ_CA", files.Path("ca.crt")),
                      line("ZQ_CERT", files.Path("ids/auditor.crt")),
                      line("ZQ_KEY", files.Path("ids/auditor.key")), line("ZQ_VKEY", files.Path("log.vkey")),
                      line("ZQ_STORE", files.Path("state/store")), line("ZQ_HTTPS", "https://" + hub),
                      "export PATH=", Quoted(preparation.programs), ":\"$PATH\"\n",
                      "# curl --cacert \"$ZQ_CA\" --cert \"$ZQ_CERT\" --key \"$ZQ_KEY\" -H 'content-type: "
                      "application/json' -d '{}' \\\n"
                      "#   \"$ZQ_HTTPS/zhanqiao.v1.CatalogService/ListResources\"\n");
}

absl::Status Connect(const Preparation& preparation) {
  const DemoFiles files(preparation.directory);
  const std::string hub = TRY(files.HubAddress());
  for (const DemoConnector& connector : DemoConnectors()) {
    TRY(WriteFile(files.Path(absl::StrCat(Absl(connector.id), ".toml")),
                  ConnectorToml(files, preparation, connector, hub)));
  }
  return WriteFile(files.Path("env"), EnvText(preparation, hub));
}

}  // namespace zhanqiao::cli
