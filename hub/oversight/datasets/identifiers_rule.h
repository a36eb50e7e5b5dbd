// Identifiers of persons in text: what the risk gate and the portal's submissions must not let out.
#pragma once

#include <string_view>

namespace zhanqiao::datasets {

// Which kinds count.
struct IdentifierKinds {
  bool contacts = true;  // mobile numbers and mail addresses
};

// True if `text` holds a 居民身份证号 (right check character), a bank card number (Luhn, issuer 4, 5 or 62), a mobile
// number or a mail address, also in full-width digits or with single blanks or hyphens between digits.
bool HoldsIdentifier(std::string_view text, IdentifierKinds kinds = {});

}  // namespace zhanqiao::datasets
