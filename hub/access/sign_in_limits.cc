#include "hub/access/sign_in_limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "catalog/base/digest.h"

namespace zhanqiao::access {

std::string NetworkOf(std::string_view address) {
  const size_t colon = address.rfind(':');
  std::string host(address.substr(0, colon));
  if (host.size() < 2 || host.front() != '[') return host;
  host = host.substr(1, host.size() - 2);
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), bytes.data()) != 1) return host;
  // An IPv4 address in IPv6 form is one host, not a network of them.
  const bool mapped = IN6_IS_ADDR_V4MAPPED(reinterpret_cast<const in6_addr*>(bytes.data()));
  if (!mapped) std::fill(bytes.begin() + 8, bytes.end(), uint8_t{0});
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return std::string(text.data()) + (mapped ? "" : "/64");
}

void SignInLimits::Forget(absl::Time now) {
  absl::erase_if(windows_, [now](const auto& one) { return one.second.end <= now; });
}

absl::Duration SignInLimits::Wait(std::string_view network) {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mu_);
  const auto found = windows_.find(std::string(network));
  if (found != windows_.end() && found->second.end > now) {
    return found->second.failures < options_.failures_max ? absl::ZeroDuration() : found->second.end - now;
  }
  if (windows_.size() < options_.networks_max) return absl::ZeroDuration();
  Forget(now);
  return windows_.size() < options_.networks_max ? absl::ZeroDuration() : options_.window;
}

void SignInLimits::Failed(std::string_view network) {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mu_);
  if (windows_.size() >= options_.networks_max) Forget(now);
  if (windows_.size() >= options_.networks_max && !windows_.contains(std::string(network))) return;
  Window& window = windows_[std::string(network)];
  if (window.end <= now) window = {now + options_.window, 0};
  ++window.failures;
}

}  // namespace zhanqiao::access
