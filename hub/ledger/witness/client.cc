#include "hub/ledger/witness/client.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {

absl::StatusOr<http::Url> ParseWitnessUrl(std::string_view text) {
  auto url = http::ParseUrl(text);
  if (!url.ok() || url->path.find('?') != std::string::npos) {
    return Fail(absl::StatusCode::kInvalidArgument, "WITNESS_URL",
                "A witness is at http://host[:port][/prefix] or https://host[:port][/prefix].", {{"url", std::string(text)}});
  }
  while (url->path.ends_with('/')) url->path.pop_back();
  return url;
}

absl::StatusOr<http::Response> WitnessClient::AddCheckpoint(const std::string& body, absl::Duration timeout) {
  http::Request request{.method = "POST", .url = url_, .headers = {{"content-type", "text/plain; charset=utf-8"}}, .body = body};
  request.url.path += "/add-checkpoint";
  auto answer = client_.Ask(request, timeout);
  if (answer.ok()) return answer;
  return Fail(absl::StatusCode::kUnavailable, "WITNESS_UNREACHABLE",
              "The witness gave no answer; its cosignatures are asked for again later.",
              {{"witness", absl::StrCat(url_.host, ":", url_.port)}, {"cause", FactOf(answer.status(), "cause")}});
}

}  // namespace zhanqiao::ledger
