// The demonstration's parties and files: who plays, and everything that lies in its directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/cli/session.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::cli {

// One who plays a part. Files are ids/{id}.crt and ids/{id}.key; of persons ids/{id}.password too.
struct Player {
  std::string_view id;
  std::string_view subject;  // resource name
  std::string_view display_name;
  v1::Role role = v1::ROLE_UNSPECIFIED;  // of persons
};

inline constexpr std::string_view kOffice = "office";
inline constexpr std::string_view kSecurity = "security";
inline constexpr std::string_view kOperator = "operator";
inline constexpr std::string_view kAuditor = "auditor";
inline constexpr std::string_view kConsumerClerk = "zwfwb-clerk";
inline constexpr std::string_view kProviderClerk = "gaj-clerk";
inline constexpr std::string_view kProviderApprover = "gaj-approver";
inline constexpr std::string_view kApproval = "approval";  // the system of 市政务服务管理办
inline constexpr std::string_view kOutsider = "patrol";    // a system without any grant
inline constexpr std::string_view kRetired =
    "approval-old";  // an older certificate of `approval`, to be revoked

const std::vector<Player>& Players();
const Player& PlayerOf(std::string_view id);

inline constexpr std::string_view kInvestments = "resources/308001370200~000001";
inline constexpr std::string_view kResidents = "resources/308001370200~000002";

// A connector of the demonstration and the file for each of its resources; empty: the synthetic residents.
struct DemoConnector {
  std::string_view id;  // of the player
  std::vector<std::pair<std::string_view, std::string_view>> sources;
};
const std::vector<DemoConnector>& DemoConnectors();

// Paths below the demonstration's directory. A value.
class DemoFiles {
 public:
  explicit DemoFiles(std::string directory) : directory_(std::move(directory)) {}
  std::string Path(std::string_view name) const { return directory_ + "/" + std::string(name); }
  const std::string& directory() const { return directory_; }
  // Who a session of `player` acts as, against the hub that wrote its ports last.
  absl::StatusOr<Options> OptionsFor(std::string_view player) const;
  // The same without any identity, to sign in.
  absl::StatusOr<Options> OptionsForNobody() const;
  // The address the hub bound: "127.0.0.1:7443".
  absl::StatusOr<std::string> HubAddress() const;

 private:
  const std::string directory_;
};

// What `zq demo prepare` is told.
struct Preparation {
  std::string directory;  // the demonstration's
  std::string data;       // deploy/demo/data
  std::string programs;   // where zq lies; put in front of PATH by the env file
  int hub_port = 7443;    // a free one is taken where these are taken
  int metrics_port = 9464;
};

// Writes what is missing: authority, certificates (renewed when fewer than seven days remain), the first
// persons, the residents; and anew: the hub's configuration for the ports that are free now. Existing keys
// and state stay.
absl::Status Prepare(const Preparation& preparation);

// Writes the connectors' configurations and the env file for the hub that runs now.
absl::Status Connect(const Preparation& preparation);

// `port`, or 0 if something on loopback has it.
int PortOrZero(int port);

// Text of the env file: exports ZQ_* for the auditor and names an example for curl.
std::string EnvText(const Preparation& preparation, const std::string& hub);

}  // namespace zhanqiao::cli
