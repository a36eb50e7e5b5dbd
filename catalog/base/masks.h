// Masks: how a released value is made less revealing. A value that has not the form its mask is for becomes
// stars alone, whatever it is: a mask never passes on what it does not understand.
#pragma once

#include <string>
#include <string_view>

#include "zhanqiao/v1/record.pb.h"

namespace zhanqiao {

// 18 characters, GB 11643: 1****************X. Anything else: ****.
std::string MaskIdNumber(std::string_view text);
// The surname and a star for each further character: 张*, 欧阳**. One character: *. With ·: the first character
// of the first part, then **. Anything but 2 to 30 code points of Chinese: ****.
std::string MaskName(std::string_view text);
// 138****1234. Anything else: ****.
std::string MaskMobile(std::string_view text);

// Masks `value` in place. An absent value stays absent; a value that is not text becomes the text ****.
void Apply(v1::Mask mask, v1::Value& value);

}  // namespace zhanqiao
