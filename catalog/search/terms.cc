#include "catalog/search/terms.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/text.h"
#include "catalog/search/initials.h"
#include "catalog/search/text.h"

namespace zhanqiao::search {
namespace {

constexpr size_t kCodeMax = 64;  // longer codes are found by their first 64 characters
constexpr size_t kLongNamePoints = 255;
constexpr std::string_view kOrganizations = "organizations/";

// Without positions and counts: where a word stands decides, not how often (query.h).
void AddTerm(Xapian::Document& document, const std::string& term) {
  document.add_boolean_term(term);
}

void AddText(Xapian::Document& document, std::string_view prefix, std::string_view text) {
  for (const std::string& gram : IndexGrams(text)) AddTerm(document, Term(prefix, gram));
}

void AddCode(Xapian::Document& document, std::string_view code) {
  const std::string key = CodeKey(code);
  for (size_t length = 2; length <= std::min(key.size(), kCodeMax); ++length) {
    AddTerm(document, Term(kCode, std::string_view(key).substr(0, length)));
  }
}

uint8_t BaseDatabaseOf(const v1::Resource& resource) {
  const auto found =
      std::find(std::begin(kBaseDatabases), std::end(kBaseDatabases), resource.base_database());
  return found == std::end(kBaseDatabases) ? uint8_t{0}
                                           : static_cast<uint8_t>(found - std::begin(kBaseDatabases));
}

std::string_view ProviderCode(const v1::Resource& resource) {
  std::string_view code = resource.provider();
  if (code.substr(0, kOrganizations.size()) == kOrganizations) code.remove_prefix(kOrganizations.size());
  return code;
}

FacetValues FacetValuesOf(const v1::Resource& resource) {
  FacetValues values;
  const std::string& code = resource.resource_code();
  for (size_t i = 0; i < std::min(code.size(), sizeof values.item); ++i) values.item[i] = code[i];
  values.share_type = static_cast<uint8_t>(resource.share_type());
  values.open_type = static_cast<uint8_t>(resource.open_type());
  values.update_cycle = static_cast<uint8_t>(resource.update_cycle());
  values.format_category = static_cast<uint8_t>(resource.format_category());
  values.base_database = BaseDatabaseOf(resource);
  values.state = static_cast<uint8_t>(resource.state());
  values.provider = ProviderCode(resource);
  return values;
}

void AddFilters(Xapian::Document& document, const v1::Resource& resource) {
  const FacetValues values = FacetValuesOf(resource);
  AddTerm(document, Term(kProvider, values.provider));
  AddTerm(document, Term(kClass, std::string_view(values.item, 1)));
  AddTerm(document, Term(kClass, std::string_view(values.item, 3)));
  AddTerm(document, Term(kShareType, values.share_type));
  AddTerm(document, Term(kOpenType, values.open_type));
  AddTerm(document, Term(kUpdateCycle, values.update_cycle));
  AddTerm(document, Term(kFormatCategory, values.format_category));
  AddTerm(document, Term(kState, values.state));
  if (values.base_database > 0) AddTerm(document, Term(kBaseDatabase, values.base_database));
  document.add_value(kFacetSlot, Pack(values));
}

// A date so that newer ones come first and none comes last.
std::string NewestFirst(std::string_view date) {
  if (date.empty()) return "~";
  std::string inverted(date);
  for (char& c : inverted) {
    if (c >= '0' && c <= '9') c = static_cast<char>('9' - c + '0');
  }
  return inverted;
}

void AddOrders(Xapian::Document& document, const v1::Resource& resource) {
  const std::string& name = resource.name();
  const std::string released = NewestFirst(resource.release_date());
  const size_t points = std::min(Fold(resource.display_name()).points.size(), kLongNamePoints);
  document.add_value(kOrderSlot,
                     absl::StrCat(std::string(1, static_cast<char>(points)), released, " ", name));
  document.add_value(kNameSlot, absl::StrCat(Initials(resource.display_name()).front(), " ",
                                             resource.display_name(), " ", name));
  document.add_value(kReleaseSlot, absl::StrCat(released, " ", name));
  const std::string updated =
      resource.data_update_date().empty() ? released : NewestFirst(resource.data_update_date());
  document.add_value(kUpdateSlot, absl::StrCat(updated, " ", name));
}

}  // namespace

std::string Pack(const FacetValues& values) {
  std::string packed(values.item, sizeof values.item);
  for (const uint8_t number : {values.share_type, values.open_type, values.update_cycle,
                               values.format_category, values.base_database, values.state}) {
    packed += static_cast<char>(number);
  }
  return packed.append(values.provider);
}

FacetValues Unpack(std::string_view packed) {
  FacetValues values;
  constexpr size_t kFixed = 9;
  if (packed.size() < kFixed) return values;
  std::copy_n(packed.begin(), sizeof values.item, values.item);
  const auto number = [&](size_t at) { return static_cast<uint8_t>(packed[at]); };
  values.share_type = number(3);
  values.open_type = number(4);
  values.update_cycle = number(5);
  values.format_category = number(6);
  values.base_database = number(7);
  values.state = number(8);
  values.provider = packed.substr(kFixed);
  return values;
}

std::string Term(std::string_view prefix, std::string_view text) {
  return absl::StrCat(Absl(prefix), Absl(text));
}
std::string Term(std::string_view prefix, int number) {
  return absl::StrCat(Absl(prefix), number);
}
std::string NameTerm(std::string_view resource) {
  return Term(kResource, resource);
}

std::string WholeNameTerm(std::string_view display_name) {
  const std::u32string points = Fold(display_name).points;
  std::string letters;
  for (const Piece& piece : PiecesOf(points)) {
    letters += ToUtf8(std::u32string_view(points).substr(piece.begin, piece.end - piece.begin));
  }
  return Term(kWholeName, Bytes(Sha256(letters)).substr(0, 16));
}

Xapian::Document DocumentOf(const v1::Resource& resource) {
  Xapian::Document document;
  document.set_data(resource.name());
  AddTerm(document, NameTerm(resource.name()));
  AddTerm(document, WholeNameTerm(resource.display_name()));
  AddText(document, kInName, resource.display_name());
  AddText(document, kInAbstract, resource.abstract());
  std::string fields =
      absl::StrCat(resource.legacy_code(), "\n");  // may hold words besides letters and digits
  for (const v1::Field& field : resource.fields())
    absl::StrAppend(&fields, field.display_name(), "\n", field.field(), "\n");
  AddText(document, kInFields, fields);
  AddCode(document, resource.resource_code());
  AddCode(document, resource.legacy_code());
  AddFilters(document, resource);
  AddOrders(document, resource);
  return document;
}

}  // namespace zhanqiao::search
