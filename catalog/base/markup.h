// Text for XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace zhanqiao {

// `text` with & < > " ' escaped, and without the control characters XML does not have: safe between tags and in quotes.
std::string Escaped(std::string_view text);

}  // namespace zhanqiao
