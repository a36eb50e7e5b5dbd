// Tar archives of the POSIX ustar form with nothing of the machine in them: equal members give equal bytes.
// `tar -tf` lists them and `tar -xf` unpacks them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zhanqiao::ledger {

// A member's header, name and where its content lies.
struct UstarMember {
  std::string name;
  uint64_t offset = 0;  // of the content in the archive
  uint64_t size = 0;
};

// Builds an archive in memory. Every member is a file of mode 0644, owner 0 and this time.
class UstarWriter {
 public:
  explicit UstarWriter(int64_t time_s) : time_s_(time_s) {}
  // `name`: at most 100 bytes, asserted; `content`: below 8 GiB.
  void Add(std::string_view name, std::string_view content);
  // The archive with its two closing blocks.
  std::string Finish() &&;

 private:
  const int64_t time_s_;
  std::string bytes_;
};

// The members of an archive that UstarWriter wrote, from its first `bytes` to its end.
// DATA_LOSS / ARCHIVE_FORM when it is anything else: a wrong checksum, a kind of member we do not write, a
// cut end.
absl::StatusOr<std::vector<UstarMember>> ListUstar(std::string_view bytes);

}  // namespace zhanqiao::ledger
