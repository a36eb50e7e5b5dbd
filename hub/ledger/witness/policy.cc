#include "hub/ledger/witness/policy.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

constexpr size_t kOfEachMax = 64;
constexpr std::string_view kNone = "none";

using Words = std::vector<std::string>;

absl::Status Bad(size_t line, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "POLICY_INVALID",
              "The policy has a mistake at the named line (C2SP tlog-policy).",
              {{"line", absl::StrCat(line)}, {"expected", std::string(expected)}});
}

// Tab, line break and everything printable; bytes beyond ASCII are opaque.
bool IsPolicyText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || c == '\n' || (byte >= 0x20 && byte != 0x7f);
  });
}

}  // namespace

class Policy::Parser {
 public:
  absl::StatusOr<Policy> Run(std::string_view text) {
    if (!IsPolicyText(text)) return Bad(0, "text without control characters other than tab and line break");
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    for (const absl::string_view line : absl::StrSplit(Absl(text), '\n')) {
      ++line_;
      const Words words = absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
      if (words.empty() || words[0].front() == '#') continue;
      TRY(Take(words));
    }
    if (!quorum_seen_) return Bad(line_, "exactly one line: quorum <name>, or quorum none");
    return std::move(policy_);
  }

 private:
  absl::Status Take(const Words& words) {
    if (words[0] == "log") return TakeLog(words);
    if (words[0] == "witness") return TakeWitness(words);
    if (words[0] == "group") return TakeGroup(words);
    if (words[0] == "quorum") return TakeQuorum(words);
    return Bad(line_, "a line that begins with log, witness, group or quorum");
  }

  absl::Status TakeLog(const Words& words) {
    if (words.size() < 2 || words.size() > 3) return Bad(line_, "log <vkey> [<url>]");
    const auto key = ParseVerifierKey(words[1]);
    if (!key.ok() || key->kind != KeyKind::kEd25519) return Bad(line_, "the vkey of a log (type 0x01)");
    if (policy_.logs_.size() == kOfEachMax) return Bad(line_, "at most 64 logs");
    if (!log_keys_.insert(key->public_key).second) return Bad(line_, "a log that stands here once");
    policy_.logs_.push_back(*key);
    return absl::OkStatus();
  }

  absl::Status TakeWitness(const Words& words) {
    if (words.size() < 3 || words.size() > 4) return Bad(line_, "witness <name> <vkey> [<url>]");
    const auto key = ParseVerifierKey(words[2]);
    if (!key.ok() || key->kind != KeyKind::kCosignature) return Bad(line_, "the vkey of a witness (type 0x04)");
    if (policy_.witnesses_.size() == kOfEachMax) return Bad(line_, "at most 64 witnesses");
    if (!witness_keys_.insert(key->public_key).second) return Bad(line_, "a witness key that stands here once");
    Node node;
    node.name = words[1];
    node.witness = policy_.witnesses_.size();
    TRY(AddNode(std::move(node)));
    policy_.witnesses_.push_back({words[1], *key, words.size() == 4 ? words[3] : ""});
    return absl::OkStatus();
  }

  absl::Status TakeGroup(const Words& words) {
    if (words.size() < 4) return Bad(line_, "group <name> <k>|any|all <member>...");
    if (++groups_ > kOfEachMax) return Bad(line_, "at most 64 groups");
    Node node;
    node.name = words[1];
    for (size_t i = 3; i < words.size(); ++i) {
      const std::optional<size_t> member = Find(words[i]);
      if (!member) return Bad(line_, "members that earlier lines define");
      if (!grouped_.insert(*member).second) return Bad(line_, "a name as a member of one group only");
      node.members.push_back(*member);
    }
    const size_t members = node.members.size();
    if (words[2] == "any") {
      node.threshold = 1;
    } else if (words[2] == "all") {
      node.threshold = members;
    } else if (!IsDecimal(words[2]) || !absl::SimpleAtoi(words[2], &node.threshold) || node.threshold < 1 ||
               node.threshold > members) {
      return Bad(line_, "any, all, or a number from 1 to that of the members");
    }
    return AddNode(std::move(node));
  }

