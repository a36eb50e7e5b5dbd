#include "catalog/search/search_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "catalog/search/search_fixture.h"

namespace zhanqiao::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kPermit[] = "308001370200/000001";
constexpr char kMarriage[] = "308002370200/000007";
constexpr char kCompany[] = "102001/000001";

// "[居住]证" for segments of which the first matches.
template <typename Segments>
std::string Marked(const Segments& segments) {
  std::string text;
  for (const v1::TextSegment& segment : segments)
    text += segment.match() ? "[" + segment.text() + "]" : segment.text();
  return text;
}

class SearchTest : public testing::Test {
 protected:
  SearchTest() {
    v1::Resource permit =
        Entry(kPermit, "居住证登记信息", "流动人口申领居住证的登记情况", {"姓名", "居民身份证号"});
    permit.set_base_database("自然人");
    permit.set_release_date("2018-03-01");
    permit.set_legacy_code("BA6006/000218");
    city_.Put(permit);
    v1::Resource marriage = Entry(kMarriage, "婚姻登记信息", "结婚、离婚登记", {"男方姓名", "女方姓名"});
    marriage.set_provider("organizations/370200-MZJ");
    marriage.set_share_type(v1::SHARE_TYPE_UNCONDITIONAL);
    marriage.set_release_date("2018-05-01");
    marriage.set_data_update_date("2018-06-01");
    city_.Put(marriage);
    v1::Resource company = Entry(kCompany, "企业基本信息", "含企业名称、住所", {"credit_code"});
    company.set_base_database("法人");
    city_.Put(company);
  }
  std::vector<std::string> Found(std::string_view text) { return city_.Found(text); }
  std::string Refusal(const std::string& text) {
    v1::SearchResourcesRequest request;
    request.set_text(text);
    return ReasonOf(city_.Ask(request).status());
  }

  SearchCity city_;
};

TEST_F(SearchTest, OneCharacterAndTwoCharactersFind) {
  EXPECT_THAT(Found("婚"), ElementsAre(kMarriage));
  EXPECT_THAT(Found("居住"), ElementsAre(kPermit));
  EXPECT_THAT(Found("登记"), UnorderedElementsAre(kPermit, kMarriage));
  EXPECT_THAT(Found("企业基本信息"), ElementsAre(kCompany));
}

TEST_F(SearchTest, EveryWordMustBeFoundButAnywhere) {
  EXPECT_THAT(Found("登记 姓名"), UnorderedElementsAre(kPermit, kMarriage));
  EXPECT_THAT(Found("登记 身份证"), ElementsAre(kPermit));
  EXPECT_THAT(Found("credit"), ElementsAre(kCompany));
}

TEST_F(SearchTest, WidthAndCaseDoNotMatter) {
  EXPECT_THAT(Found("ＣＲＥＤＩＴ＿code"), ElementsAre(kCompany));
  EXPECT_THAT(Found("居住证　登记"), ElementsAre(kPermit));
}

TEST_F(SearchTest, CodesAndLegacyCodesAreFoundByTheirBeginning) {
  EXPECT_THAT(Found("308001"), ElementsAre(kPermit));
  EXPECT_THAT(Found("308001370200/0000"), ElementsAre(kPermit));
  EXPECT_THAT(Found("308001370200~000001"), ElementsAre(kPermit));
  EXPECT_THAT(Found("ba6006/0002"), ElementsAre(kPermit));
  EXPECT_THAT(Found("1020"), ElementsAre(kCompany));
}

TEST_F(SearchTest, ProvidersAreFoundByNameShortNameInitialsAndCode) {
  for (const char* text : {"民政局", "青岛市民政局", "qdsmzj", "mzj", "SMZJ", "370200-MZJ", "370200-mz"}) {
    EXPECT_THAT(Found(text), ElementsAre(kMarriage)) << text;
  }
  city_.Body("370200-MZJ", "青岛市社会事务局", "市社会事务局");
  EXPECT_THAT(Found("社会事务"), ElementsAre(kMarriage));
}

