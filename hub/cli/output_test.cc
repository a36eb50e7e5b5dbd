#include "hub/cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::cli {
namespace {

std::string Json(const google::protobuf::Message& message) {
  std::ostringstream out;
  PrintJson(message, out);
  return out.str();
}

TEST(PrintJson, TheListsOfAnAnswerAreThereEvenWhenEmpty) {
  v1::ListGrantsResponse answer;
  EXPECT_EQ(Json(answer), "{\n \"grants\": []\n}\n");
  answer.set_next_page_token("next");
  EXPECT_EQ(Json(answer), "{\n \"grants\": [],\n \"nextPageToken\": \"next\"\n}\n");
  answer.add_grants()->set_name("grants/1");
  EXPECT_EQ(Json(answer), "{\n \"grants\": [\n  {\n   \"name\": \"grants/1\"\n  }\n ],\n \"nextPageToken\": \"next\"\n}\n");
}

TEST(PrintJson, ADocumentSaysOnlyWhatItHas) { EXPECT_EQ(Json(v1::Grant()), "{}\n"); }

}  // namespace
}  // namespace zhanqiao::cli
