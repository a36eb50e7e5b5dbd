#include "hub/cli/grant_text.h"

#include <gtest/gtest.h>

#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

TEST(GrantText, AFieldIsToldWithOrWithoutItsMask) {
  EXPECT_EQ(FieldOf("name").value().mask(), v1::MASK_UNSPECIFIED);
  EXPECT_EQ(FieldOf("name:all").value().mask(), v1::MASK_ALL);
  EXPECT_EQ(FieldOf("id_number:ID_NUMBER").value().field(), "id_number");
  EXPECT_EQ(ReasonOf(FieldOf("name:none").status()), "MASK_UNKNOWN");
}

TEST(GrantText, AConditionIsFieldEqualsValue) {
  const auto condition = ConditionOf("district=市南区=x").value();
  EXPECT_EQ(condition.field(), "district");
  EXPECT_EQ(condition.value().text(), "市南区=x");
  EXPECT_EQ(ReasonOf(ConditionOf("=x").status()), "CONDITION_FORM");
  EXPECT_EQ(ReasonOf(ConditionOf("district").status()), "CONDITION_FORM");
}

TEST(GrantText, AnAttachmentIsWhatAFileIsAndNotWhatItSays) {
  const storage::TemporaryDirectory directory;
  const std::string path = (directory.path() / "函.PDF").string();
  ASSERT_TRUE(WriteFile(path, "abc").ok());
  const auto attachment = AttachmentOf(path).value();
  EXPECT_EQ(attachment.name(), "函.PDF");
  EXPECT_EQ(attachment.media_type(), "application/pdf");
  EXPECT_EQ(attachment.size_bytes(), 3);
  EXPECT_EQ(ToHex(attachment.sha256()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ReasonOf(AttachmentOf(path + "x").status()), "FILE_NOT_READABLE");
}

TEST(GrantText, AnswersAreATableWhoseWrongCellIsNamed) {
  const auto answers = AnswersOf("question,value,mitigation\nscope-minimal,partly,删减\nduty-own,met,\n").value();
  ASSERT_EQ(answers.size(), 2);
  EXPECT_EQ(answers[0].value(), v1::RISK_ANSWER_VALUE_PARTLY);
  EXPECT_EQ(answers[0].mitigation(), "删减");
  const absl::Status wrong = AnswersOf("question,value,mitigation\nscope-minimal,maybe,\n").status();
  EXPECT_EQ(ReasonOf(wrong), "ANSWERS_INVALID");
  EXPECT_EQ(FactOf(wrong, "row") + FactOf(wrong, "column"), "2value");
}

}  // namespace
}  // namespace zhanqiao::cli