  absl::Status TakeQuorum(const Words& words) {
    if (words.size() != 2 || quorum_seen_) return Bad(line_, "exactly one line: quorum <name>, or quorum none");
    quorum_seen_ = true;
    policy_.quorum_name_ = words[1];
    const std::optional<size_t> found = Find(words[1]);
    if (!found && words[1] != kNone) return Bad(line_, "a witness or group that earlier lines define, or none");
    policy_.quorum_ = found.value_or(SIZE_MAX);
    return absl::OkStatus();
  }

  absl::Status AddNode(Node node) {
    if (node.name == kNone || Find(node.name)) return Bad(line_, "a name that is not taken yet");
    policy_.nodes_.push_back(std::move(node));
    return absl::OkStatus();
  }

  std::optional<size_t> Find(std::string_view name) const {
    for (size_t i = 0; i < policy_.nodes_.size(); ++i) {
      if (policy_.nodes_[i].name == name) return i;
    }
    return std::nullopt;
  }

  static bool IsDecimal(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

  Policy policy_;
  size_t line_ = 0;
  size_t groups_ = 0;
  bool quorum_seen_ = false;
  std::set<std::string> log_keys_;
  std::set<std::string> witness_keys_;
  std::set<size_t> grouped_;
};

absl::StatusOr<Policy> Policy::Parse(std::string_view text) { return Parser().Run(text); }

absl::StatusOr<Policy> Policy::Load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) {
    return Fail(absl::StatusCode::kNotFound, "POLICY_NOT_READABLE", "The witness policy cannot be read.",
                {{"file", file.string()}});
  }
  auto policy = Parse(text);
  if (!policy.ok()) return WithFact(policy.status(), "file", file.string());
  return policy;
}

std::vector<VerifierKey> Policy::witness_keys() const {
  std::vector<VerifierKey> keys;
  for (const Witness& witness : witnesses_) keys.push_back(witness.key);
  return keys;
}

bool Policy::MetBy(const std::vector<bool>& cosigned) const {
  std::vector<bool> met(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const auto count = std::count_if(node.members.begin(), node.members.end(), [&](size_t m) { return met[m]; });
    met[i] = node.members.empty() ? cosigned[node.witness] : static_cast<size_t>(count) >= node.threshold;
  }
  return quorum_ >= nodes_.size() || met[quorum_];
}

bool Policy::MetBy(absl::Span<const VerifiedSignature> verified) const {
  std::vector<bool> cosigned(witnesses_.size());
  for (size_t i = 0; i < witnesses_.size(); ++i) {
    cosigned[i] = std::any_of(verified.begin(), verified.end(),
                              [&](const VerifiedSignature& one) { return one.key == witnesses_[i].key; });
  }
  return MetBy(cosigned);
}

absl::StatusOr<PolicyVerdict> VerifyUnderPolicy(std::string_view note, const Policy& policy,
                                                absl::Span<const VerifierKey> also_logs) {
  const Note parsed = TRY(ParseNote(note));
  PolicyVerdict verdict;
  verdict.checkpoint = TRY(ParseCheckpoint(parsed.text));
  std::vector<VerifierKey> logs;  // those of this checkpoint's origin
  for (const auto& keys : {absl::Span<const VerifierKey>(policy.logs()), also_logs}) {
    for (const VerifierKey& key : keys) {
      if (key.name == verdict.checkpoint.origin) logs.push_back(key);
    }
  }
  if (logs.empty()) {
    return Fail(absl::StatusCode::kDataLoss, "CHECKPOINT_ORIGIN", "The checkpoint is of no log that the policy knows.",
                {{"origin", verdict.checkpoint.origin}});
  }
  TRY(OpenNote(note, logs));
  const auto verified = TRY(VerifySignatures(parsed, policy.witness_keys()));
  for (const Policy::Witness& witness : policy.witnesses()) {
    const auto one = std::find_if(verified.begin(), verified.end(),
                                  [&](const VerifiedSignature& line) { return line.key == witness.key; });
    if (one == verified.end()) continue;
    verdict.cosignatures.push_back(*one);
    verdict.names.push_back(witness.name);
  }
  if (policy.MetBy(verified)) return verdict;
  return Fail(absl::StatusCode::kFailedPrecondition, "QUORUM_NOT_MET",
              "Fewer witnesses vouch for the checkpoint than the policy asks for.",
              {{"quorum", policy.quorum()}, {"witnesses", absl::StrJoin(verdict.names, " ")}});
}

}  // namespace zhanqiao::ledger
