#include "robiq/core/text/markup.h"

#include <gtest/gtest.h>

#include <string>

namespace robiq {
namespace markup_test {

TEST(MarkupText, HasNoMarkup) {
  EXPECT_EQ(markup_text("a<b> & 'c' \"d\""), "a&lt;b&gt; &amp; &#39;c&#39; &quot;d&quot;");
  EXPECT_EQ(markup_text(""), "");
}

TEST(MarkupText, ShowsWhatSvgMustNotHold) {
  EXPECT_EQ(markup_text("a\x01\nb\x1b[31m"), "a\\x01\\nb\\x1b[31m");
  EXPECT_EQ(markup_text("\xff\xc3\xa9"), "\\xff\xc3\xa9");
}

}  // namespace markup_test
}  // namespace robiq
