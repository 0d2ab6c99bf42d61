#include "robiq/core/text/enum_words.h"

#include <gtest/gtest.h>

namespace robiq {
namespace enum_words_test {

enum class Colour { kRed, kDarkGreen };
constexpr std::array<std::string_view, 2> words_of(Colour /*type*/) {
  return {"red", "dark green"};
}

enum class Silent { kOne };

static_assert(Worded<Colour>);
static_assert(!Worded<Silent>);
static_assert(!Worded<int>);

TEST(EnumWords, LeadThereAndBack) {
  EXPECT_EQ(word_of(Colour::kRed), "red");
  EXPECT_EQ(word_of(Colour::kDarkGreen), "dark green");
  EXPECT_EQ(with_word<Colour>("dark green"), Colour::kDarkGreen);
}

TEST(EnumWords, OtherWordsHaveNoValue) {
  EXPECT_EQ(with_word<Colour>("Red"), std::nullopt);
  EXPECT_EQ(with_word<Colour>(""), std::nullopt);
}

}  // namespace enum_words_test
}  // namespace robiq
