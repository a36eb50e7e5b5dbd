// Reads TOML strictly: unknown keys are errors, and a mistake is named by line and key.
#pragma once

#include <toml++/toml.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zhanqiao::connectors {

// Takes the value of one key, called `key` in errors.
using Reader = std::function<absl::Status(const toml::node& node, std::string_view key)>;
using Keys = std::map<std::string, Reader, std::less<>>;

// INVALID_ARGUMENT / CONFIG_INVALID with the facts `line`, `key` and `expected`.
absl::Status BadSetting(const toml::node& node, std::string_view key, std::string_view expected);

// Readers of texts that are not empty, of paths relative to `base_dir`, of whole numbers within bounds, and
// of lists.
Reader Text(std::string& into);
Reader Path(std::string& into, std::string_view base_dir);
Reader Number(int& into, int least, int most);
Reader Flag(bool& into);
Reader Choice(std::string& into, std::vector<std::string> choices);
Reader Texts(std::vector<std::string>& into);              // one text or several
Reader TextMap(std::map<std::string, std::string>& into);  // a table of texts

// Each key of the table `node` by its reader; `where` names the table in errors.
absl::Status ReadTable(const toml::node& node, std::string_view where, const Keys& keys);

// The whole text by `read`; a syntax error is CONFIG_INVALID too.
absl::Status ReadToml(std::string_view text, const std::function<absl::Status(const toml::table&)>& read);

// The content of a file. NOT_FOUND / CONFIG_NOT_READABLE with the fact `file`.
absl::StatusOr<std::string> ReadSettingsFile(const std::string& path);

}  // namespace zhanqiao::connectors
