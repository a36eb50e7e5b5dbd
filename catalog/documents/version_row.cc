#include "catalog/documents/version_row.h"

#include "absl/strings/str_cat.h"
#include "catalog/storage/store.h"

namespace zhanqiao::documents {
namespace {

using storage::BigEndian;
using storage::FromBigEndian;

constexpr char kRowFormat = 1;
constexpr char kDeletedFlag = 1;

void AppendFour(std::string& out, uint32_t number) { out += BigEndian(number).substr(4); }

void AppendText(std::string& out, std::string_view text) {
  AppendFour(out, static_cast<uint32_t>(text.size()));
  out += text;
}

// Takes fields off the front of a row; `ok` turns false at the first that is cut short.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  std::string_view Take(size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  uint64_t Number(size_t size) { return FromBigEndian(Take(size)); }
  std::string Text() {
    const auto size = static_cast<size_t>(Number(4));
    return std::string(Take(size));
  }
  std::string Rest() { return std::string(Take(rest_.size())); }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

absl::Status BadRow() {
  return Fail(absl::StatusCode::kInternal, "DOCUMENT_ROW", "A stored version of a document cannot be read.");
}

}  // namespace

std::string HeadKey(std::string_view name) { return absl::StrCat("h", Absl(name)); }
std::string TombstoneKey(std::string_view name) { return absl::StrCat("t", Absl(name)); }
std::string VersionsPrefix(std::string_view name) {
  std::string prefix = absl::StrCat("v", Absl(name));
  prefix.push_back('\0');
  return prefix;
}
std::string VersionKey(std::string_view name, uint64_t revision) {
  return VersionsPrefix(name) + BigEndian(revision);
}
std::string FeedKey(uint64_t known_at, uint32_t ordinal) {
  std::string key = BigEndian(known_at);
  AppendFour(key, ordinal);
  return key;
}

std::string EtagOf(uint64_t revision) { return absl::StrCat("r", revision); }

std::optional<std::string_view> NameIn(std::string_view version_key) {
  if (version_key.size() < 11 || version_key.front() != 'v') return std::nullopt;
  if (version_key[version_key.size() - 9] != '\0') return std::nullopt;
  return version_key.substr(1, version_key.size() - 10);
}

std::string EncodeVersion(const Version& version) {
  std::string row;
  row.reserve(40 + version.type.size() + version.actor.size() + version.reason.size() + version.document.size());
  row.push_back(kRowFormat);
  row.push_back(version.deleted ? kDeletedFlag : '\0');
  row += BigEndian(version.known_at);
  row += BigEndian(static_cast<uint64_t>(absl::ToUnixMicros(version.change_time)));
  AppendFour(row, static_cast<uint32_t>(version.effective - absl::CivilDay(1970, 1, 1)));
  AppendText(row, version.type);
  AppendText(row, version.actor);
  AppendText(row, version.reason);
  row += version.document;
  return row;
}

absl::StatusOr<Version> DecodeVersion(std::string_view key, std::string_view row) {
  const std::optional<std::string_view> name = NameIn(key);
  Cursor cursor(row);
  const std::string_view format = cursor.Take(1);
  const std::string_view flags = cursor.Take(1);
  if (!name || !cursor.ok() || format[0] != kRowFormat || (flags[0] & ~kDeletedFlag) != 0) return BadRow();
  Version version;
  version.name = std::string(*name);
  version.revision = FromBigEndian(key.substr(key.size() - 8));
  version.deleted = flags[0] == kDeletedFlag;
  version.known_at = cursor.Number(8);
  version.change_time = absl::FromUnixMicros(static_cast<int64_t>(cursor.Number(8)));
  version.effective = absl::CivilDay(1970, 1, 1) + static_cast<int32_t>(cursor.Number(4));
  version.type = cursor.Text();
  version.actor = cursor.Text();
  version.reason = cursor.Text();
  version.document = cursor.Rest();
  if (!cursor.ok()) return BadRow();
  return version;
}

}  // namespace zhanqiao::documents
