// Building blocks of element rules: each adds to a list of violations what is wrong with one element.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/error.h"

namespace zhanqiao::catalog {

// Collects the violations of one document.
class Violations {
 public:
  void Add(std::string_view field, std::string_view reason, std::string_view description);
  // Adds unless `holds`.
  void Require(bool holds, std::string_view field, std::string_view reason, std::string_view description);

  enum class Presence { kRequired, kOptional };
  // Text in valid UTF-8 without control characters, at most `points_max` code points, not only blanks. Line breaks
  // only where `lines`.
  void Text(std::string_view field, std::string_view text, Presence presence, size_t points_max, bool lines = false);

  std::vector<Violation> Take() { return std::move(found_); }

 private:
  std::vector<Violation> found_;
};

// "Give one of …." for enumerations: the value names of a protobuf enumeration without UNSPECIFIED.
template <typename Descriptor>
std::string OneOf(const Descriptor* descriptor) {
  std::string text = "Required; give one of ";
  for (int i = 1; i < descriptor->value_count(); ++i) {
    if (i > 1) text += ", ";
    text += descriptor->value(i)->name();
  }
  return text + ".";
}

}  // namespace zhanqiao::catalog