TEST_F(SearchTest, NameBeatsAbstractAndAbstractBeatsItems) {
  const char* words[] = {"渔船", "渔船许可", "渔"};
  city_.Put(Entry("307003/1", "港口统计", "港口", {"渔船许可数", "渔船许可总吨", "渔船许可功率"}));
  city_.Put(Entry("307003/2", "港口年报", "渔船许可、渔船许可证、渔船许可记录；渔船许可", {"渔船许可数"}));
  city_.Put(Entry("307003/3", "渔船许可证照的一个相当长的名称，比别的都长得多"));
  for (const char* word : words) {
    EXPECT_THAT(Found(word), ElementsAre("307003/3", "307003/2", "307003/1")) << word;
  }
}

TEST_F(SearchTest, TheWholeNameComesFirstAndShortNamesBeforeLongOnes) {
  city_.Put(Entry("307003/1", "婚姻登记信息统计"));
  city_.Put(Entry("307003/2", "婚姻"));
  EXPECT_THAT(Found("婚姻"), ElementsAre("307003/2", kMarriage, "307003/1"));
  city_.Put(Entry("307003/3", "婚姻登记"));
  EXPECT_THAT(Found("婚姻 登记信息"), ElementsAre(kMarriage, "307003/1"));
  EXPECT_EQ(Found("婚姻登记").front(), "307003/3");
}

TEST_F(SearchTest, WithoutAnEntryThatHasAllWordsThoseWithSomeAreGivenAndSaidSo) {
  const v1::SearchResourcesResponse response = city_.Search("居住证办理进度");
  EXPECT_TRUE(response.relaxed());
  EXPECT_THAT(SearchCity::Codes(response), ElementsAre(kPermit));
  EXPECT_FALSE(city_.Search("居住证").relaxed());
  EXPECT_EQ(city_.Search("魑魅").total_size(), 0);
}

TEST_F(SearchTest, MatchesAreMarkedInNameAbstractAndItems) {
  const v1::SearchHit hit = city_.Search("居住").hits(0);
  EXPECT_EQ(Marked(hit.display_name()), "[居住]证登记信息");
  EXPECT_EQ(Marked(hit.abstract()), "流动人口申领[居住]证的登记情况");
  EXPECT_EQ(hit.fields_size(), 0);
  EXPECT_EQ(Marked(city_.Search("身份证").hits(0).fields(0).segments()), "居民[身份证]号");
  EXPECT_EQ(hit.provider_display_name(), "市公安局");
}

TEST_F(SearchTest, ALongAbstractIsCutAroundItsFirstMatch) {
  std::string abstract;
  for (int i = 0; i < 60; ++i) abstract += "甲乙";
  city_.Put(Entry("307003/1", "长文", abstract + "海域使用" + abstract + "海域"));
  const std::string shown = Marked(city_.Search("海域").hits(0).abstract());
  EXPECT_EQ(shown.find("…甲乙甲乙甲乙甲乙甲乙甲乙[海域]使用"), 0U) << shown;
  EXPECT_NE(shown.rfind("…"), 0U);
}

TEST_F(SearchTest, FiltersNarrowAndTheirValuesAreAlternatives) {
  v1::SearchResourcesRequest request;
  request.mutable_filter()->add_share_types(v1::SHARE_TYPE_UNCONDITIONAL);
  EXPECT_THAT(SearchCity::Codes(*city_.Ask(request)), ElementsAre(kMarriage));
  request.Clear();
  request.mutable_filter()->add_base_databases("法人");
  request.mutable_filter()->add_base_databases("自然人");
  EXPECT_THAT(SearchCity::Codes(*city_.Ask(request)), UnorderedElementsAre(kPermit, kCompany));
  request.mutable_filter()->add_classes("1");
  EXPECT_THAT(SearchCity::Codes(*city_.Ask(request)), ElementsAre(kCompany));
  request.Clear();
  request.mutable_filter()->add_items("308");
  request.mutable_filter()->add_providers("organizations/370200-MZJ");
  EXPECT_THAT(SearchCity::Codes(*city_.Ask(request)), ElementsAre(kMarriage));
}

TEST_F(SearchTest, FilterValuesThatDoNotExistAreRefusedNotIgnored) {
  v1::SearchResourcesRequest request;
  request.mutable_filter()->add_base_databases("国库");
  EXPECT_EQ(ReasonOf(city_.Ask(request).status()), "FILTER_VALUE");
  request.Clear();
  request.mutable_filter()->add_items("3a8");
  EXPECT_EQ(FactOf(city_.Ask(request).status(), "field"), "filter.items");
  request.Clear();
  request.mutable_filter()->add_share_types(static_cast<v1::ShareType>(77));
  EXPECT_EQ(ReasonOf(city_.Ask(request).status()), "FILTER_VALUE");
}

