#include "hub/portal/submissions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "hub/portal/test_portal.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

class SubmissionsTest : public ::testing::Test, protected TestPortal {
 protected:
  absl::StatusOr<v1::Submission> Say(const std::string& text, const std::string& address = "192.0.2.7:5000",
                                     v1::SubmissionKind kind = v1::SUBMISSION_KIND_FEEDBACK, const std::string& dataset = "") {
    v1::CreateSubmissionRequest request;
    request.set_kind(kind);
    request.set_title("关于数据");
    request.set_text(text);
    request.set_dataset(dataset);
    Caller nobody;
    nobody.address = address;
    return portal.service().CreateSubmission(nobody, request);
  }
  v1::Submission Moderate(const std::string& name, bool shown, const std::string& organization = "") {
    v1::ModerateSubmissionRequest request;
    request.set_name(name);
    request.set_shown(shown);
    request.set_organization(organization);
    return portal.service().ModerateSubmission(office("a"), request).value();
  }
  absl::StatusOr<v1::Submission> Answer(const Caller& caller, const std::string& name) {
    v1::AnswerSubmissionRequest request;
    request.set_name(name);
    request.set_answer("已更正");
    return portal.service().AnswerSubmission(caller, request);
  }
  v1::Submission Seen(const std::string& name) {
    v1::GetSubmissionRequest request;
    request.set_name(name);
    return portal.service().GetSubmission({}, request).value();
  }
};

TEST_F(SubmissionsTest, NothingIsShownBeforeTheOfficeFoundItFit) {
  const std::string name = Say("很好").value().name();
  EXPECT_EQ(Seen(name).state(), v1::SUBMISSION_STATE_RECEIVED);
  EXPECT_EQ(Seen(name).text(), "");
  EXPECT_TRUE(portal.service().Shown("", 10)->empty());
  Moderate(name, true);
  EXPECT_EQ(Seen(name).text(), "很好");
  EXPECT_EQ(Seen(name).moderator(), "");
  EXPECT_EQ(portal.service().Shown("", 10)->size(), 1u);
  Moderate(name, false);
  EXPECT_TRUE(portal.service().Shown("", 10)->empty());
}

TEST_F(SubmissionsTest, ACorrectionGoesToTheDatasetsBodyWhichAnswers) {
  const std::string dataset = Published().name();
  EXPECT_EQ(ReasonOf(Say("错了", "192.0.2.7:1", v1::SUBMISSION_KIND_CORRECTION).status()), "DATASET_REQUIRED");
  const std::string name = Say("第三行错了", "192.0.2.7:1", v1::SUBMISSION_KIND_CORRECTION, dataset).value().name();
  Moderate(name, true);
  EXPECT_EQ(ReasonOf(Answer(consumer_clerk(), name).status()), "ROLE_REQUIRED");
  ASSERT_TRUE(Answer(clerk(), name).ok());
  EXPECT_EQ(Seen(name).state(), v1::SUBMISSION_STATE_ANSWERED);
  EXPECT_EQ(Seen(name).answer(), "已更正");
  EXPECT_EQ(Seen(name).answerer(), "");
  EXPECT_EQ(ReasonOf(Answer(clerk(), name).status()), "SUBMISSION_STATE");
}

TEST_F(SubmissionsTest, ARequestIsHandedToABody) {
  const std::string name = Say("想要公交到站数据", "192.0.2.7:1", v1::SUBMISSION_KIND_REQUEST).value().name();
  v1::ListSubmissionsRequest list;
  EXPECT_EQ(portal.service().ListSubmissions(clerk(), list)->submissions_size(), 0);
  Moderate(name, true, datasets::kBody);
  EXPECT_EQ(portal.service().ListSubmissions(clerk(), list)->submissions_size(), 1);
  EXPECT_EQ(portal.service().ListSubmissions(office("a"), list)->submissions_size(), 1);
  EXPECT_TRUE(Answer(clerk(), name).ok());
}

TEST_F(SubmissionsTest, PersonalDataAreNotTaken) {
  EXPECT_EQ(ReasonOf(Say("请打 13812345678").status()), "TEXT_HOLDS_PERSONAL_DATA");
  EXPECT_EQ(ReasonOf(Say("a@example.com").status()), "TEXT_HOLDS_PERSONAL_DATA");
}

TEST_F(SubmissionsTest, ANetworkMaySayFiveThingsAnHour) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Say("一", absl::StrCat("192.0.2.7:", 1000 + i)).ok());
  EXPECT_EQ(ReasonOf(Say("一").status()), "SUBMISSIONS_TOO_MANY");
  EXPECT_TRUE(Say("一", "198.51.100.1:1").ok());
  clock.Advance(absl::Hours(1));
  EXPECT_TRUE(Say("一").ok());
}

TEST_F(SubmissionsTest, AllTogetherMaySayTwoHundred) {
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Say("一", absl::StrCat("10.0.0.", i, ":1")).ok());
  EXPECT_EQ(ReasonOf(Say("一", "10.0.1.1:1").status()), "SUBMISSIONS_TOO_MANY");
}

TEST_F(SubmissionsTest, ThePortalsPagesUseJson) {
  Published();
  const auto made = Post("/api/portal/submissions", R"({"kind":"correction","dataset":"370200-gaj_parking","title":"泊位","text":"<b>不对</b>"})");
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string id(json::parse(made.body).at("id").as_string());
  EXPECT_EQ(json::parse(Get("/api/portal/submissions?id=" + id).body).at("state").as_string(), "received");
  Moderate("submissions/" + id, true);
  EXPECT_EQ(json::parse(Get("/api/portal/submissions?dataset=370200-gaj_parking").body).at("submissions").as_array().size(), 1u);
  EXPECT_EQ(Post("/api/portal/submissions", "kind=feedback", "application/x-www-form-urlencoded").status, 400);
  EXPECT_EQ(Post("/api/portal/submissions", R"({"kind":"praise","title":"a","text":"b"})").status, 400);
}

}  // namespace
}  // namespace zhanqiao::portal
