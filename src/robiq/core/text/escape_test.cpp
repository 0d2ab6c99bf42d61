#include "robiq/core/text/escape.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "robiq/core/text/text.h"

namespace robiq {
namespace escape_test {

TEST(Letters, AreReadAsRfc3629Says) {
  EXPECT_EQ(first_letter("a").code, U'a');
  EXPECT_EQ(first_letter("\u00E9x").bytes, 2U);
  EXPECT_EQ(first_letter("\u4E2D").code, U'\u4E2D');
  EXPECT_EQ(first_letter("\U0001F600").bytes, 4U);
  EXPECT_EQ(first_letter(std::string_view("\0", 1)).bytes, 1U);
  for (const char* const bytes : {"\xFF", "\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80",
                                  "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3("}) {
    EXPECT_EQ(first_letter(bytes).bytes, 0U) << visible_text(bytes);
  }
}

TEST(VisibleText, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(visible_text("\x1b[31mred\x1b[0m"), "\\x1b[31mred\\x1b[0m");
  EXPECT_EQ(visible_text("a\rb\nc\td\x07\x7f"), "a\\rb\\nc\\td\\x07\\x7f");
  EXPECT_EQ(visible_text("\u009B31m"), "\\x9b31m");  // the same as ESC [
  EXPECT_EQ(visible_text("\x9b"
                         "31m"),
            "\\x9b31m");  // a byte that is not UTF-8
  EXPECT_EQ(visible_text("a\u202Egnp.exe\u2028\uFEFF"), "a\\u202egnp.exe\\u2028\\ufeff");
  EXPECT_EQ(visible_text(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(visible_text("a\nb\tc", "\n\t"), "a\nb\tc");
}

TEST(VisibleText, LeavesLettersOfEveryLanguage) {
  const std::string text =
      "Gr\u00FC\u00DFe \u4E2D\u6587 \u05E9\u05DC\u05D5\u05DD \U0001F600 \\ ± λ";
  EXPECT_EQ(visible_text(text), text);
}

TEST(VisibleJson, IsTheSameJson) {
  EXPECT_EQ(visible_json("{\"a\": \"\u009B\u2028\U000E0001 \u00E9\"}\n"),
            "{\"a\": \"\\u009b\\u2028\\udb40\\udc01 \u00E9\"}\n");
}

TEST(CsvCell, IsNoFormula) {
  EXPECT_EQ(csv_cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
  for (const char* const text :
       {"=1", "+NT", "-2+3", "@SUM(A1)", "  =1", "\t=1", "--", "\uFF1D1"}) {
    EXPECT_EQ(csv_cell(text).substr(0, 1), "'") << text;
  }
}

TEST(CsvCell, NumbersAndPlainTextStayAsTheyAre) {
  for (const char* const text :
       {"-1.5", "+3", "-1e-05", "-inf", "nan", "-", "", "a-b", "a=b", "'tis", "'"}) {
    EXPECT_EQ(csv_cell(text), text);
  }
}

TEST(CsvCell, ReadsBackAsItWas) {
  for (const char* const text :
       {"=1", "'=1", "''=1", "+NT", "-1.5", "'-1.5", "-", "'-", " '@x", "@", "'tis -1", "\uFF20"}) {
    EXPECT_EQ(csv_unguarded(csv_cell(text)), text);
  }
}

TEST(MarkupText, HasNoMarkup) {
  EXPECT_EQ(markup_text("a<b> & 'c' \"d\""), "a&lt;b&gt; &amp; &#39;c&#39; &quot;d&quot;");
  EXPECT_EQ(markup_text(""), "");
}

TEST(MarkupText, ShowsWhatSvgMustNotHold) {
  EXPECT_EQ(markup_text("a\x01\nb\x1b[31m"), "a\\x01\\nb\\x1b[31m");
  EXPECT_EQ(markup_text("\xff\xc3\xa9"), "\\xff\xc3\xa9");
}

}  // namespace escape_test
}  // namespace robiq