TEST_F(SearchTest, FacetsCountAllHitsWhateverThePage) {
  for (int i = 0; i < 30; ++i) city_.Put(Entry(absl::StrCat("308009/", i), "登记簿"));
  v1::SearchResourcesRequest request;
  request.set_text("登记");
  request.set_facets(true);
  request.set_page_size(3);
  const v1::SearchResourcesResponse response = *city_.Ask(request);
  EXPECT_EQ(response.hits_size(), 3);
  EXPECT_EQ(response.total_size(), 32);
  std::map<std::string, std::string> facets;
  for (const v1::Facet& facet : response.facets()) {
    for (const v1::FacetCount& count : facet.counts()) {
      absl::StrAppend(&facets[facet.element()], count.value(), " ", count.display_name(), " ", count.hits(),
                      "; ");
    }
  }
  EXPECT_EQ(facets["provider"],
            "organizations/370200-GAJ 市公安局 31; organizations/370200-MZJ 市民政局 1; ");
  EXPECT_EQ(facets["class"], "3 部门信息资源 32; ");
  EXPECT_EQ(facets["item"], "308 308 32; ");
  EXPECT_EQ(facets["share_type"],
            "SHARE_TYPE_CONDITIONAL 有条件共享 31; SHARE_TYPE_UNCONDITIONAL 无条件共享 1; ");
  EXPECT_EQ(facets["base_database"], "自然人 自然人 1; ");
  EXPECT_EQ(facets["state"], "RESOURCE_STATE_PUBLISHED 已发布 32; ");
  EXPECT_EQ(response.facets_size(), 9);
}

TEST_F(SearchTest, DraftsAreForTheBodyAndTheOfficeAlone) {
  v1::Resource draft = Entry("308001370200/000009", "出入境证件");
  draft.set_state(v1::RESOURCE_STATE_DRAFT);
  city_.Put(draft);
  v1::SearchResourcesRequest request;
  request.set_text("出入境");
  request.set_facets(true);
  EXPECT_EQ(city_.Ask(request)->total_size(), 0);
  request.mutable_filter()->add_states(v1::RESOURCE_STATE_DRAFT);
  EXPECT_EQ(city_.Ask(request)->total_size(), 0);
  city_.caller.organization = "organizations/370200-GAJ";
  EXPECT_EQ(city_.Ask(request)->total_size(), 1);
  city_.caller.organization = "organizations/370200-DZZWXZB";
  EXPECT_EQ(city_.Ask(request)->total_size(), 0);
  city_.caller.roles = {"office"};
  EXPECT_EQ(city_.Ask(request)->total_size(), 1);
}

TEST_F(SearchTest, WithdrawnEntriesAreFoundOnlyWhenAskedForAndByTheirOwn) {
  v1::Resource gone = Entry(kPermit, "居住证登记信息");
  gone.set_state(v1::RESOURCE_STATE_WITHDRAWN);
  city_.Put(gone);
  EXPECT_THAT(Found("居住"), IsEmpty());
  v1::SearchResourcesRequest request;
  request.set_text("居住");
  request.mutable_filter()->add_states(v1::RESOURCE_STATE_WITHDRAWN);
  EXPECT_EQ(city_.Ask(request)->total_size(), 0);
  city_.caller.organization = "organizations/370200-GAJ";
  EXPECT_EQ(city_.Ask(request)->total_size(), 1);
}

TEST_F(SearchTest, OrdersAreByNameReleaseAndUpdate) {
  v1::SearchResourcesRequest request;
  request.set_order(v1::SEARCH_ORDER_NAME);  // hydjxx, jzzdjxx, qyjbxx
  EXPECT_THAT(SearchCity::Codes(*city_.Ask(request)), ElementsAre(kMarriage, kPermit, kCompany));
  request.set_order(v1::SEARCH_ORDER_RELEASE_DATE);
  EXPECT_THAT(SearchCity::Codes(*city_.Ask(request)), ElementsAre(kMarriage, kPermit, kCompany));
  v1::Resource company = Entry(kCompany, "企业基本信息");
  company.set_data_update_date("2018-07-01");
  city_.Put(company);
  request.set_order(v1::SEARCH_ORDER_UPDATE);
  EXPECT_THAT(SearchCity::Codes(*city_.Ask(request)), ElementsAre(kCompany, kMarriage, kPermit));
}

