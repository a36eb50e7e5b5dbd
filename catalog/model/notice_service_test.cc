#include "catalog/model/notice_service.h"

#include "catalog/model/notices.h"
#include "catalog/model/test_catalog.h"

namespace zhanqiao::catalog {
namespace {

class NoticeServiceTest : public CatalogServiceTest {
 protected:
  void Tell(const std::string& organization, std::string_view kind, const std::string& fact = "x") {
    documents::Transaction transaction;
    transaction.changes.push_back(NoticeTo(organization, {kind, kEntry, {{"display_name", fact}}}, clock_.Now(), random_));
    transaction.actor = "hub";
    ASSERT_TRUE(documents_.Apply(std::move(transaction)).ok());
    clock_.Advance(absl::Seconds(1));
  }
  absl::StatusOr<v1::ListNoticesResponse> List(const Caller& caller, const std::string& parent, bool unread = false) {
    v1::ListNoticesRequest request;
    request.set_parent(parent);
    request.set_unread_only(unread);
    return notices_.ListNotices(caller, request);
  }
  absl::StatusOr<v1::Notice> Read(const Caller& caller, const std::string& name) {
    v1::MarkNoticeReadRequest request;
    request.set_name(name);
    return notices_.MarkNoticeRead(caller, request);
  }
  NoticeService notices_{documents_, clock_};
};

TEST_F(NoticeServiceTest, AnOrganisationReadsItsNoticesOldestFirst) {
  Tell(kFgw, kNoticeSchemaChanged);
  Tell(kFgw, kNoticeWithdrawn);
  Tell("organizations/370200-GAJ", kNoticeWithdrawn);
  const auto listed = List(clerk_, kFgw);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->notices_size(), 2);
  EXPECT_EQ(listed->notices(0).kind(), kNoticeSchemaChanged);
  EXPECT_EQ(listed->notices(0).subject(), kEntry);
  EXPECT_EQ(listed->notices(0).facts().at("display_name"), "x");
  EXPECT_FALSE(listed->notices(0).has_read_time());
  EXPECT_EQ(List(office_, "organizations/-")->notices_size(), 3);
}

TEST_F(NoticeServiceTest, TheFirstReaderStays) {
  Tell(kFgw, kNoticeWithdrawn);
  const std::string name = List(clerk_, kFgw)->notices(0).name();
  const auto read = Read(clerk_, name);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reader(), clerk_.subject);
  EXPECT_EQ(read->read_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  const uint64_t entries = sequencer_.size();
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Read(office_, name)->reader(), clerk_.subject);
  EXPECT_EQ(sequencer_.size(), entries);
  EXPECT_EQ(List(clerk_, kFgw, /*unread=*/true)->notices_size(), 0);
  EXPECT_EQ(List(clerk_, kFgw)->notices_size(), 1);
}

TEST_F(NoticeServiceTest, OthersSeeNothing) {
  Tell(kFgw, kNoticeWithdrawn);
  const std::string name = List(office_, kFgw)->notices(0).name();
  EXPECT_EQ(ReasonOf(List(stranger_, kFgw).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(List(clerk_, "organizations/-").status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Read(stranger_, name).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(List(clerk_, "FGW").status()), "ORGANIZATION_NAME");
  EXPECT_EQ(ReasonOf(Read(clerk_, "organizations/370200-FGW/notices/").status()), "NOTICE_NAME");
  EXPECT_EQ(ReasonOf(Read(clerk_, "organizations/370200-FGW/notices/none").status()), "DOCUMENT_NOT_FOUND");
}

TEST_F(NoticeServiceTest, LongFactsAreCutBetweenCharacters) {
  std::string text;
  while (text.size() < 1000) text += "长";
  Tell(kFgw, kNoticeWithdrawn, text);
  const std::string fact = List(clerk_, kFgw)->notices(0).facts().at("display_name");
  EXPECT_LT(fact.size(), 510u);
  EXPECT_TRUE(fact.ends_with("长…"));
}

TEST_F(NoticeServiceTest, PagesGoOn) {
  for (int i = 0; i < 5; ++i) Tell(kFgw, kNoticeWithdrawn);
  v1::ListNoticesRequest request;
  request.set_parent(kFgw);
  request.set_page_size(2);
  int seen = 0;
  do {
    const auto page = notices_.ListNotices(clerk_, request);
    ASSERT_TRUE(page.ok()) << page.status();
    seen += page->notices_size();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, 5);
}

}  // namespace
}  // namespace zhanqiao::catalog
