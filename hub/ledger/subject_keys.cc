#include "hub/ledger/subject_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyBytes = 32;

int YearOf(absl::Time time) {
  return static_cast<int>(CivilDayOf(time).year());
}

std::string FileOf(int year) {
  return absl::StrCat("subject-", year, ".key");
}

// The year in "subject-2026.key"; 0 for other names.
int YearIn(const std::string& file) {
  int year = 0;
  const bool ours = file.size() == 16 && file.starts_with("subject-") && file.ends_with(".key");
  return ours && absl::SimpleAtoi(file.substr(8, 4), &year) ? year : 0;
}

absl::StatusOr<std::string> ReadKey(const fs::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || (info.st_mode & 077) != 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "SUBJECT_KEY_MODE",
                "A subject key may be read by others than its owner; set its mode to 0600.",
                {{"file", path.string()}});
  }
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const absl::StatusOr<std::string> key = FromHex(text);
  if (!key.ok() || key->size() != kKeyBytes) {
    return Fail(absl::StatusCode::kInvalidArgument, "SUBJECT_KEY_INVALID",
                "A subject key is 64 hexadecimal digits; restore the file.", {{"file", path.string()}});
  }
  return *key;
}

// A new file, synced before it counts; an existing one is never written over.
bool WriteNew(const fs::path& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  close(fd);
  const int directory = open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && fsync(directory) == 0;
  if (directory >= 0) close(directory);
  return written && synced;
}

}  // namespace

std::vector<std::string> SubjectsIn(std::string_view secret) {
  v1::EntrySecret parsed;
  std::vector<std::string> tokens;
  if (secret.empty() || !parsed.ParseFromArray(secret.data(), static_cast<int>(secret.size()))) return tokens;
  for (auto& token : *parsed.mutable_subjects()) {
    if (token.size() == kSubjectTokenBytes) tokens.push_back(std::move(token));
  }
  return tokens;
}

std::string SubjectToken(std::string_view key, std::string_view id_number) {
  const Digest digest = HmacSha256(key, NormalizeCode(id_number));
  return std::string(Bytes(digest).substr(0, kSubjectTokenBytes));
}

absl::StatusOr<std::unique_ptr<SubjectKeys>> SubjectKeys::Open(fs::path directory, Random& random) {
  std::unique_ptr<SubjectKeys> keys(new SubjectKeys(std::move(directory), random));
  std::error_code error;
  for (const auto& file : fs::directory_iterator(keys->directory_, error)) {
    const int year = YearIn(file.path().filename().string());
    if (year == 0) continue;
    std::string key = TRY(ReadKey(file.path()));
    absl::MutexLock lock(&keys->mu_);
    keys->keys_[year] = std::move(key);
  }
  return keys;
}

absl::Status SubjectKeys::Make(int year) {
  std::string key(kKeyBytes, '\0');
  random_.Fill(key.data(), key.size());
  if (!WriteNew(directory_ / FileOf(year), absl::StrCat(ToHex(key), "\n"))) {
    return Fail(
        absl::StatusCode::kUnavailable, "SUBJECT_KEY_MISSING",
        "The subject key of this year cannot be made; check the key directory, its rights and its disk.",
        {{"file", (directory_ / FileOf(year)).string()}});
  }
  keys_[year] = std::move(key);
  return absl::OkStatus();
}

absl::Status SubjectKeys::Rotate(absl::Time now, const Announce& announce) {
  const int year = YearOf(now);
  absl::MutexLock lock(&mu_);
  if (keys_.contains(year)) return absl::OkStatus();
  if (announce) TRY(announce(year));
  return Make(year);
}

absl::StatusOr<std::vector<std::string>> SubjectKeys::TokensAt(absl::Time time,
                                                               const std::vector<std::string>& id_numbers) {
  std::string key;
  {
    absl::MutexLock lock(&mu_);
    auto found = keys_.find(YearOf(time));
    // Between New Year's midnight and the next Rotate last year's key serves: a question tries every key
    // anyway.
    if (found == keys_.end() && !keys_.empty()) found = std::prev(keys_.end());
    if (found == keys_.end()) {
      return Fail(absl::StatusCode::kUnavailable, "SUBJECT_KEY_MISSING",
                  "There is no subject key, so releases of persons cannot be noted; the operator is needed.");
    }
    key = found->second;
  }
  std::vector<std::string> tokens;
  tokens.reserve(id_numbers.size());
  for (const std::string& id_number : id_numbers) {
    if (!id_number.empty()) tokens.push_back(SubjectToken(key, id_number));
  }
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

std::vector<std::string> SubjectKeys::TokensOf(std::string_view id_number) const {
  absl::MutexLock lock(&mu_);
  std::vector<std::string> tokens;
  for (const auto& [year, key] : keys_) tokens.push_back(SubjectToken(key, id_number));
  return tokens;
}

std::vector<int> SubjectKeys::years() const {
  absl::MutexLock lock(&mu_);
  std::vector<int> years;
  for (const auto& [year, key] : keys_) years.push_back(year);
  return years;
}

}  // namespace zhanqiao::ledger
