#include "connectors/adapters/reading.h"

#include <gtest/gtest.h>

#include "connectors/adapters/contract_rows.h"

namespace zhanqiao::connectors {
namespace {

// `text` read as a value of `type`; "-" if it is none.
std::string Read(const std::string& text, v1::DataType type, const FieldMapping& how = {}) {
  v1::Field field;
  field.set_data_type(type);
  v1::Value value;
  return ReadText(text, field, how, value) ? PlainText(value) : "-";
}

TEST(ReadText, UnderstandsTimesAsDatabasesWriteThem) {
  const auto time = [](const char* text) { return Read(text, v1::DATA_TYPE_DATETIME); };
  EXPECT_EQ(time("2017-01-02 09:00:00+08"), "2017-01-02T09:00:00+08:00");
  EXPECT_EQ(time("2017-01-02 09:00:00.500-0330"), "2017-01-02T09:00:00.5-03:30");
  EXPECT_EQ(time("2017-01-02T09:00:00Z"), "2017-01-02T09:00:00Z");
  EXPECT_EQ(time("2017-01-02 09:00:00.0"), "2017-01-02T09:00:00+08:00");
  EXPECT_EQ(time("2017-01-02 09:00"), "2017-01-02T09:00:00+08:00");
  EXPECT_EQ(time("2017-01-02"), "2017-01-02T00:00:00+08:00");
  for (const char* bad :
       {"", "infinity", "2017-01-02 ", "2017-01-02 9", "2017-02-30 09:00:00", "0044-03-15 BC"})
    EXPECT_EQ(time(bad), "-") << bad;
}

TEST(ReadText, ADateOfATimeIsItsDay) {
  EXPECT_EQ(Read("2017-01-02 09:00:00", v1::DATA_TYPE_DATE), "2017-01-02");
  EXPECT_EQ(Read("2017-01-02 and more", v1::DATA_TYPE_DATE), "-");
  EXPECT_EQ(Read("2017-1-2", v1::DATA_TYPE_DATE), "-");
}

TEST(ReadText, ReadsFormatsOfText) {
  FieldMapping how;
  how.format = "YYYY年MM月DD日";
  EXPECT_EQ(Read("2017年01月02日", v1::DATA_TYPE_DATE, how), "2017-01-02");
  EXPECT_EQ(Read("2017-01-02", v1::DATA_TYPE_DATE, how), "-");
  how.format = "YYYYMMDDhhmmss";
  EXPECT_EQ(Read("20170102090807", v1::DATA_TYPE_DATETIME, how), "2017-01-02T09:08:07+08:00");
  EXPECT_EQ(WriteFormat("2017-01-02T09:08:07", how.format), "20170102090807");
  EXPECT_FALSE(IsFormat("DDMMYYYY"));
  EXPECT_FALSE(IsFormat("YYYYMM"));
  EXPECT_FALSE(IsFormat("YYYYMMDDmm"));
}

TEST(ReadText, UnderstandsNumbersAsDatabasesWriteThem) {
  EXPECT_EQ(Read(".5", v1::DATA_TYPE_NUMERIC), "0.5");
  EXPECT_EQ(Read("-.50", v1::DATA_TYPE_CURRENCY), "-0.50");
  EXPECT_EQ(Read("1e3", v1::DATA_TYPE_NUMERIC), "-");
  EXPECT_EQ(Read("5.000", v1::DATA_TYPE_INTEGER), "5");
  EXPECT_EQ(Read("5.5", v1::DATA_TYPE_INTEGER), "-");
  EXPECT_EQ(Read("t", v1::DATA_TYPE_LOGICAL), "1");
  EXPECT_EQ(Read("NaN", v1::DATA_TYPE_DOUBLE), "-");
}

TEST(ReadText, TakesValuesFromTheMapOnly) {
  FieldMapping how;
  how.values = {{"1", "市"}, {"2", "区"}};
  EXPECT_EQ(Read("2", v1::DATA_TYPE_CHARACTER, how), "区");
  EXPECT_EQ(Read("3", v1::DATA_TYPE_CHARACTER, how), "-");
}

TEST(LocalTime, IsTheWallClockOfAZone) {
  EXPECT_EQ(LocalTime("2017-01-02T01:00:00Z", "+08:00"), "2017-01-02T09:00:00");
  EXPECT_EQ(LocalTime("2017-01-02T01:00:00.25Z", "-03:30"), "2017-01-01T21:30:00.25");
}

}  // namespace
}  // namespace zhanqiao::connectors
