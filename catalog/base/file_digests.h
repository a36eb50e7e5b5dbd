// SHA-256, and SM3 where it is wanted, of bytes that come in pieces.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace zhanqiao {

// Not thread-safe.
class FileDigests {
 public:
  // `sm3`: also the digest of GM/T 0004; empty if this OpenSSL has none.
  explicit FileDigests(bool sm3);
  FileDigests(FileDigests&&) = default;
  FileDigests& operator=(FileDigests&&) = default;
  ~FileDigests();
  void Add(std::string_view bytes);
  // Of what was added so far; more may follow.
  std::string sha256() const;
  std::string sm3() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  using Context = std::unique_ptr<evp_md_ctx_st, Free>;
  static std::string Of(const Context& context);
  Context sha256_;
  Context sm3_;
};

}  // namespace zhanqiao
