#include "hub/cli/witness_config.h"

#include <toml++/toml.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

absl::Status Bad(uint64_t line, std::string_view key, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
              "The configuration has a mistake at the named line and key.",
              {{"line", absl::StrCat(line)}, {"key", std::string(key)}, {"expected", std::string(expected)}});
}

absl::Status ReadLogs(const toml::node& node, WitnessConfig& config) {
  if (!node.is_array()) return Bad(node.source().begin.line, "logs", "a list of verifier keys in quotes");
  config.logs.clear();
  for (const auto& one : *node.as_array()) {
    if (!one.is_string()) return Bad(one.source().begin.line, "logs", "a list of verifier keys in quotes");
    config.logs.push_back(one.as_string()->get());
  }
  return absl::OkStatus();
}

absl::Status ReadAll(const toml::table& root, const std::filesystem::path& base, WitnessConfig& config) {
  const std::map<std::string, std::string*, std::less<>> texts = {{"name", &config.name},
                                                                  {"listen", &config.listen}};
  const std::map<std::string, std::string*, std::less<>> paths = {{"key", &config.key},
                                                                  {"state", &config.state},
                                                                  {"certificate", &config.certificate},
                                                                  {"private_key", &config.private_key},
                                                                  {"port_file", &config.port_file}};
  for (const auto& [key, node] : root) {
    const std::string name(key.str());
    if (name == "logs") {
      TRY(ReadLogs(node, config));
      continue;
    }
    const auto text = texts.find(name);
    const auto path = paths.find(name);
    if (text == texts.end() && path == paths.end()) {
      return Bad(node.source().begin.line, name,
                 "name, key, state, listen, logs, certificate, private_key or port_file");
    }
    if (!node.is_string()) return Bad(node.source().begin.line, name, "a text in quotes");
    const std::string value = node.as_string()->get();
    if (text != texts.end()) *text->second = value;
    if (path != paths.end()) *path->second = (base / value).lexically_normal().string();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LoadWitnessConfig(const std::string& file, WitnessConfig& config) {
  const std::string text = TRY(ReadFile(file));
  try {
    return ReadAll(toml::parse(text), std::filesystem::absolute(file).parent_path(), config);
  } catch (const toml::parse_error& error) {
    return Bad(error.source().begin.line, "", error.description());
  }
}

}  // namespace zhanqiao::cli
