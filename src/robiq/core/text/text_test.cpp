#include "robiq/core/text/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace robiq {
namespace text_test {

using testing::ElementsAre;

TEST(Text, JoinPutsTheSeparatorBetween) {
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({"a", "", "c"}, ", "), "a, , c");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
}

TEST(Text, TrimTakesWhiteSpaceFromBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, NearestOfFindsSlipsOfTheFingers) {
  const std::vector<std::string> known{"fgsm", "ifgsm", "perceptual", "uap"};
  EXPECT_EQ(nearest_of("fgms", known), "fgsm");
  EXPECT_EQ(nearest_of("perceptal", known), "perceptual");
  EXPECT_EQ(nearest_of("perc", known), "perceptual");  // a beginning
  EXPECT_EQ(nearest_of("wavelet", known), "");
  EXPECT_EQ(nearest_of("x", {}), "");
}

TEST(Text, ParseNumberTakesTheWholeText) {
  double value = 0;
  EXPECT_TRUE(parse_number("-1.5e-3", value));
  EXPECT_DOUBLE_EQ(value, -1.5e-3);
  for (const char* text : {"", " 1", "1 ", "1x", "0x10", "1,5", "e5", "1e999", "--1"}) {
    EXPECT_FALSE(parse_number(text, value)) << text;
  }
}

TEST(Text, ParseIntegerTakesTheWholeText) {
  std::int64_t value = 0;
  EXPECT_TRUE(parse_integer("-9223372036854775808", value));
  EXPECT_EQ(value, std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"", "1.0", "9223372036854775808", "1 ", "+"}) {
    EXPECT_FALSE(parse_integer(text, value)) << text;
  }
}

TEST(Text, NumberTextReadsBackTheSame) {
  for (const double value : {0.1, 1.0 / 3, 1e-300, -12345678.9, 1e21, 0.0, 5e-324}) {
    double back = 1;
    ASSERT_TRUE(parse_number(number_text(value), back)) << number_text(value);
    EXPECT_EQ(back, value);
  }
  EXPECT_EQ(number_text(0.005), "0.005");
  EXPECT_EQ(number_text(3), "3");
  EXPECT_EQ(number_text(std::nan("")), "nan");
  EXPECT_EQ(number_text(INFINITY), "inf");
  EXPECT_EQ(number_text(-INFINITY), "-inf");
}

TEST(Text, DurationsAreWrittenForPeople) {
  EXPECT_EQ(duration_text(3.21), "3.2 s");
  EXPECT_EQ(duration_text(59.94), "59.9 s");
  EXPECT_EQ(duration_text(59.97), "1 min 00 s");
  EXPECT_EQ(duration_text(245), "4 min 05 s");
  EXPECT_EQ(duration_text(3599.7), "1 h 00 min");
  EXPECT_EQ(duration_text(7384), "2 h 03 min");
}

TEST(Text, BytesAreWrittenForPeople) {
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(3.4 * 1024 * 1024), "3.4 MiB");
  EXPECT_EQ(bytes_text(1024.0 * 1024 * 1024 * 1024 * 4096), "4096.0 TiB");
}

TEST(Text, TableSetsNumbersRightAndWordsLeft) {
  EXPECT_EQ(table_text({"name", "srocc"}, {{"cnniqa", "0.95"}, {"x", "-"}, {"y", "-0.123"}}),
            "name     srocc\n"
            "--------------\n"
            "cnniqa    0.95\n"
            "x            -\n"
            "y       -0.123\n");
}

TEST(Text, TableCountsLettersNotBytes) {
  EXPECT_EQ(table_text({"a", "b"}, {{"é", "x"}, {"ab", "y"}}), "a   b\n-----\né   x\nab  y\n");
}

TEST(Text, TableWithoutRowsIsItsHeader) {
  EXPECT_EQ(table_text({"a", "bc"}, {}), "a  bc\n-----\n");
}

}  // namespace text_test
}  // namespace robiq
