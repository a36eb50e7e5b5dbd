// Random single edits of an exported log: every one that changes a byte is found from an outside checkpoint.
// ZHANQIAO_EDITS (10,000) sets how many, ZHANQIAO_SEED repeats a run.
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "catalog/base/log.h"
#include "catalog/storage/temporary_directory.h"
#include "tests/faults/tamper.h"

namespace zhanqiao::faults {
namespace {

uint64_t NumberIn(const char* variable, uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

class Edits {
 public:
  Edits(const Files& files, uint64_t seed) : files_(files), random_(seed) {
    for (const auto& [name, bytes] : files.all()) names_.push_back(name);
  }
  // Makes one edit and says which; empty when it changed nothing.
  std::string Make() {
    name_ = names_[Below(names_.size())];
    const std::string& original = files_.at(name_);
    std::string bytes = original;
    const size_t at = Below(bytes.size());
    const size_t kind = Below(6);
    switch (kind) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 << Below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(Below(256));
        break;
      case 2:
        bytes.insert(at, 1, static_cast<char>(Below(256)));
        break;
      case 3:
        bytes.erase(at, 1 + Below(40));
        break;
      case 4:
        bytes.resize(at);
        break;
      default: {  // two stretches change places
        const size_t length = 1 + Below(std::min<size_t>(64, bytes.size() / 2));
        const size_t first = Below(bytes.size() - 2 * length + 1);
        const size_t second = first + length + Below(bytes.size() - first - 2 * length + 1);
        std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(first),
                         bytes.begin() + static_cast<std::ptrdiff_t>(first + length),
                         bytes.begin() + static_cast<std::ptrdiff_t>(second));
      }
    }
    if (bytes == original) return "";
    files_.Write(name_, bytes);
    return absl::StrCat(name_, " kind ", kind, " at ", at);
  }
  void Undo() { files_.Restore(name_); }

 private:
  size_t Below(size_t limit) { return random_() % limit; }
  const Files& files_;
  std::mt19937_64 random_;
  std::vector<std::string> names_;
  std::string name_;
};

TEST(LedgerEdits, EverySingleEditIsFoundFromAnOutsideCheckpoint) {
  SetLogLevel(LogLevel::kError);
  const uint64_t seed = NumberIn("ZHANQIAO_SEED", std::random_device()());
  std::printf("ZHANQIAO_SEED=%llu\n", static_cast<unsigned long long>(seed));
  const storage::TemporaryDirectory directory;
  std::string outside;
  ledger::VerifierKey key;
  {
    LedgerHub hub(directory.path());
    ASSERT_TRUE(hub.started.ok());
    outside = hub.GrowTo(330)->note;
    key = ledger::VerifierKeyOf(*hub.signer);
    ASSERT_TRUE(ledger::ExportLog(*hub.store, directory.path() / "export").ok());
  }
  const Files files(directory.path() / "export");
  Edits edits(files, seed);
  const uint64_t wanted = NumberIn("ZHANQIAO_EDITS", 10'000);
  for (uint64_t made = 0; made < wanted;) {
    const std::string edit = edits.Make();
    if (edit.empty()) continue;
    ASSERT_FALSE(ledger::VerifyExport(files.directory(), key, outside).ok) << edit << " seed " << seed;
    edits.Undo();
    ++made;
  }
  EXPECT_TRUE(ledger::VerifyExport(files.directory(), key, outside).ok);
  std::printf("%llu edits found\n", static_cast<unsigned long long>(wanted));
}

}  // namespace
}  // namespace zhanqiao::faults
