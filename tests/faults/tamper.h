// An export of a log, and ways to alter it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "hub/ledger/verify.h"
#include "tests/faults/ledger_hub.h"

namespace zhanqiao::faults {

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void WriteFile(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A copy in memory of the files below a directory, which puts back what was altered.
class Files {
 public:
  explicit Files(std::filesystem::path directory) : directory_(std::move(directory)) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory_)) {
      if (file.is_regular_file()) {
        bytes_[std::filesystem::relative(file.path(), directory_).string()] = ReadFile(file.path());
      }
    }
  }
  const std::map<std::string, std::string>& all() const { return bytes_; }
  const std::string& at(const std::string& name) const { return bytes_.at(name); }
  void Write(const std::string& name, const std::string& bytes) const { WriteFile(directory_ / name, bytes); }
  void Remove(const std::string& name) const { std::filesystem::remove(directory_ / name); }
  void Restore(const std::string& name) const { Write(name, bytes_.at(name)); }
  void RestoreAll() const {
    for (const auto& [name, bytes] : bytes_) Write(name, bytes);
  }
  const std::filesystem::path& directory() const { return directory_; }

 private:
  const std::filesystem::path directory_;
  std::map<std::string, std::string> bytes_;
};

// The bytes with one bit of byte `at` turned; negative: from the end.
inline std::string Flipped(std::string bytes, int64_t at) {
  char& byte = bytes.at(static_cast<size_t>(at < 0 ? static_cast<int64_t>(bytes.size()) + at : at));
  byte = static_cast<char>(byte ^ 0x01);
  return bytes;
}

}  // namespace zhanqiao::faults
