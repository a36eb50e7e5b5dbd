#include "connectors/agent/outbox.h"

#include <gtest/gtest.h>

namespace zhanqiao::connectors {
namespace {

void Reply(Outbox& outbox, size_t bytes = 10) {
  auto batch = outbox.Open();
  batch->AddReply();
  batch->AddBytes(bytes);
  outbox.Put(std::move(batch));
}

void Beat(Outbox& outbox) {
  auto beat = outbox.Fresh();
  beat->message().mutable_heartbeat()->set_sequence(1);
  outbox.Put(std::move(beat));
}

TEST(Outbox, RepliesThatWaitTravelTogetherUpTo64) {
  Outbox outbox;
  for (int i = 0; i < 100; ++i) Reply(outbox);
  EXPECT_EQ(outbox.bytes(), 1000u);
  EXPECT_EQ(outbox.Next()->replies(), 64);
  EXPECT_EQ(outbox.Next()->replies(), 36);
  EXPECT_EQ(outbox.Next(), nullptr);
  EXPECT_EQ(outbox.bytes(), 0u);
}

TEST(Outbox, ABatchIsClosedBeforeItOutgrowsAMessage) {
  Outbox outbox;
  for (int i = 0; i < 3; ++i) Reply(outbox, 700 << 10);
  EXPECT_EQ(outbox.Next()->replies(), 2);
  EXPECT_EQ(outbox.Next()->replies(), 1);
}

TEST(Outbox, ControlMessagesKeepTheirPlace) {
  Outbox outbox;
  Reply(outbox);
  Beat(outbox);
  Reply(outbox);
  EXPECT_EQ(outbox.Next()->replies(), 1);
  EXPECT_TRUE(outbox.Next()->message().has_heartbeat());
  EXPECT_EQ(outbox.Next()->replies(), 1);
}

TEST(Outbox, ARecycledMessageIsEmpty) {
  Outbox outbox;
  Reply(outbox);
  outbox.Recycle(outbox.Next());
  EXPECT_EQ(outbox.Fresh()->replies(), 0);
  EXPECT_EQ(outbox.Open()->bytes(), 0u);
}

}  // namespace
}  // namespace zhanqiao::connectors
