// Writes a real log of SIZE entries in DIRECTORY/store, its export in DIRECTORY/export, and the key in
// DIRECTORY/vkey. Usage: outside_export DIRECTORY SIZE
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/numbers.h"
#include "catalog/base/log.h"
#include "hub/ledger/verify.h"
#include "tests/faults/ledger_hub.h"

namespace zhanqiao::faults {
namespace {

absl::Status Write(const std::filesystem::path& directory, uint64_t size) {
  LedgerHub hub(directory);
  TRY(hub.started);
  if (hub.GrowTo(size) == nullptr) return absl::UnavailableError("the log cannot be grown");
  TRY(ledger::ExportLog(*hub.store, directory / "export"));
  std::ofstream(directory / "vkey") << ledger::VerifierKeyOf(*hub.signer).ToText() << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  uint64_t size = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[2], &size)) return 2;
  SetLogLevel(LogLevel::kError);
  std::filesystem::create_directories(argv[1]);
  const absl::Status written = Write(argv[1], size);
  if (written.ok()) return 0;
  std::fprintf(stderr, "outside_export: %s\n", std::string(written.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace zhanqiao::faults

int main(int argc, char** argv) {
  return zhanqiao::faults::Main(argc, argv);
}
