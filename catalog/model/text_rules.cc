#include "catalog/model/text_rules.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao::catalog {

void Violations::Add(std::string_view field, std::string_view reason, std::string_view description) {
  found_.push_back({std::string(field), std::string(reason), std::string(description)});
}

void Violations::Require(bool holds, std::string_view field, std::string_view reason, std::string_view description) {
  if (!holds) Add(field, reason, description);
}

void Violations::Text(std::string_view field, std::string_view text, Presence presence, size_t points_max,
                      bool lines) {
  if (text.empty()) {
    Require(presence == Presence::kOptional, field, "TEXT_REQUIRED",
            absl::StrCat("Required; give text of at most ", points_max, " characters."));
    return;
  }
  const bool clean = IsCleanText(text) && (lines || text.find_first_of("\r\n\t") == std::string_view::npos);
  if (!clean) {
    Add(field, "TEXT_UNCLEAN", lines ? "Holds malformed UTF-8 or control characters; remove them."
                                     : "Holds malformed UTF-8, a line break or control characters; give one line.");
  } else if (NormalizeCode(text).empty()) {
    Add(field, "TEXT_REQUIRED", "Holds only blanks; write it out or leave it empty where it is optional.");
  } else if (CodePoints(text) > points_max) {
    Add(field, "TEXT_TOO_LONG",
        absl::StrCat("Has ", CodePoints(text), " characters; shorten it to at most ", points_max, "."));
  }
}

}  // namespace zhanqiao::catalog
