#include "hub/access/passwords.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kRestMin = 6;      // characters a password must have beside words and runs
constexpr size_t kDistinctMin = 6;  // different characters
constexpr size_t kRunMin = 3;       // abc, 321, aaa

// Words guessing begins with: the head of every published list of leaked passwords, keyboard rows, and this hub's own.
constexpr std::string_view kCommon[] = {
    "password", "passw0rd", "passwort", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "zxcvbn", "1qaz2wsx3edc",
    "1qaz2wsx", "qazwsx",   "1q2w3e4r5t", "1q2w3e4r", "1q2w3e", "zaq12wsx", "letmein", "welcome", "iloveyou", "sunshine",
    "princess", "dragon",   "monkey",   "football", "baseball", "superman", "trustno1", "master",  "shadow",  "michael",
    "woaini",   "5201314",  "1314520",  "zhongguo", "qingdao",  "zhanqiao", "shandong", "beijing", "administrator", "admin",
    "root",     "guest",    "default",  "changeme", "secret",   "system",   "test",    "login",   "hello",   "abc123",
    "a1b2c3",   "p@ssw0rd", "p@ssword", "112233",   "147258369", "159357",  "789456123", "88888888", "66666666"};

absl::Status Weak(std::string_view field, std::string_view rule, std::string_view fix) {
  return BadField("PASSWORD_WEAK", field, fix, {{"rule", std::string(rule)}});
}

// `text` without runs of equal, rising or falling characters.
std::string WithoutRuns(std::string_view text) {
  std::string rest;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin + 1;
    const int step = end < text.size() ? text[end] - text[begin] : 2;
    if (step >= -1 && step <= 1) {
      while (end < text.size() && text[end] - text[end - 1] == step) ++end;
    }
    if (end - begin >= kRunMin) {
      begin = end;
      continue;
    }
    rest += text[begin++];
  }
  return rest;
}

bool Initialised() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

absl::Status NoMemory() {
  return Fail(absl::StatusCode::kResourceExhausted, "PASSWORD_MEMORY",
              "The hub has no memory to check a password; try again, or have argon2_memory_kib lowered.",
              {{"link", std::string(kLinkHub)}});
}

absl::StatusOr<std::string> HashAt(const PasswordCost& cost, std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (!Initialised() || crypto_pwhash_str_alg(text.data(), password.data(), password.size(),
                                              static_cast<unsigned long long>(cost.passes),
                                              static_cast<size_t>(cost.memory_kib) * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return NoMemory();
  }
  return std::string(text.data());
}

std::string HashOfNobody(const PasswordCost& cost) {
  std::array<char, 32> random{};
  if (!Initialised()) return "";
  randombytes_buf(random.data(), random.size());
  return HashAt(cost, {random.data(), random.size()}).value_or("");
}

}  // namespace

absl::Status CheckPassword(const PasswordPolicy& policy, std::string_view password, const std::vector<std::string>& personal,
                           std::string_view field) {
  if (password.size() > policy.bytes_max || !IsCleanText(password)) {
    return Weak(field, "text", absl::StrCat("Give UTF-8 text without control characters, at most ", policy.bytes_max, " bytes."));
  }
  if (CodePoints(password) < policy.length_min) {
    return Weak(field, "length", absl::StrCat("The password is too short; give at least ", policy.length_min, " characters."));
  }
  if (std::set<char>(password.begin(), password.end()).size() < kDistinctMin) {
    return Weak(field, "repetitive", absl::StrCat("The password repeats itself; give at least ", kDistinctMin, " different characters."));
  }
  std::string rest = absl::AsciiStrToLower(Absl(password));
  for (const std::string& word : personal) {
    if (word.size() >= 3) rest = absl::StrReplaceAll(rest, {{absl::AsciiStrToLower(word), ""}});
  }
  if (rest.size() < kRestMin) {
    return Weak(field, "personal", "The password is little more than the person's own name or body; give another.");
  }
  for (const std::string_view word : kCommon) rest = absl::StrReplaceAll(rest, {{Absl(word), ""}});
  if (WithoutRuns(rest).size() < kRestMin) {
    return Weak(field, "common", "The password is made of what is guessed first; give several unrelated words.");
  }
  return absl::OkStatus();
}

PasswordHasher::PasswordHasher(PasswordCost cost) : cost_(cost), nobody_(HashOfNobody(cost)) {}

absl::StatusOr<std::string> PasswordHasher::Hash(std::string_view password) const { return HashAt(cost_, password); }

absl::StatusOr<bool> PasswordHasher::Verify(std::string_view hash, std::string_view password) const {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const std::string_view against = hash.empty() ? std::string_view(nobody_) : hash;
  if (!Initialised() || against.empty() || against.size() >= text.size()) return NoMemory();
  std::copy(against.begin(), against.end(), text.begin());
  errno = 0;
  const bool equal = crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
  if (!equal && errno == ENOMEM) return NoMemory();
  return equal && !hash.empty();
}

bool PasswordHasher::Outdated(const std::string& hash) const {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), static_cast<unsigned long long>(cost_.passes),
                                        static_cast<size_t>(cost_.memory_kib) * 1024) != 0;
}

}  // namespace zhanqiao::access
