#include "catalog/base/ids.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace zhanqiao {
namespace {

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(unsigned char byte) : byte_(byte) {}
  void Fill(void* out, size_t size) override {
    auto* bytes = static_cast<unsigned char*>(out);
    std::fill(bytes, bytes + size, byte_);
  }

 private:
  unsigned char byte_;
};

TEST(NewId, IsAUlidInLowerCase) {
  FixedRandom zeros(0);
  FixedRandom ones(0xFF);
  // The time of the ULID specification's example, 01ARZ3NDEK….
  const absl::Time time = absl::FromUnixMillis(1469922850259);
  EXPECT_EQ(NewId(time, zeros), "01arz3ndek0000000000000000");
  EXPECT_EQ(NewId(time, ones), "01arz3ndekzzzzzzzzzzzzzzzz");
  EXPECT_EQ(NewId(absl::UnixEpoch(), zeros), std::string(26, '0'));
}

TEST(NewId, SortsByTime) {
  SeededRandom random(1);
  std::string before = NewId(absl::FromUnixMillis(1), random);
  for (const int64_t ms : std::initializer_list<int64_t>{2, 31, 32, 1023, 1514505600000, 1514505600001, 281474976710655}) {
    std::string id = NewId(absl::FromUnixMillis(ms), random);
    EXPECT_EQ(id.size(), 26u);
    EXPECT_LT(before, id) << ms;
    before = std::move(id);
  }
}

TEST(NewId, DiffersWithinOneMillisecond) {
  SystemRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewId(absl::UnixEpoch(), random));
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(SeededRandom, RepeatsItselfFromItsSeed) {
  const auto draw = [](uint64_t seed) {
    SeededRandom random(seed);
    std::array<char, 13> bytes{};
    random.Fill(bytes.data(), bytes.size());
    return bytes;
  };
  EXPECT_EQ(draw(7), draw(7));
  EXPECT_NE(draw(7), draw(8));
}

}  // namespace
}  // namespace zhanqiao
