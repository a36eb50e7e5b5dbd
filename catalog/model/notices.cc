#include "catalog/model/notices.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"

namespace zhanqiao::catalog {
namespace {

constexpr size_t kFactBytesMax = 500;

// At most `kFactBytesMax` bytes of whole characters.
std::string Cut(const std::string& text) {
  if (text.size() <= kFactBytesMax) return text;
  size_t end = kFactBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

documents::Change NoticeTo(std::string_view organization, const NewNotice& notice, absl::Time now, Random& random) {
  v1::Notice made;
  made.set_name(absl::StrCat(Absl(organization), "/", Absl(kNotices), "/", NewId(now, random)));
  made.set_kind(std::string(notice.kind));
  made.set_subject(std::string(notice.subject));
  for (const auto& [name, text] : notice.facts) (*made.mutable_facts())[name] = Cut(text);
  *made.mutable_create_time() = ToTimestamp(now);
  documents::Change change;
  change.name = made.name();
  change.type = made.GetDescriptor()->full_name();
  change.document = documents::Canonical(made);
  change.expected_revision = 0;
  return change;
}

bool IsNoticeName(std::string_view name) { return IsMemberName(name, kNotices); }

}  // namespace zhanqiao::catalog
