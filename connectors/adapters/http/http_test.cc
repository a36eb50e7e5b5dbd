#include "connectors/adapters/http/http.h"

#include <boost/json.hpp>

#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "connectors/adapters/adapter_contract.h"
#include "connectors/adapters/http/fake_api.h"

namespace zhanqiao::connectors {
namespace {

Mapping MappingOf(const v1::Resource& entry, const std::vector<std::string>& key, const std::string& paging) {
  Mapping mapping;
  for (const auto& field : entry.fields()) mapping.fields[field.field()].column = field.field();
  mapping.key = key;
  HttpMapping& http = mapping.http.emplace();
  http.path = "/rows";
  http.rows = "/data/items";
  http.paging = paging;
  http.page_parameter = paging;
  http.size_parameter = paging == "none" ? "" : "size";
  http.next = "/data/next";
  http.page_rows = 7;
  http.parameters["permit"] = "id";
  return mapping;
}

std::string JsonOf(const v1::Row& row, const v1::Resource& entry) {
  boost::json::object object;
  for (int i = 0; i < row.values_size(); ++i) {
    const v1::Value& value = row.values(i);
    boost::json::value& member = object[entry.fields(i).field()];
    if (value.has_text()) member = value.text();
    if (value.has_integer()) member = value.integer();
    if (value.has_real()) member = value.real();
    if (value.has_logical()) member = value.logical();
    if (value.has_binary()) member = ToBase64(value.binary());
  }
  return boost::json::serialize(object);
}

class ApiSource final : public ContractSource {
 public:
  explicit ApiSource(const std::string& paging) : paging_(paging) {}
  std::unique_ptr<Adapter> Serve(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                                 const std::vector<std::string>& key) override {
    std::vector<std::string> texts;
    for (const auto& row : rows) texts.push_back(JsonOf(row, entry));
    api_.SetRows(texts);
    entry_ = entry;
    key_ = key;
    return Again();
  }
  std::unique_ptr<Adapter> Again() override {
    return MakeHttpAdapter(*OpenHttpSource({.url = api_.url()}), MappingOf(entry_, key_, paging_), entry_);
  }
  bool Stop() override {
    api_.Stop();
    return true;
  }
  void Start() override { api_.Start(); }

 private:
  const std::string paging_;
  FakeApi api_;
  v1::Resource entry_;
  std::vector<std::string> key_;
};

std::unique_ptr<ContractSource> MakeWhole() {
  return std::make_unique<ApiSource>("none");
}
std::unique_ptr<ContractSource> MakePages() {
  return std::make_unique<ApiSource>("page");
}
std::unique_ptr<ContractSource> MakeOffsets() {
  return std::make_unique<ApiSource>("offset");
}
std::unique_ptr<ContractSource> MakeCursors() {
  return std::make_unique<ApiSource>("cursor");
}

INSTANTIATE_TEST_SUITE_P(Http, AdapterContract,
                         testing::Values(&MakeWhole, &MakePages, &MakeOffsets, &MakeCursors));

class HttpTest : public testing::Test {
 protected:
  HttpTest() {
    api_.SetRows({R"({"permit":"A-1","who":{"level":"1"},"floors":6,"issued":"20170102"})",
                  R"({"permit":"A-2","who":{"level":"2"},"floors":null,"issued":"20170304"})"});
  }
  absl::Status Answer(const v1::ConnectorQuery& query) {
    if (adapter_ == nullptr) {
      Mapping mapping = MappingOf(ContractEntry(), {}, "page");
      mapping.fields["level"].column = "/who/level";
      mapping.fields["level"].values = {{"1", "市"}, {"2", "区"}};
      mapping.fields["issued"].format = "YYYYMMDD";
      mapping.http->parameters = {{"permit", "id"}, {"level", "kind"}};
      adapter_ = MakeHttpAdapter(*OpenHttpSource(options_), mapping, ContractEntry());
    }
    reply_.Clear();
    return adapter_->Answer(query, reply_);
  }

  FakeApi api_;
  HttpOptions options_{.url = api_.url()};
  std::unique_ptr<Adapter> adapter_;
  v1::ConnectorReply reply_;
};

TEST_F(HttpTest, AsksByParameterAndChecksWhatComes) {
  auto query = AskOf(ContractEntry(), {"permit", "issued"});
  Where(query, "level", "区");  // the service ignores it
  Where(query, "permit", "A-2");
  ASSERT_TRUE(Answer(query).ok());
  ASSERT_EQ(reply_.records().rows_size(), 1);
  EXPECT_EQ(reply_.records().rows(0).values(1).text(), "2017-03-04");
  ASSERT_EQ(api_.asked().size(), 1u);
  EXPECT_EQ(api_.asked()[0], "/rows?kind=2&id=A-2&size=7&page=1");
}

TEST_F(HttpTest, ValuesCannotLeaveTheirParameter) {
  auto query = AskOf(ContractEntry(), {"permit"});
  Where(query, "permit", "a&b=c#/../");
  ASSERT_TRUE(Answer(query).ok());
  EXPECT_EQ(api_.asked()[0], "/rows?id=a%26b%3Dc%23%2F..%2F&size=7&page=1");
}

TEST_F(HttpTest, GetsATokenAndAnotherWhenItIsNotTakenAnyMore) {
  api_.WantTokens(2);
  options_.token_url = api_.url() + "/token";
  options_.client_id = "id";
  options_.client_secret = "s&cret";
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Answer(AskOf(ContractEntry(), {"permit"})).ok());
  EXPECT_EQ(api_.tokens(), 2);
}

TEST_F(HttpTest, WhatTheServiceAnswersIsToldApart) {
  const auto query = AskOf(ContractEntry(), {"permit"});
  api_.SetStatus(503);
  EXPECT_EQ(ReasonOf(Answer(query)), "SOURCE_UNAVAILABLE");
  api_.SetStatus(429);
  EXPECT_EQ(ReasonOf(Answer(query)), "SOURCE_UNAVAILABLE");
  api_.SetStatus(404);
  EXPECT_EQ(FactOf(Answer(query), "state"), "404");
  api_.SetStatus(0);
  EXPECT_TRUE(Answer(query).ok());
  api_.SetRows({"not json"});
  EXPECT_EQ(ReasonOf(Answer(query)), "SOURCE_REFUSED");
}

TEST_F(HttpTest, AServiceThatDoesNotAnswerIsGivenUpInTime) {
  api_.SetStatus(-1);
  auto query = AskOf(ContractEntry(), {"permit"});
  query.set_timeout_ms(100);
  EXPECT_EQ(Answer(query).code(), absl::StatusCode::kDeadlineExceeded);
  api_.SetStatus(0);
  query.set_timeout_ms(20'000);
  EXPECT_TRUE(Answer(query).ok());
}

TEST(Http, AddressesAreReadStrictly) {
  EXPECT_EQ(ParseUrl("https://api.example/base")->port, "443");
  EXPECT_EQ(ParseUrl("http://api.example:8080")->host, "api.example");
  for (const char* bad : {"", "api.example", "ftp://x", "http://", "http://:80"})
    EXPECT_FALSE(ParseUrl(bad).ok()) << bad;
}

}  // namespace
}  // namespace zhanqiao::connectors
