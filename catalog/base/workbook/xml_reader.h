// XML as a stream of elements, from files nobody vouches for: no document type, no entities, nothing deep or huge.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "catalog/base/workbook/limits.h"

namespace zhanqiao::sheets {

// Attributes of an element; names without their prefix.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
  // The value of `name`, or empty.
  std::string_view Get(std::string_view name) const;
  // The value of the attribute of this name that has a prefix ("r:id"), or empty.
  std::string_view GetPrefixed(std::string_view name) const;

 private:
  const char** pairs_;
};

// What is told of a document. Names come without their prefix. An error ends the reading.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual absl::Status Begin(std::string_view element, const XmlAttributes& attributes) = 0;
  virtual absl::Status Text(std::string_view text) = 0;
  virtual absl::Status End(std::string_view element) = 0;
};

// Fed piece by piece. INVALID_ARGUMENT with one of XML_INVALID (facts: line, problem), XML_DOCTYPE (any DOCTYPE or
// entity declaration), XML_TOO_DEEP, XML_TOKEN_TOO_LONG, or the handler's error; after one it takes nothing more.
class XmlReader {
 public:
  XmlReader(XmlHandler& handler, const SheetLimits& limits);
  ~XmlReader();
  XmlReader(const XmlReader&) = delete;
  XmlReader& operator=(const XmlReader&) = delete;

  absl::Status Feed(std::string_view piece);
  absl::Status Finish();

  struct State;  // internal

 private:
  const std::unique_ptr<State> state_;
};

}  // namespace zhanqiao::sheets
