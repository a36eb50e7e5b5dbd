#include "catalog/model/findings.h"

#include <map>

#include "catalog/model/test_catalog.h"

namespace zhanqiao::catalog {
namespace {

constexpr char kGaj[] = "organizations/370200-GAJ";

class FindingsTest : public CatalogServiceTest {
 protected:
  // An entry of `provider` with items of these names.
  v1::Resource Entry(const std::string& code, const std::string& name, const std::string& provider,
                     std::initializer_list<const char*> items) {
    v1::Resource resource = Draft();
    resource.set_resource_code(code);
    resource.set_display_name(name);
    resource.set_provider(provider);
    resource.clear_fields();
    int at = 0;
    for (const char* item : items) {
      v1::Field* field = resource.add_fields();
      field->set_field(absl::StrCat("f", at++));
      field->set_display_name(item);
      field->set_data_type(v1::DATA_TYPE_CHARACTER);
      field->set_length(10);
    }
    return resource;
  }
  // "name reason field" of every finding asked for, those of short codes and missing credit codes aside.
  std::vector<std::string> Listed(const v1::ListFindingsRequest& request, const Caller& caller) {
    const auto answer = service_.ListFindings(caller, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    const v1::ListFindingsResponse listed = answer.value_or(v1::ListFindingsResponse());
    std::vector<std::string> texts;
    for (const auto& one : listed.findings()) {
      if (one.finding().reason() == "CREDIT_CODE_MISSING" || one.finding().reason() == "CODE_LENGTH_UNUSUAL") continue;
      texts.push_back(absl::StrCat(one.display_name(), " ", one.finding().reason(), " ", one.finding().field()));
    }
    return texts;
  }
  std::vector<std::string> All() { return Listed({}, office_); }
  using Texts = std::vector<std::string>;
};

TEST_F(FindingsTest, ADuplicateNameIsFoundOnBothAndGoesWithItsCause) {
  ASSERT_TRUE(Create(Entry("308001/000001", "企业（法人）名录", kFgw, {"甲"}), office_).ok());
  ASSERT_TRUE(Create(Entry("308001/000002", "企业法人 名录", kGaj, {"乙"}), office_).ok());
  EXPECT_EQ(All(), (Texts{"企业（法人）名录 DUPLICATE_NAME_LIKE display_name", "企业法人 名录 DUPLICATE_NAME_LIKE display_name"}));
  v1::Resource renamed = *catalog_.FindResource("resources/308001~000002");
  renamed.set_display_name("企业法人登记册");
  ASSERT_TRUE(Update(renamed, office_).ok());
  EXPECT_EQ(All(), Texts{});
}

TEST_F(FindingsTest, AnItemOfTwoProvidersUnderOneBaseDatabaseOrThemeIsFoundOnBoth) {
  v1::Resource first = Entry("308001/000001", "居住证信息", kGaj, {"户籍 地址", "照片"});
  first.set_base_database("自然人");
  v1::Resource second = Entry("308001/000002", "婚姻登记信息", kFgw, {"户籍地址"});
  second.set_base_database("自然人");
  ASSERT_TRUE(Create(first, office_).ok());
  EXPECT_EQ(All(), Texts{});
  ASSERT_TRUE(Create(second, office_).ok());
  EXPECT_EQ(All(), (Texts{"居住证信息 SECOND_PROVIDER fields[0].display_name",
                          "婚姻登记信息 SECOND_PROVIDER fields[0].display_name"}));
  EXPECT_EQ(catalog_.OtherProviderOf("自然人", "户籍地址", kFgw)->resource, "resources/308001~000001");
}

TEST_F(FindingsTest, KeysOtherScopesAndTheSameProviderAreNoSecondSource) {
  v1::Resource first = Entry("203001/000001", "参保信息", kGaj, {"参保状态", "证件号码"});
  first.mutable_fields(1)->set_key(true);
  v1::Resource same_body = Entry("203001/000002", "缴费信息", kGaj, {"参保状态"});
  v1::Resource key = Entry("203001/000003", "待遇信息", kFgw, {"证件号码"});
  key.mutable_fields(0)->set_key(true);
  const v1::Resource theme = Entry("204001/000001", "监管信息", kFgw, {"参保状态"});
  const v1::Resource department = Entry("308001/000001", "部门信息", kFgw, {"参保状态"});
  for (const v1::Resource& resource : {first, same_body, key, theme, department}) {
    ASSERT_TRUE(Create(resource, office_).ok());
  }
  EXPECT_EQ(All(), Texts{});
  ASSERT_TRUE(Create(Entry("203001/000004", "就业信息", kFgw, {"参保状态"}), office_).ok());
  EXPECT_EQ(All().size(), 3u);  // both of the one body, and the other's
}

TEST_F(FindingsTest, UnknownAndWithdrawnRelatedCodesAreFound) {
  v1::Resource resource = Entry("308001/000001", "甲", kFgw, {"子"});
  resource.add_related_codes("308001/000002");
  ASSERT_TRUE(Create(resource, office_).ok());
  const Texts unknown = {"甲 RELATED_CODE_UNKNOWN related_codes[0]"};
  EXPECT_EQ(All(), unknown);
  const v1::Resource related = Published(Entry("308001/000002", "乙", kFgw, {"丑"}), approver_);
  EXPECT_EQ(All(), Texts{});
  ASSERT_TRUE(Withdraw(related.name(), approver_, "职能调整").ok());
  EXPECT_EQ(All(), unknown);
}

TEST_F(FindingsTest, AnOverdueEntryIsFoundAsOfADate) {
  v1::Resource resource = Entry("308001/000001", "月度统计", kFgw, {"数值"});
  resource.set_update_cycle(v1::UPDATE_CYCLE_MONTHLY);
  Published(resource, approver_);  // on 2018-03-01
  v1::ListFindingsRequest request;
  request.set_reason("UPDATE_OVERDUE");
  EXPECT_EQ(Listed(request, office_), Texts{});
  request.set_as_of("2018-04-02");
  EXPECT_EQ(Listed(request, office_), Texts{"月度统计 UPDATE_OVERDUE data_update_date"});
  clock_.Advance(absl::Hours(24 * 40));
  request.clear_as_of();
  EXPECT_EQ(Listed(request, office_).size(), 1u);
  v1::ReportDataUpdateRequest report;
  report.set_name("resources/308001~000001");
  ASSERT_TRUE(service_.ReportDataUpdate(clerk_, report).ok());
  EXPECT_EQ(Listed(request, office_), Texts{});
  request.set_as_of("2018-02-30");
  EXPECT_EQ(ReasonOf(service_.ListFindings(office_, request).status()), "DATE_INVALID");
}

TEST_F(FindingsTest, TheCreditCodeIsMissingOnlyWhileNobodyHasIt) {
  const v1::Resource created = Create(Draft(), clerk_).value();
  EXPECT_EQ(created.findings(0).reason(), "CREDIT_CODE_MISSING");
  v1::UpdateOrganizationRequest update;
  *update.mutable_organization() = *catalog_.FindOrganization(kFgw);
  update.mutable_organization()->set_unified_credit_code("9137130016829134XT");
  ASSERT_TRUE(service_.UpdateOrganization(office_, update).ok());
  v1::GetResourceRequest get;
  get.set_name(kEntry);
  const auto shown = service_.GetResource(clerk_, get);
  EXPECT_EQ(shown->findings_size(), 0);
  EXPECT_EQ(shown->provider_code(), "9137130016829134XT");
}

TEST_F(FindingsTest, EverybodySeesThoseOfTheirOwnBodyOfficeAndAuditorAll) {
  ASSERT_TRUE(Create(Entry("308001/000001", "名录", kFgw, {"甲"}), office_).ok());
  ASSERT_TRUE(Create(Entry("308001/000002", "名 录", kGaj, {"乙"}), office_).ok());
  EXPECT_EQ(Listed({}, clerk_), Texts{"名录 DUPLICATE_NAME_LIKE display_name"});
  EXPECT_EQ(Listed({}, PersonOf("organizations/370200", "auditor")).size(), 2u);
  v1::ListFindingsRequest others;
  others.set_organization(kGaj);
  EXPECT_EQ(ReasonOf(service_.ListFindings(clerk_, others).status()), "ROLE_REQUIRED");
  EXPECT_EQ(Listed(others, office_), Texts{"名 录 DUPLICATE_NAME_LIKE display_name"});
}

TEST_F(FindingsTest, PagesComeEachFindingOnceWhateverTheirSize) {
  for (int i = 1; i <= 7; ++i) {
    v1::Resource resource = Entry(absl::StrCat("308001/00000", i), absl::StrCat("甲", i), kFgw, {"子"});
    resource.add_related_codes("308009/000001");
    resource.add_related_codes("308009/000002");
    ASSERT_TRUE(Create(resource, office_).ok());
  }
  const auto whole = service_.ListFindings(office_, {});
  ASSERT_EQ(whole->findings_size(), 28);  // length, credit code and two related codes each
  for (int size = 1; size <= 29; ++size) {
    v1::ListFindingsRequest request;
    request.set_page_size(size);
    v1::ListFindingsResponse all;
    do {
      const auto page = service_.ListFindings(office_, request);
      ASSERT_TRUE(page.ok()) << page.status();
      ASSERT_LE(page->findings_size(), size);
      all.mutable_findings()->MergeFrom(page->findings());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(documents::Canonical(all), documents::Canonical(*whole)) << size;
  }
}

TEST_F(FindingsTest, NothingOfThemIsStored) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  EXPECT_EQ(documents_.Get(kEntry)->As<v1::Resource>()->findings_size(), 0);
}

TEST_F(FindingsTest, CoverageAtAPastPositionIsThatOfThen) {
  Published(Entry("101001/000001", "人口基本信息", kGaj, {"姓名"}), office_);
  const uint64_t before = sequencer_.size() - 1;
  Published(Entry("101001/000002", "户籍信息", kGaj, {"户别"}), office_);
  v1::GetBaseDatabaseCoverageRequest request;
  const auto now = service_.GetBaseDatabaseCoverage(clerk_, request);
  ASSERT_TRUE(now.ok()) << now.status();
  ASSERT_EQ(now->coverages_size(), 6);
  EXPECT_EQ(now->coverages(0).entries_published(), 2);
  EXPECT_EQ(now->as_of(), "2018-03-01");
  request.mutable_read_at()->set_known_at(before);
  EXPECT_EQ(service_.GetBaseDatabaseCoverage(clerk_, request)->coverages(0).entries_published(), 1);
}

}  // namespace
}  // namespace zhanqiao::catalog
