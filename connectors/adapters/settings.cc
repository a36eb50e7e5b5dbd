#include "connectors/adapters/settings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/error.h"

namespace zhanqiao::connectors {
namespace {

absl::Status BadLine(std::string line, std::string_view key, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
              "The configuration has a mistake at the named line and key.",
              {{"line", std::move(line)}, {"key", std::string(key)}, {"expected", std::string(expected)}});
}

}  // namespace

absl::Status BadSetting(const toml::node& node, std::string_view key, std::string_view expected) {
  return BadLine(absl::StrCat(node.source().begin.line), key, expected);
}

Reader Text(std::string& into) {
  return [&into](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_string() || node.as_string()->get().empty())
      return BadSetting(node, key, "a text in quotes, not empty");
    into = node.as_string()->get();
    return absl::OkStatus();
  };
}

Reader Path(std::string& into, std::string_view base_dir) {
  return [&into, base = std::filesystem::path(base_dir)](const toml::node& node,
                                                         std::string_view key) -> absl::Status {
    TRY(Text(into)(node, key));
    into = (base / into).lexically_normal().string();
    return absl::OkStatus();
  };
}

Reader Number(int& into, int least, int most) {
  return [&into, least, most](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_integer() || node.as_integer()->get() < least || node.as_integer()->get() > most) {
      return BadSetting(node, key, absl::StrCat("a whole number from ", least, " to ", most));
    }
    into = static_cast<int>(node.as_integer()->get());
    return absl::OkStatus();
  };
}

Reader Flag(bool& into) {
  return [&into](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_boolean()) return BadSetting(node, key, "true or false");
    into = node.as_boolean()->get();
    return absl::OkStatus();
  };
}

Reader Choice(std::string& into, std::vector<std::string> choices) {
  return [&into, choices = std::move(choices)](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_string() ||
        std::find(choices.begin(), choices.end(), node.as_string()->get()) == choices.end()) {
      return BadSetting(node, key, absl::StrCat("one of \"", absl::StrJoin(choices, "\", \""), "\""));
    }
    into = node.as_string()->get();
    return absl::OkStatus();
  };
}

Reader Texts(std::vector<std::string>& into) {
  return [&into](const toml::node& node, std::string_view key) -> absl::Status {
    into.clear();
    if (!node.is_array()) return Text(into.emplace_back())(node, key);
    if (node.as_array()->empty()) return BadSetting(node, key, "a text or a list of texts, not empty");
    for (const toml::node& one : *node.as_array()) TRY(Text(into.emplace_back())(one, key));
    return absl::OkStatus();
  };
}

Reader TextMap(std::map<std::string, std::string>& into) {
  return [&into](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_table()) return BadSetting(node, key, "a table of texts");
    for (const auto& [name, child] : *node.as_table()) {
      if (!child.is_string())
        return BadSetting(child, absl::StrCat(std::string(key), ".", std::string(name.str())),
                          "a text in quotes");
      into[std::string(name.str())] = child.as_string()->get();
    }
    return absl::OkStatus();
  };
}

absl::Status ReadTable(const toml::node& node, std::string_view where, const Keys& keys) {
  if (!node.is_table()) return BadSetting(node, where, "a table");
  for (const auto& [key, child] : *node.as_table()) {
    const std::string name =
        where.empty() ? std::string(key.str()) : absl::StrCat(Absl(where), ".", std::string(key.str()));
    const auto reader = keys.find(key.str());
    if (reader == keys.end()) {
      std::string known = "one of";
      for (const auto& [choice, unused] : keys) absl::StrAppend(&known, " ", choice);
      return BadSetting(child, name, known);
    }
    TRY(reader->second(child, name));
  }
  return absl::OkStatus();
}

absl::Status ReadToml(std::string_view text, const std::function<absl::Status(const toml::table&)>& read) {
  try {
    const toml::table root = toml::parse(text);
    return read(root);
  } catch (const toml::parse_error& error) {
    return BadLine(absl::StrCat(error.source().begin.line), "", error.description());
  }
}

absl::StatusOr<std::string> ReadSettingsFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return Fail(absl::StatusCode::kNotFound, "CONFIG_NOT_READABLE", "The configuration file cannot be read.",
                {{"file", path}});
  }
  return text.str();
}

}  // namespace zhanqiao::connectors
