#include "hub/exchange/diagnostics/trace.h"

#include <gtest/gtest.h>

namespace zhanqiao::exchange {
namespace {

v1::StoredEntry Release() {
  v1::StoredEntry stored;
  stored.set_index(7);
  auto& entry = *stored.mutable_decoded();
  entry.set_trace("4bf92f3577b34da6a3ce929d0e0e4736");
  auto& exchange = *entry.mutable_exchange();
  exchange.set_consumer("organizations/370200-ZWFWB/systems/approval");
  exchange.set_grant("grants/01h");
  exchange.set_connector("organizations/370200-FGW/connectors/a");
  exchange.set_provider("organizations/370200-FGW");
  exchange.add_fields("permit");
  exchange.add_masks(v1::MASK_UNSPECIFIED);
  exchange.add_fields("holder");
  exchange.add_masks(v1::MASK_NAME);
  exchange.set_queue_us(100);
  exchange.set_connector_us(1000);
  exchange.set_source_us(700);
  exchange.set_check_us(20);
  return stored;
}

const v1::LinkTime& At(const v1::ExchangeTrace& trace, v1::Link link) {
  for (const auto& one : trace.links()) {
    if (one.link() == link) return one;
  }
  static const v1::LinkTime none;
  return none;
}

TEST(Trace, ShowsEveryLinkInOrderWithItsTime) {
  LinkTimes times;
  times.Note(7, absl::Microseconds(300));
  const auto trace = TraceOf(Release(), times);
  ASSERT_EQ(trace.links_size(), 9);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(trace.links(i).link(), i + 1);
  EXPECT_EQ(At(trace, v1::LINK_QUEUE).duration_us(), 100);
  EXPECT_EQ(At(trace, v1::LINK_CONNECTOR).duration_us(), 300) << "without its source";
  EXPECT_EQ(At(trace, v1::LINK_SOURCE).duration_us(), 700);
  EXPECT_EQ(At(trace, v1::LINK_SOURCE).end_us(), 1100);
  EXPECT_EQ(At(trace, v1::LINK_MASK).who(), "holder");
  EXPECT_EQ(At(trace, v1::LINK_LEDGER).duration_us(), 300);
  EXPECT_EQ(At(trace, v1::LINK_RELEASE).end_us(), 1420);
  EXPECT_EQ(trace.total_us(), 1420u);
  EXPECT_FALSE(At(trace, v1::LINK_EDGE).has_duration_us()) << "what is not measured is not shown as nothing";
}

TEST(Trace, OfAnOldEntryTheTimeOfWritingIsAbsent) {
  LinkTimes times;
  times.Note(7 + 16384, absl::Microseconds(300));
  const auto trace = TraceOf(Release(), times);
  EXPECT_FALSE(At(trace, v1::LINK_LEDGER).has_duration_us());
  EXPECT_FALSE(At(trace, v1::LINK_RELEASE).has_end_us());
  EXPECT_EQ(trace.total_us(), 1120u);
}

TEST(Trace, ASourceThatClaimsMoreThanTheWholeIsCut) {
  v1::StoredEntry stored = Release();
  stored.mutable_decoded()->mutable_exchange()->set_source_us(5000);
  const auto trace = TraceOf(stored, LinkTimes());
  EXPECT_EQ(At(trace, v1::LINK_SOURCE).duration_us(), 1000);
  EXPECT_EQ(At(trace, v1::LINK_CONNECTOR).duration_us(), 0);
}

TEST(Trace, ARefusalNamesTheLinkThatRefused) {
  v1::StoredEntry stored;
  stored.set_index(3);
  auto& denial = *stored.mutable_decoded()->mutable_denial();
  denial.set_link("source");
  denial.set_reason("SOURCE_SLOW");
  denial.set_consumer("organizations/370200-ZWFWB/systems/approval");
  denial.set_grant("grants/01h");
  denial.set_resource("resources/308001370200~000001");
  const auto trace = TraceOf(stored, LinkTimes());
  EXPECT_FALSE(trace.released());
  EXPECT_EQ(trace.refused_by(), v1::LINK_SOURCE);
  EXPECT_EQ(trace.reason(), "SOURCE_SLOW");
  EXPECT_EQ(At(trace, v1::LINK_SOURCE).who(), "resources/308001370200~000001");
  EXPECT_EQ(At(trace, v1::LINK_RELEASE).who(), "") << "nothing was released";
}

TEST(LinkTimes, AreThoseOfTheirOwnEntryOnly) {
  LinkTimes times;
  EXPECT_FALSE(times.Ledger(0).has_value());
  times.Note(0, absl::Microseconds(5));
  times.Note(16384, absl::Microseconds(9));
  EXPECT_FALSE(times.Ledger(0).has_value()) << "its place is another's now";
  EXPECT_EQ(times.Ledger(16384), absl::Microseconds(9));
  times.Note(5, absl::Hours(1));
  EXPECT_EQ(times.Ledger(5), absl::Microseconds((1 << 26) - 1));
}

}  // namespace
}  // namespace zhanqiao::exchange
