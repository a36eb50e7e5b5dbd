// The victim of the fault tests: changes documents and logs plain records from several threads for ever, and says on
// standard output what was acknowledged, one line each, written in one piece:
//   D <name> <revision> <known_at> <SHA-256 of the document> <1 if deleted>
//   R <index> <SHA-256 of the record>
//   F <reason>        a write failed; the process then closes the store and ends with 0
// Usage: faults_writer <store> <seed> <memtable bytes> <file size limit in bytes, 0: none>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog/base/log.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/rocks_store.h"

namespace zhanqiao {
namespace {

constexpr int kThreads = 6;
constexpr int kNames = 30;

std::atomic<bool> stopped{false};

// One line in one write, so that lines of several threads do not mix. A closed pipe ends the process.
void Say(const std::string& line) {
  if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::_Exit(3);
}

std::string HexOf(std::string_view text) {
  const Digest digest = Sha256(text);
  return ToHex(Bytes(digest));
}

// OK, or the reason for which the writer has to stop.
absl::Status ChangeDocument(documents::LowerHub& hub, std::mt19937_64& random) {
  const std::string name = absl::StrCat("documents/", random() % kNames);
  auto change = documents::Put(name, std::string(random() % 3000, static_cast<char>('a' + random() % 26)));
  if (random() % 5 == 0) change = documents::Delete(name);
  const auto versions = hub.documents.Apply(documents::Changing(std::move(change)));
  if (ReasonOf(versions.status()) == "DOCUMENT_NOT_FOUND") return absl::OkStatus();
  if (!versions.ok()) return versions.status();
  for (const auto& version : *versions) {
    Say(absl::StrCat("D ", version.name, " ", version.revision, " ", version.known_at, " ",
                     HexOf(version.document), " ", version.deleted ? 1 : 0, "\n"));
  }
  return absl::OkStatus();
}

absl::Status LogRecord(documents::LowerHub& hub, std::mt19937_64& random) {
  storage::Commit commit;
  const std::string body(1 + random() % 600, static_cast<char>('A' + random() % 26));
  commit.records.push_back({body, "salt"});
  const auto result = hub.pipeline.Run(std::move(commit));
  if (!result.ok()) return result.status();
  Say(absl::StrCat("R ", result->places[0].index, " ", HexOf(body), "\n"));
  return absl::OkStatus();
}

void WriteUntilItFails(documents::LowerHub& hub, uint64_t seed) {
  std::mt19937_64 random(seed);
  while (!stopped) {
    const absl::Status status = random() % 2 == 0 ? ChangeDocument(hub, random) : LogRecord(hub, random);
    if (status.ok()) continue;
    stopped = true;
    Say(absl::StrCat("F ", ReasonOf(status), "\n"));
  }
}

void LimitFileSize(uint64_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit {};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &limit);
}

int Main(int argc, char** argv) {
  if (argc != 5) return 2;
  const uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  const size_t memtable_bytes = std::strtoull(argv[3], nullptr, 10);
  const uint64_t file_bytes_max = std::strtoull(argv[4], nullptr, 10);
  SetLogLevel(LogLevel::kError);
  storage::RocksStore::Options options;
  options.memtable_bytes = memtable_bytes;
  options.wal_bytes_max = 4 * memtable_bytes;
  const auto store = storage::RocksStore::Open(argv[1], options);
  if (!store.ok()) {
    Say(absl::StrCat("F ", ReasonOf(store.status()), "\n"));
    return 4;
  }
  if (file_bytes_max > 0) LimitFileSize(file_bytes_max);
  const SystemClock clock;
  SystemRandom salts;
  documents::LowerHub hub(**store, clock, salts);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&hub, seed, i] { WriteUntilItFails(hub, seed * 1000 + static_cast<uint64_t>(i)); });
  }
  for (auto& thread : threads) thread.join();
  return 0;
}

}  // namespace
}  // namespace zhanqiao

int main(int argc, char** argv) { return zhanqiao::Main(argc, argv); }
