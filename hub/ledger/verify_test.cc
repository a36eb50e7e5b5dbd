#include "hub/ledger/verify.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "hub/ledger/commitments.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;
using storage::Table;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteFile(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::map<std::string, std::string> FilesIn(const fs::path& dir) {
  std::map<std::string, std::string> files;
  for (const auto& file : fs::recursive_directory_iterator(dir)) {
    if (file.is_regular_file()) files[fs::relative(file.path(), dir).string()] = ReadFile(file.path());
  }
  return files;
}

class ExportTest : public testing::Test {
 protected:
  // An export of a log of `size` entries.
  fs::path Export(uint64_t size, std::string_view name = "export") {
    hub_.GrowTo(size);
    hub_.Sign();
    const fs::path dir = hub_.directory() / name;
    const absl::StatusOr<ExportReport> report = ExportLog(hub_.store(), dir);
    EXPECT_TRUE(report.ok()) << report.status();
    if (report.ok()) {
      EXPECT_EQ(report->size, size);
    }
    return dir;
  }
  VerifyReport Verify(const fs::path& dir, std::string_view older = {}) {
    return VerifyExport(dir, hub_.key(), older);
  }
  TestLog hub_;
};

TEST_F(ExportTest, AReleaseLeftOutOfTheLogShowsInTheNumbers) {
  const auto release = [&](const char* counter) {
    storage::LogRecord record = RecordOf(ExchangeEntry(1));
    record.counter = counter;
    return record;
  };
  const std::string own = ReleaseCounter("organizations/A/systems/s", "");
  ASSERT_TRUE(hub_.Commit({release(own.c_str()), release(own.c_str())}));
  EXPECT_TRUE(Verify(Export(3, "whole")).ok);
  // The hub numbers a release and drops it: here, by counting it elsewhere.
  ASSERT_TRUE(hub_.Commit({release("another"), release(own.c_str())}));
  const VerifyReport report = Verify(Export(5, "gap"));
  EXPECT_EQ(report.problem, "SEQUENCE");
  EXPECT_EQ(report.index, 3u);
}

TEST_F(ExportTest, VerifiesAtSizesAroundEveryTileEdge) {
  for (const uint64_t size : {1, 2, 255, 256, 257, 512, 700}) {
    const VerifyReport report = Verify(Export(size, std::to_string(size)));
    EXPECT_TRUE(report.ok) << size << ": " << report.problem << " " << report.description << " " << report.file;
    EXPECT_EQ(report.size, size);
    EXPECT_EQ(report.origin, TestLog::kOrigin);
  }
}

TEST_F(ExportTest, HasThePublicLayout) {
  const fs::path dir = Export(66'000);
  for (const char* file : {"checkpoint", "log.vkey", "tile/0/000", "tile/0/256", "tile/0/257.p/208", "tile/1/000",
                           "tile/1/001.p/1", "tile/2/000.p/1", "tile/entries/000", "tile/entries/257.p/208"}) {
    EXPECT_TRUE(fs::is_regular_file(dir / file)) << file;
  }
  EXPECT_EQ(fs::file_size(dir / "tile/1/000"), kTileBytes);
  EXPECT_TRUE(Verify(dir).ok);
}

TEST_F(ExportTest, IsDeterministic) {
  const auto first = FilesIn(Export(700, "one"));
  EXPECT_EQ(first, FilesIn(Export(700, "two")));
  EXPECT_EQ(first, FilesIn(Export(700, "one")));
}

TEST_F(ExportTest, IsBroughtUpToDate) {
  Export(300, "kept");
  EXPECT_EQ(FilesIn(Export(900, "kept")), FilesIn(Export(900, "fresh")));
}

TEST_F(ExportTest, DoesNotOverwriteAnotherLogOrOtherFiles) {
  const fs::path dir = Export(300);
  TestLog other;  // the same key, another history
  ASSERT_TRUE(other.Commit({RecordOf(ExchangeEntry(999))}));
  other.GrowTo(400);
  other.Sign();
  const auto before = FilesIn(dir);
  EXPECT_EQ(ReasonOf(ExportLog(other.store(), dir).status()), "EXPORT_DIRECTORY_OTHER");
  EXPECT_EQ(FilesIn(dir), before);
  const fs::path home = hub_.directory() / "home";
  fs::create_directories(home);
  WriteFile(home / "letter", "dear");
  EXPECT_EQ(ReasonOf(ExportLog(hub_.store(), home).status()), "EXPORT_DIRECTORY_OTHER");
}

TEST_F(ExportTest, NeedsASignedCheckpoint) {
  EXPECT_EQ(ReasonOf(ExportLog(hub_.store(), hub_.directory() / "x").status()), "LEDGER_NO_CHECKPOINT");
  const storage::MemoryStore empty;
  EXPECT_EQ(ReasonOf(ExportLog(empty, hub_.directory() / "x").status()), "LEDGER_EMPTY");
}

TEST_F(ExportTest, EveryAlteredByteIsFound) {
  const fs::path dir = Export(600);
  const auto files = FilesIn(dir);
  std::vector<std::pair<std::string, size_t>> ends;  // running total of bytes
  size_t total = 0;
  for (const auto& [name, bytes] : files) ends.emplace_back(name, total += bytes.size());
  const uint64_t seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 1000; ++round) {
    // Half of the rounds pick a file first, so that small files are met too.
    const bool by_file = round % 2 == 0;
    size_t at = random() % total;
    const auto in = by_file ? ends.begin() + static_cast<std::ptrdiff_t>(random() % ends.size())
                            : std::upper_bound(ends.begin(), ends.end(), at,
                                               [](size_t value, const auto& end) { return value < end.second; });
    const std::string& original = files.at(in->first);
    at = by_file ? random() % original.size() : at - (in->second - original.size());
    std::string altered = original;
    altered[at] = static_cast<char>(altered[at] ^ static_cast<char>(1 + random() % 255));
    WriteFile(dir / in->first, altered);
    const VerifyReport report = Verify(dir);
    ASSERT_FALSE(report.ok) << "seed " << seed << " round " << round << " " << in->first << " byte " << at;
    ASSERT_FALSE(report.problem.empty());
    if (!report.file.empty()) {
      ASSERT_EQ(report.file, in->first) << report.problem << " seed " << seed << " at " << at;
    }
    WriteFile(dir / in->first, original);
  }
  EXPECT_TRUE(Verify(dir).ok);
}

TEST_F(ExportTest, AMissingFileIsFound) {
  const fs::path dir = Export(600);
  for (const auto& [name, bytes] : FilesIn(dir)) {
    fs::remove(dir / name);
    const VerifyReport report = Verify(dir);
    EXPECT_EQ(report.problem, "FILE_MISSING") << name;
    EXPECT_EQ(report.file, name);
    WriteFile(dir / name, bytes);
  }
}

// What an insider would do: alter an entry in the store itself, keeping its form.
TEST_F(ExportTest, AnEntryAlteredInTheStoreIsNamed) {
  hub_.GrowTo(700);
  hub_.Sign();
  for (const uint64_t index : {5u, 300u, 699u}) {
    const std::string key = storage::BigEndian(index);
    const std::string original = *hub_.store().Get(Table::kEntries, key).value();
    std::string altered = original;
    altered[altered.find("case-") + 5] = '9';
    storage::Batch batch;
    batch.Put(Table::kEntries, key, altered);
    ASSERT_TRUE(hub_.store().Apply(batch).ok());
    const fs::path dir = hub_.directory() / std::to_string(index);
    ASSERT_TRUE(ExportLog(hub_.store(), dir).ok());
    const VerifyReport report = Verify(dir);
    // In the unfinished bundle the tile is made from the entries, so only the root tells.
    EXPECT_EQ(report.problem, index == 699 ? "ROOT" : "ENTRY_ALTERED") << index;
    if (index != 699) {
      EXPECT_EQ(report.index, index);
    }
    batch.Clear();
    batch.Put(Table::kEntries, key, original);
    ASSERT_TRUE(hub_.store().Apply(batch).ok());
  }
}

TEST_F(ExportTest, AnotherKeyIsNotEnough) {
  const fs::path dir = Export(10);
  const auto other = *Ed25519FileSigner::FromSeed(std::string(32, 8), TestLog::kOrigin);
  EXPECT_EQ(VerifyExport(dir, VerifierKeyOf(*other)).problem, "VERIFIER_KEY");
}

TEST_F(ExportTest, AnOlderCheckpointMustBeAPrefix) {
  hub_.GrowTo(300);
  const std::string older = hub_.Sign()->note;
  const fs::path dir = Export(700);
  EXPECT_TRUE(Verify(dir, older).ok);

  TestLog fork;
  ASSERT_TRUE(fork.Commit({RecordOf(ExchangeEntry(999))}));
  fork.GrowTo(300);
  const std::string forked = fork.Sign()->note;
  EXPECT_EQ(Verify(dir, forked).problem, "CONSISTENCY");
  fork.GrowTo(701);
  EXPECT_EQ(Verify(dir, fork.Sign()->note).problem, "CONSISTENCY");
}

}  // namespace
}  // namespace zhanqiao::ledger
