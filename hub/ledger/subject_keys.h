// Keyed tokens of persons: how the ledger answers "who looked at this person?" without holding who anyone is.
//
// token = first 16 bytes of HMAC-SHA256(subject key of the civil year, normalised ID number). The keys lie
// apart from the store, one file a year (subject-2026.key, 32 bytes in hex, mode 0600), and old ones are
// kept: a question tries them all. Whoever has the store without the keys cannot test a guess.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/base/ids.h"

namespace zhanqiao::ledger {

inline constexpr size_t kSubjectTokenBytes = 16;
inline constexpr std::string_view kSubjectsLabel = "subjects";  // of Exchange.subjects_commitment

// The tokens in a value of Table::kSalts (a serialised v1.EntrySecret); none if it holds none.
std::vector<std::string> SubjectsIn(std::string_view secret);

// The token of one person under one key. `id_number` is normalised here: blanks, full-width digits,
// lower-case x.
std::string SubjectToken(std::string_view key, std::string_view id_number);

// Thread-safe.
class SubjectKeys {
 public:
  // Writes the entry that a key begins (its civil year). Called under a lock, before there is a file: a key
  // that the ledger does not know of is never used. A crash in between leaves an entry more.
  using Announce = std::function<absl::Status(int year)>;

  // Reads the keys in `directory`. INVALID_ARGUMENT / SUBJECT_KEY_INVALID or FAILED_PRECONDITION /
  // SUBJECT_KEY_MODE (fact: file) for a file that is not in its form or that others may read. `random` must
  // outlive it.
  static absl::StatusOr<std::unique_ptr<SubjectKeys>> Open(std::filesystem::path directory, Random& random);

  // Makes the key of the year of `now` if it is not there, announcing it (empty: to nobody). Call at start
  // and daily.
  absl::Status Rotate(absl::Time now, const Announce& announce);

  // The tokens of `id_numbers` at `time`, sorted, each once; empty ones are left out. UNAVAILABLE /
  // SUBJECT_KEY_MISSING when the year has no key and none can be made: then nothing may be released.
  absl::StatusOr<std::vector<std::string>> TokensAt(absl::Time time,
                                                    const std::vector<std::string>& id_numbers);
  // The tokens of one person under every key there is.
  std::vector<std::string> TokensOf(std::string_view id_number) const;

  // Years with a key, ascending.
  std::vector<int> years() const;

 private:
  SubjectKeys(std::filesystem::path directory, Random& random)
      : directory_(std::move(directory)), random_(random) {}
  absl::Status Make(int year) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::filesystem::path directory_;
  Random& random_;
  mutable absl::Mutex mu_;  // makes finding or making a key one step
  std::map<int, std::string> keys_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::ledger
