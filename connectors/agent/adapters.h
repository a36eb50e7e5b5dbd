// The adapters a configuration names.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/clock.h"
#include "connectors/adapters/adapter.h"
#include "connectors/agent/capture_runner.h"
#include "connectors/agent/config.h"

namespace zhanqiao::connectors {

// What a connector has at work.
struct Adapters {
  std::map<std::string, AdapterFactory> resources;  // by resource
  std::vector<std::pair<CaptureConfig, BeginCapture>> captures;
};

// Resources and captures of one source share its connections. Sources are not contacted here: each is when
// its entry is known, and again after failures. `clock` must outlive the adapters. Fails as ReadSettingsFile
// for files of secrets, FAILED_PRECONDITION / SECRET_READABLE for those that others can read.
absl::StatusOr<Adapters> AdaptersOf(const ConnectorConfig& config, const Clock& clock);

}  // namespace zhanqiao::connectors
