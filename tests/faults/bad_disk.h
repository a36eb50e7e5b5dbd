// A disk that fails on request: the calls by which files change (write, pwrite, fsync, fdatasync,
// sync_file_range, ftruncate, fallocate, rename) are this program's own, for every library it links, RocksDB
// first of all.
//
// Needs no root, no shim and no mount. Link bad_disk.cc into the test program.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace zhanqiao::faults {

// One for the process. Thread-safe.
class BadDisk {
 public:
  // From now on calls on files below `directory` are counted, and the `nth` (from 1) fails with `error`;
  // `for_good`: and every later one.
  static void Arm(const std::filesystem::path& directory, uint64_t nth, int error, bool for_good = false);
  // The disk is sound again. True if a call failed since Arm.
  static bool Disarm();
  // The first call that failed since Arm, "fdatasync 000012.log"; empty if none did.
  static std::string Failed();
};

}  // namespace zhanqiao::faults
