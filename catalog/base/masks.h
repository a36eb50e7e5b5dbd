// Masks: how a released value is made less revealing. A value that has not the form its mask is for becomes
// stars alone, whatever it is: a mask never passes on what it does not understand.
#pragma once

#include <string>
#include <string_view>

#include "zhanqiao/v1/record.pb.h"

namespace zhanqiao {

// Of persons (masks.cc).
// 18 characters, GB 11643: 1****************X, to display 110101********002X. Anything else: ****.
std::string MaskIdNumber(std::string_view text);
std::string MaskIdNumberForDisplay(std::string_view text);
// The surname and a star for each further character: 张*, 欧阳**. One character: *. With ·: the first character
// of the first part, then **. Anything but 2 to 30 code points of Chinese: ****.
std::string MaskName(std::string_view text);
// The same with the last character of a given name of two or more: 张*三. With ·, or a given name of one: as MaskName.
std::string MaskNameForDisplay(std::string_view text);
// A real date YYYY-MM-DD: its year, to display year and month. Anything else: ****.
std::string MaskBirthDate(std::string_view text);
std::string MaskBirthDateForDisplay(std::string_view text);
// One letter and 8 digits or two letters and 7: E******78. Anything else: ****.
std::string MaskPassport(std::string_view text);

// Of how persons are reached and pay (contact_masks.cc).
// 138****1234. Anything else: ****.
std::string MaskMobile(std::string_view text);
// 区号 0xx or 0xxx, 7 or 8 digits, perhaps an extension: 0532-****. Anything else: ****.
std::string MaskLandline(std::string_view text);
// One @, a local part of ordinary characters, a domain with a dot: z***@example.cn. Anything else: ****.
std::string MaskEmail(std::string_view text);
// 16 to 19 digits that Luhn's check agrees with: ************1234, to display 6 + 4. Anything else: ****.
std::string MaskBankCard(std::string_view text);
std::string MaskBankCardForDisplay(std::string_view text);
// A province's character, a letter and 5 or 6 characters: 鲁B****5. Anything else: ****.
std::string MaskPlate(std::string_view text);
// Up to the county level, 山东省青岛市市南区****; to display up to the street or township. Of what is not understood
// further, the part before: 山东省青岛市****; of what is not understood at all: ****. What is kept has neither digits nor
// letters in it.
std::string MaskAddress(std::string_view text);
std::string MaskAddressForDisplay(std::string_view text);

// What stands for `value` under `key` (of one grant): 32 hexadecimal digits, equal for equal values. No key: ****.
std::string Pseudonym(const v1::Value& value, std::string_view key);

// Masks `value` in place. An absent value stays absent; a value that is not text becomes the text ****, but for
// pseudonyms, which are made of any. `pseudonym_key`: of the grant; without one pseudonyms are ****.
void Apply(v1::Mask mask, v1::Value& value, std::string_view pseudonym_key = {});

// The form that shows less of the same kind of value; itself, for masks that have no display form.
v1::Mask DefaultForm(v1::Mask mask);

}  // namespace zhanqiao
