#include "catalog/sheets/encoding.h"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::sheets {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

absl::Status WrongEncoding(std::string_view text, size_t at) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size()));
  return Fail(absl::StatusCode::kInvalidArgument, "TEXT_ENCODING",
              "The text is neither UTF-8 nor GB 18030; save it as CSV in one of them.",
              {{"line", absl::StrCat(1 + std::count(text.begin(), end, '\n'))}});
}

// Converts all of `text`, or fails at the first byte that has no counterpart.
absl::StatusOr<std::string> Convert(std::string_view text, const char* from, const char* to) {
  const iconv_t converter = iconv_open(to, from);
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    return Fail(absl::StatusCode::kInternal, "ENCODING_MISSING",
                "This system's C library does not know the encoding; install its locale data.", {{"encoding", from}});
  }
  std::string out;
  out.resize(text.size() + text.size() / 2 + 64);
  char* in = const_cast<char*>(text.data());  // iconv does not write to it
  size_t in_left = text.size();
  size_t used = 0;
  absl::Status status;
  while (true) {
    char* place = out.data() + used;
    size_t out_left = out.size() - used;
    const size_t result = iconv(converter, in_left > 0 ? &in : nullptr, &in_left, &place, &out_left);
    used = static_cast<size_t>(place - out.data());
    if (result != static_cast<size_t>(-1)) {
      if (in_left == 0) break;
      continue;
    }
    if (errno != E2BIG) {
      status = WrongEncoding(text, text.size() - in_left);
      break;
    }
    out.resize(out.size() + out.size() / 2 + 64);
  }
  iconv_close(converter);
  if (!status.ok()) return status;
  out.resize(used);
  return out;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - at <= static_cast<size_t>(more)) return false;
    uint32_t point = lead & (0x3Fu >> more);
    for (int i = 1; i <= more; ++i) {
      const auto next = static_cast<unsigned char>(text[at + static_cast<size_t>(i)]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3Fu);
    }
    if ((more == 2 && (point < 0x800 || (point >= 0xD800 && point <= 0xDFFF))) ||
        (more == 3 && (point < 0x10000 || point > 0x10FFFF))) {
      return false;
    }
    at += static_cast<size_t>(more) + 1;
  }
  return true;
}

absl::StatusOr<std::string> ToUtf8(std::string_view text, v1::SheetEncoding encoding) {
  if (text.starts_with("\xFF\xFE")) return Convert(text.substr(2), "UTF-16LE", "UTF-8");
  if (text.starts_with("\xFE\xFF")) return Convert(text.substr(2), "UTF-16BE", "UTF-8");
  const bool marked = text.starts_with(kMark);
  if (encoding != v1::SHEET_ENCODING_GB18030 || marked) {
    const std::string_view plain = marked ? text.substr(kMark.size()) : text;
    if (IsUtf8(plain)) return std::string(plain);
    if (marked || encoding == v1::SHEET_ENCODING_UTF8) return WrongEncoding(text, 0);
  }
  return Convert(text, "GB18030", "UTF-8");
}

absl::StatusOr<std::string> FromUtf8(std::string_view text, v1::SheetEncoding encoding) {
  if (encoding == v1::SHEET_ENCODING_GB18030) return Convert(text, "UTF-8", "GB18030");
  return absl::StrCat(Absl(kMark), Absl(text));
}

}  // namespace zhanqiao::sheets
