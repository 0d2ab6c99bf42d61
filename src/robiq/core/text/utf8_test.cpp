#include <gtest/gtest.h>

#include <string>

#include "robiq/core/error.h"
#include "robiq/core/text/escape.h"

namespace robiq {
namespace utf8_test {

using namespace std::string_literals;

TEST(Utf8, TakesWhatIsWellFormed) {
  for (const std::string& text :
       {""s, "photo.png"s, "gr\xC3\xBC\xC3\x9F.png"s, "\xE2\x82\xAC"s, "\xF0\x9F\x96\xBC"s,
        "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xF4\x8F\xBF\xBF"s}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(with_bytes_shown(text), text);
  }
}

TEST(Utf8, RefusesWhatIsNot) {
  for (const std::string& text :
       {"p\xFF.png"s, "\xC3"s, "\xC3z"s, "\x80"s, "\xC0\xAF"s, "\xE0\x80\x80"s, "\xED\xA0\x80"s,
        "\xF0\x80\x80\x80"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xE2\x82"s}) {
    EXPECT_FALSE(is_utf8(text)) << with_bytes_shown(text);
    EXPECT_TRUE(is_utf8(with_bytes_shown(text)));
  }
  EXPECT_EQ(with_bytes_shown("p\xFF.png"), "p\\xFF.png");
  EXPECT_EQ(with_bytes_shown("\xC3\xBC\xC3"), "\xC3\xBC\\xC3");
}

TEST(Utf8, LongNamesAreCutWhereTheyAreRefused) {
  try {
    require_utf8_name(std::string(100'000, '\xFF'), "");
    ADD_FAILURE() << "was taken";
  } catch (const Error& error) {
    EXPECT_LT(error.text().what.size(), 400U);
    EXPECT_TRUE(error.text().what.starts_with("the name '\\xff\\xff") ||
                error.text().what.starts_with("the name '\\xFF\\xFF"))
        << error.text().what;
  }
}

}  // namespace utf8_test
}  // namespace robiq
