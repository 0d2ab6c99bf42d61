#include <gtest/gtest.h>

#include "robiq/report/render/render.h"

namespace robiq {
namespace markdown_text_test {

TEST(MarkdownText, HtmlIsText) {
  EXPECT_EQ(markdown_text("<img src=x onerror=alert(1)>"), "&lt;img src=x onerror=alert(1)&gt;");
  EXPECT_EQ(markdown_text("&lt;b&#62; R&D & more"), "&amp;lt;b&amp;#62; R&amp;D & more");
  EXPECT_EQ(markdown_text("<!-- </script>"), "&lt;!-- &lt;/script&gt;");
}

TEST(MarkdownText, MarkupIsText) {
  EXPECT_EQ(markdown_text("[a](javascript:b) ![c](d)"), "[a\\](javascript:b) ![c\\](d)");
  EXPECT_EQ(markdown_text("**a** `b` ~~c~~ $d$ e|f \\g"),
            "\\*\\*a\\*\\* \\`b\\` \\~\\~c\\~\\~ \\$d\\$ e\\|f \\\\g");
  EXPECT_EQ(markdown_text("[a]: b [a][b] [0,50) [c]"), "[a\\]: b [a\\][b] [0,50) [c]");
  EXPECT_EQ(markdown_text("_a_ mos_before"), "\\_a\\_ mos_before");
  EXPECT_EQ(markdown_text("# a"), "\\# a");
  EXPECT_EQ(markdown_text("- a"), "\\- a");
  EXPECT_EQ(markdown_text("+NT"), "+NT");
}

TEST(MarkdownText, ControlCharactersAreShown) {
  EXPECT_EQ(markdown_text("a\nb\r\nc"), "a b  c");
  EXPECT_EQ(markdown_text("a\x1b[31m"), "a\\\\x1b[31m");
  EXPECT_EQ(markdown_text("\xFF"), "\\\\xff");
}

}  // namespace markdown_text_test
}  // namespace robiq
