// The victim of ledger_kill_test: 64 writers append to a signed log until the process is killed. On standard
// output, one line each, written in one piece, what a client could hold:
//   A <index> <leaf hash>       an append was answered
//   C <checkpoint, hex>         a checkpoint was shown
// Usage: faults_ledger_victim <directory> <round>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/log.h"
#include "tests/faults/ledger_hub.h"

namespace zhanqiao::faults {
namespace {

constexpr int kWriters = 64;

// A closed pipe ends the process.
void Say(const std::string& line) {
  if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::_Exit(3);
}

int Main(int argc, char** argv) {
  if (argc != 3) return 2;
  SetLogLevel(LogLevel::kError);
  LedgerHub hub(argv[1]);
  if (!hub.started.ok()) {
    Say(absl::StrCat("F ", ReasonOf(hub.started), "\n"));
    return 4;
  }
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&hub, writer, round = std::string(argv[2])] {
      for (int i = 0;; ++i) {
        const auto place = hub.Append(absl::StrCat(round, "-", writer, "-", i));
        if (!place.ok()) std::_Exit(5);
        Say(absl::StrCat("A ", place->index, " ", ToHex(Bytes(place->leaf)), "\n"));
      }
    });
  }
  for (uint64_t size = 1;;) {
    const auto latest = hub.checkpointer->WaitFor(size, absl::InfiniteFuture());
    if (!latest.ok()) std::_Exit(6);
    Say(absl::StrCat("C ", ToHex((*latest)->note), "\n"));
    size = (*latest)->checkpoint.size + 1;
  }
}

}  // namespace
}  // namespace zhanqiao::faults

int main(int argc, char** argv) {
  return zhanqiao::faults::Main(argc, argv);
}
