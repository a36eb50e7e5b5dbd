// The demonstration's story: real calls by real certificates, each told in one sentence of Chinese and
// English.
#pragma once

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "hub/cli/demo_files.h"
#include "hub/ledger/note.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::cli {

// Tells the story to people.
class Narrator {
 public:
  explicit Narrator(std::ostream& out) : out_(out) {}
  void Chapter(std::string_view chinese, std::string_view english);
  void Say(std::string_view chinese, std::string_view english);
  // Records as a table.
  void Show(const v1::QueryResponse& response);
  // "entry 1234" and the like, indented.
  void Note(std::string_view text);

 private:
  std::ostream& out_;
};

// What happened, and where it stands in the ledger.
struct Evidence {
  bool released = false;
  uint64_t index = 0;
  std::string leaf_hash;  // of the receipt; empty for refusals
  std::string reason;     // of a refusal
  std::string method;     // for people
};

// One run of the story. Not thread-safe.
class Stage {
 public:
  Stage(DemoFiles files, std::ostream& out) : files_(std::move(files)), narrator_(out) {}

  const DemoFiles& files() const { return files_; }
  Narrator& narrator() { return narrator_; }
  // The session of `player`, connected as needed.
  absl::StatusOr<Session*> As(std::string_view player);
  // Writes down a release and shows it.
  void Released(const v1::QueryResponse& response);
  // Writes down a refusal with `reason`; anything else, success included, is an error of the demonstration.
  absl::Status Refused(const absl::Status& status, std::string_view reason);

  std::vector<Evidence> evidence;
  uint64_t records = 0;
  std::string grant;      // of step 2
  std::string id_number;  // of the resident asked for

 private:
  const DemoFiles files_;
  Narrator narrator_;
  std::map<std::string, std::unique_ptr<Session>, std::less<>> sessions_;
};

// What the ledger step found.
struct Proved {
  uint64_t size = 0;
  bool tamper_detected = false;
};

// Registers everybody and publishes the catalogue; what is there already stays.
absl::Status Load(const DemoFiles& files, const std::string& data, std::ostream& out);

// Steps of the story, in order.
absl::Status UnconditionalSharing(Stage& stage);
absl::Status ConditionalSharing(Stage& stage);
absl::Status Refusals(Stage& stage);
absl::StatusOr<Proved> ProveLedger(Stage& stage);

// All of it. `out` is told the story; gives the summary as one JSON object.
absl::StatusOr<std::string> TellStory(const DemoFiles& files, std::ostream& out);

// Moves a grant of step 2 from nothing to ACTIVE: applied for by the consumer's clerk, taken up and proposed
// by the provider's clerk, decided by the provider's approver.
absl::StatusOr<v1::Grant> ApplyForResidents(Stage& stage);

// Publishes the open datasets of `data`/datasets.json that are not on the portal yet.
absl::Status LoadDatasets(Stage& stage, const std::string& data);

}  // namespace zhanqiao::cli
