#include "hub/edge/wire.h"

#include <zlib.h>

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "nghttp2/nghttp2.h"

namespace zhanqiao::edge {

std::optional<absl::Duration> ParseTimeout(std::string_view text) {
  if (text.size() < 2 || text.size() > 9) return std::nullopt;
  int64_t value = 0;
  for (char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  switch (text.back()) {
    case 'H':
      return absl::Hours(value);
    case 'M':
      return absl::Minutes(value);
    case 'S':
      return absl::Seconds(value);
    case 'm':
      return absl::Milliseconds(value);
    case 'u':
      return absl::Microseconds(value);
    case 'n':
      return absl::Nanoseconds(value);
    default:
      return std::nullopt;
  }
}

std::string PercentEncode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && byte != '%') {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  return out;
}

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string PercentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::optional<std::string> DecodeBinary(std::string_view text) {
  std::string out;
  if (absl::Base64Unescape(Absl(text), &out)) return out;
  if (absl::WebSafeBase64Unescape(Absl(text), &out)) return out;
  return std::nullopt;
}

std::string EncodeBinary(std::string_view bytes) {
  std::string out;
  absl::Base64Escape(Absl(bytes), &out);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

ContentKind ClassifyContent(std::string_view content_type) {
  static constexpr std::string_view kPrefix = "application/grpc";
  if (!absl::StartsWithIgnoreCase(Absl(content_type), Absl(kPrefix))) return ContentKind::kOther;
  const std::string_view rest = content_type.substr(kPrefix.size());
  if (rest.empty() || rest.front() == '+' || rest.front() == ';') return ContentKind::kGrpc;
  return rest.front() == '-' ? ContentKind::kGrpcWeb : ContentKind::kOther;
}

Encoding ParseEncoding(std::string_view name) {
  if (name.empty() || name == "identity") return Encoding::kIdentity;
  if (name == "gzip") return Encoding::kGzip;
  if (name == "deflate") return Encoding::kDeflate;
  return Encoding::kUnknown;
}

bool AddReceived(std::string_view name, std::string_view value, Metadata& metadata) {
  if (!name.ends_with("-bin")) {
    metadata.emplace_back(name, value);
    return true;
  }
  for (absl::string_view part : absl::StrSplit(Absl(value), ',')) {
    std::optional<std::string> bytes = DecodeBinary(Std(absl::StripAsciiWhitespace(part)));
    if (!bytes) return false;
    metadata.emplace_back(name, *std::move(bytes));
  }
  return true;
}

bool IsReserved(std::string_view name) {
  if (name.empty() || name.front() == ':') return true;
  if (name.starts_with("grpc-")) {
    return name == "grpc-timeout" || name == "grpc-encoding" || name == "grpc-accept-encoding" ||
           name == "grpc-status" || name == "grpc-message" || name == "grpc-status-details-bin" ||
           name == "grpc-internal-encoding-request" || name == "grpc-previous-rpc-attempts" ||
           name == "grpc-retry-pushback-ms";
  }
  return name == "te" || name == "content-type" || name == "host" || name == "connection" ||
         name == "transfer-encoding" || name == "keep-alive" || name == "upgrade" ||
         name == "content-length" || name == "proxy-connection";
}

bool MaySend(std::string_view name) {
  if (IsReserved(name)) return false;
  for (char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')) return false;
  }
  return true;
}

std::optional<std::string> ValueToSend(std::string_view name, std::string_view value) {
  if (name.ends_with("-bin")) return EncodeBinary(value);
  for (char c : value) {
    if (c < 0x20 || c > 0x7e) return std::nullopt;
  }
  return std::string(value);
}

absl::Status Inflate(Encoding encoding, std::string_view body, size_t bytes_max, std::string& out) {
  out.clear();
  z_stream stream = {};
  const int window_bits = encoding == Encoding::kGzip ? 15 + 16 : 15;
  if (inflateInit2(&stream, window_bits) != Z_OK) {
    return Fail(absl::StatusCode::kInternal, "DECOMPRESSION_FAILED",
                "The message cannot be decompressed now; retry.");
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::array<char, 16384> piece;
  int result = Z_OK;
  while (result == Z_OK && out.size() <= bytes_max) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (result == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) break;  // truncated
  }
  inflateEnd(&stream);
  if (out.size() > bytes_max) {
    out.clear();
    return Fail(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                "Received message larger than max after decompression; split it, or use a streaming method.",
                {{"bytes_max", std::to_string(bytes_max)}});
  }
  if (result != Z_STREAM_END || stream.avail_in != 0) {
    return Fail(absl::StatusCode::kInternal, "COMPRESSION_INVALID",
                "The message is not in the encoding that grpc-encoding names; send it uncompressed or fix "
                "the sender.");
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::edge
