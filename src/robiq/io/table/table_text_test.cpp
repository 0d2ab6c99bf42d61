#include "robiq/io/table/table_text.h"

#include <gtest/gtest.h>

#include <string>

#include "robiq/io/table/csv.h"
#include "support/errors.h"

namespace robiq {
namespace table_text_test {

using namespace std::string_literals;

void refuses(const std::string& text, const std::string& what, const std::string& hint) {
  expect_error(ErrorKind::kData, {what, "t.csv", hint}, [&] { (void)parse_csv(text, "t.csv"); });
}

TEST(TableText, OtherEncodingsAreNamed) {
  const std::string hint = "in UTF-8";
  refuses("\xFF\xFE"s + "i\0m\0a\0"s, "saved as UTF-16", hint);
  refuses("\xFE\xFF"s + "\0i\0m\0a"s, "saved as UTF-16", hint);
  refuses("i\0m\0a\0g\0"s, "saved as UTF-16", hint);
  refuses("\0i\0m\0a\0g"s, "saved as UTF-16", hint);
  refuses("\xFF\xFE\0\0i\0\0\0"s, "saved as UTF-32", hint);
  refuses("\0\0\xFE\xFF\0\0\0i"s, "saved as UTF-32", hint);
  refuses("n\xE9t,mos\n", "byte 1 of the file is not UTF-8 text", hint);
}

TEST(TableText, OtherSeparatorsAreNamed) {
  refuses("image;mos\np0.png;1\n", "with a semicolon in it: 'image;mos'", "separator=semicolon");
  refuses("image;mos\np0.png;1,5\n", "a semicolon", "separator=semicolon");
  refuses("image\tmos\np0.png\t1\n", "a tab", "separator=tab");
  refuses("image|mos\np0.png|1\n", "a bar", "separator=bar");
  EXPECT_EQ(parse_csv("mos\n1;2\n", "t.csv").rows[0][0], "1;2");
}

TEST(TableText, ASeparatorThatIsSaidIsUsed) {
  const CsvTable table =
      parse_csv("image;mos\n\"a;b.png\";1,5\n", "t.csv", separator_named("semicolon"));
  EXPECT_EQ(table.header, (std::vector<std::string>{"image", "mos"}));
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"a;b.png", "1,5"}));
  EXPECT_EQ(parse_csv("a\tb\n1\t2\n", "t.csv", '\t').rows[0][1], "2");
  expect_error(ErrorKind::kData, {"with a comma in it", "t.csv", "separator=comma"},
               [] { (void)parse_csv("a,b\n1,2\n", "t.csv", ';'); });
}

}  // namespace table_text_test
}  // namespace robiq
