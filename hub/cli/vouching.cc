#include "hub/cli/vouching.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "hub/cli/display.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/output.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::LedgerService::Stub;

std::string AgeText(uint64_t time_s, absl::Time now) {
  if (time_s == 0) return "";
  const absl::Duration age =
      absl::Trunc(now - absl::FromUnixSeconds(static_cast<int64_t>(time_s)), absl::Seconds(1));
  return absl::FormatDuration(std::max(age, absl::ZeroDuration()));
}

std::string WitnessTime(uint64_t time_s) {
  return time_s == 0 ? "" : TimeText(absl::FromUnixSeconds(static_cast<int64_t>(time_s)));
}

}  // namespace

absl::Status NotCosigned() {
  return Fail(absl::StatusCode::kFailedPrecondition, "QUORUM_NOT_MET",
              "The hub has no checkpoint that a quorum of witnesses cosigned.",
              {{"fix", "See zq ledger head: which witnesses are silent, and whether the hub has a policy."}});
}

void PrintPolicyVerdict(Context& context, const ledger::Policy& policy,
                        const ledger::PolicyVerdict& verdict) {
  if (context.json()) {
    std::string witnesses;
    for (size_t i = 0; i < verdict.names.size(); ++i) {
      absl::StrAppend(&witnesses, i ? "," : "", "{\"name\":", JsonText(verdict.names[i]),
                      ",\"timeS\":", verdict.cosignatures[i].time_s, "}");
    }
    context.out << "{\"quorumMet\":true,\"quorum\":" << JsonText(policy.quorum())
                << ",\"origin\":" << JsonText(verdict.checkpoint.origin)
                << ",\"size\":" << verdict.checkpoint.size
                << ",\"root\":" << JsonText(ToBase64(Bytes(verdict.checkpoint.root))) << ",\"witnesses\":["
                << witnesses << "]}\n";
    return;
  }
  Sheet sheet;
  sheet.Add("quorum", absl::StrCat(policy.quorum(), ": met"));
  sheet.Add("log", verdict.checkpoint.origin);
  sheet.Add("size", absl::StrCat(verdict.checkpoint.size));
  sheet.Add("root", ToBase64(Bytes(verdict.checkpoint.root)));
  for (size_t i = 0; i < verdict.names.size(); ++i) {
    sheet.Add("witness", absl::StrCat(verdict.names[i], " at ", WitnessTime(verdict.cosignatures[i].time_s)));
  }
  context.out << sheet.Render();
}

absl::Status VerifyCosigned(Context& context, Session& session, absl::Span<const ledger::VerifierKey> keys,
                            const std::string& policy_file) {
  const auto head = TRY(session.Call(&Stub::GetCheckpoint, v1::GetCheckpointRequest()));
  if (head.cosigned_checkpoint().empty()) return NotCosigned();
  const ledger::Policy policy = TRY(ledger::Policy::Load(policy_file));
  const ledger::PolicyVerdict verdict =
      TRY(ledger::VerifyUnderPolicy(head.cosigned_checkpoint(), policy, keys));
  Claims claims;
  claims.keys.assign(keys.begin(), keys.end());
  claims.old_checkpoint = head.cosigned_checkpoint();
  claims.whole = false;
  TRY(VerifyOnline(session, claims));
  PrintPolicyVerdict(context, policy, verdict);
  return absl::OkStatus();
}

void PrintHead(const v1::GetCheckpointResponse& head, const ledger::Checkpoint& checkpoint, absl::Time now,
               std::ostream& out) {
  Sheet sheet;
  sheet.Add("log", checkpoint.origin);
  sheet.Add("size", absl::StrCat(checkpoint.size));
  sheet.Add("root", ToBase64(Bytes(checkpoint.root)));
  for (const std::string& key : head.verifier_keys()) sheet.Add("key", key);
  if (head.quorum().empty()) {
    sheet.Add("witnesses", "none: this hub has no witness policy");
  } else if (head.cosigned_size() > 0) {
    sheet.Add("quorum", absl::StrCat(head.quorum(), ": met, for ", head.cosigned_size(), " entries"));
  } else {
    sheet.Add("quorum", absl::StrCat(head.quorum(), ": not met yet"));
  }
  out << sheet.Render();
  if (head.witnesses().empty()) return;
  Table table({"WITNESS", "VOUCHES FOR", "SAID AT", "AGE", "PROBLEM"});
  for (const v1::WitnessWord& word : head.witnesses()) {
    table.Add({word.name(), word.size() == 0 ? "-" : absl::StrCat(word.size()), WitnessTime(word.time_s()),
               AgeText(word.time_s(), now), word.problem()});
  }
  out << "\n" << table.Render();
}

}  // namespace zhanqiao::cli