TEST_F(SearchTest, PagesMissNothingAndRepeatNothingThoughEntriesComeBetween) {
  std::vector<std::string> expected;
  for (int i = 100; i < 150; ++i) {
    expected.push_back(absl::StrCat("308009/", i));
    city_.Put(Entry(expected.back(), "名录"));
  }
  v1::SearchResourcesRequest request;
  request.set_text("名录");
  request.set_page_size(7);
  std::vector<std::string> found;
  for (int page = 0;; ++page) {
    const v1::SearchResourcesResponse response = *city_.Ask(request);
    for (const std::string& code : SearchCity::Codes(response)) found.push_back(code);
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
    city_.Put(Entry(absl::StrCat("308008/", page), "名录"));  // before all that was seen
  }
  EXPECT_EQ(found, expected);
}

TEST_F(SearchTest, TokensOfOtherSearchesAndOtherCallersAreRefused) {
  v1::SearchResourcesRequest request;
  request.set_page_size(1);
  request.set_page_token(city_.Ask(request)->next_page_token());
  ASSERT_TRUE(city_.Ask(request).ok());
  request.set_text("登记");
  EXPECT_EQ(ReasonOf(city_.Ask(request).status()), "PAGE_TOKEN_INVALID");
  request.set_text("");
  city_.caller.roles = {"office"};
  EXPECT_EQ(ReasonOf(city_.Ask(request).status()), "PAGE_TOKEN_INVALID");
  request.set_page_token("zz");
  EXPECT_EQ(ReasonOf(city_.Ask(request).status()), "PAGE_TOKEN_INVALID");
}

TEST_F(SearchTest, HostileTextIsRefusedOrHarmless) {
  EXPECT_EQ(Refusal(std::string(10 << 10, 'x')), "QUERY_TOO_LONG");
  EXPECT_EQ(Refusal(std::string(201, 'x')), "QUERY_TOO_LONG");
  EXPECT_EQ(Refusal("a b c d e f g h i j k l m n o p q"), "QUERY_TOO_LONG");
  EXPECT_EQ(Refusal("居\xFF"), "TEXT_INVALID");
  EXPECT_EQ(Refusal(std::string("a\0b", 3)), "TEXT_INVALID");
  EXPECT_EQ(Refusal("*?\"()"), "QUERY_WORDLESS");
  for (const char* text : {"居住 OR 婚姻", "NOT 居住", "居住*", "\"居住证\"", "title:居住", "XT1",
                           "居住 NEAR/3 证", "'; DROP--"}) {
    EXPECT_TRUE(city_
                    .Ask([&] {
                      v1::SearchResourcesRequest r;
                      r.set_text(text);
                      return r;
                    }())
                    .ok())
        << text;
  }
  EXPECT_THAT(Found("居住*"), ElementsAre(kPermit));
  EXPECT_EQ(city_.Search("XT2").total_size(), 0);
  EXPECT_EQ(city_.Search("QRESOURCES").total_size(), 0);
}

TEST_F(SearchTest, SuggestionsAreNamesOfBodiesAndEntries) {
  v1::SuggestTermsRequest request;
  request.set_text("婚");
  ASSERT_EQ(city_.Ask({})->total_size(), 3);
  auto suggested = city_.service->SuggestTerms(city_.caller, request);
  ASSERT_EQ(suggested->suggestions_size(), 1);
  EXPECT_EQ(suggested->suggestions(0).text(), "婚姻登记信息");
  request.set_text("mzj");
  suggested = city_.service->SuggestTerms(city_.caller, request);
  ASSERT_EQ(suggested->suggestions_size(), 1);
  EXPECT_EQ(suggested->suggestions(0).name(), "organizations/370200-MZJ");
  EXPECT_EQ(city_.service->SuggestTerms(city_.caller, {})->suggestions_size(), 0);
}

}  // namespace
}  // namespace zhanqiao::search
