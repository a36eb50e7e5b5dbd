#include "hub/ledger/commitments.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"

namespace zhanqiao::ledger {
namespace {

void AppendU32(uint32_t number, std::string& out) {
  const char bytes[] = {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
                        static_cast<char>(number)};
  out.append(bytes, sizeof bytes);
}

void AppendText(std::string_view text, std::string& out) {
  AppendU32(static_cast<uint32_t>(text.size()), out);
  out += text;
}

}  // namespace

std::string ReleaseCounter(std::string_view consumer, std::string_view resource) {
  return absl::StrCat(Absl(consumer), "\n", Absl(resource));
}

std::string CanonicalRequest(const v1::QueryRequest& request, std::string_view resource) {
  std::string out = "ZQQ1";
  out.reserve(512 + request.ByteSizeLong());
  AppendText(request.grant(), out);
  AppendText(resource, out);
  AppendU32(static_cast<uint32_t>(request.fields_size()), out);
  for (const auto& field : request.fields()) AppendText(field, out);
  AppendU32(static_cast<uint32_t>(request.conditions_size()), out);
  for (const auto& condition : request.conditions()) {
    AppendText(condition.field(), out);
    out += static_cast<char>(condition.comparison());
    AppendCanonical(condition.value(), out);
  }
  AppendU32(static_cast<uint32_t>(request.row_limit()), out);
  AppendText(request.matter(), out);
  AppendText(request.request_id(), out);
  return out;
}

absl::Status CheckCommitment(std::string_view salt, std::string_view payload, std::string_view commitment) {
  if (Bytes(HmacSha256(salt, payload)) == commitment) return absl::OkStatus();
  return Fail(absl::StatusCode::kDataLoss, "COMMITMENT_DIFFERENT",
              "The commitment in the entry is not of this payload and salt.");
}

}  // namespace zhanqiao::ledger
