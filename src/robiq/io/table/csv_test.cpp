#include "robiq/io/table/csv.h"

#include <gtest/gtest.h>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/rng.h"
#include "robiq/io/table/table_text.h"

namespace robiq {
namespace csv_test {

using Row = std::vector<std::string>;

/// The error that `act` throws; fails the test when there is none.
template <class Act>
ErrorText data_error(Act act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.text();
  }
  ADD_FAILURE() << "no error";
  return {};
}

ErrorText parse_error(const std::string& text) {
  return data_error([&] { (void)parse_csv(text, "t.csv"); });
}

TEST(Csv, ReadsHeaderRowsAndLines) {
  const CsvTable table = parse_csv("image,mos\na.png,1.5\nb.png,-2e3\n", "t.csv");
  EXPECT_EQ(table.source, "t.csv");
  EXPECT_EQ(table.header, (Row{"image", "mos"}));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[1], (Row{"b.png", "-2e3"}));
  EXPECT_EQ(table.lines, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(table.column("mos"), 1U);
  EXPECT_TRUE(table.has_column("image"));
  EXPECT_FALSE(table.has_column("Image"));
  EXPECT_EQ(table.numbers("mos"), (std::vector<double>{1.5, -2000}));
}

TEST(Csv, ReadsByteOrderMarkCrLfBlankLinesAndNoLastNewline) {
  const CsvTable table = parse_csv("\xEF\xBB\xBF\r\na,b\r\n\r\n1,2\r\n\n\n3,4", "t.csv");
  EXPECT_EQ(table.header, (Row{"a", "b"}));
  EXPECT_EQ(table.rows, (std::vector<Row>{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(table.lines, (std::vector<std::int64_t>{4, 7}));
}

TEST(Csv, ReadsQuotesWithCommasNewlinesAndQuotes) {
  const CsvTable table = parse_csv("\"a\",b\n\"x,\"\"y\"\"\nz\",\"\"\n\"\r\n\",2\n", "t.csv");
  EXPECT_EQ(table.rows, (std::vector<Row>{{"x,\"y\"\nz", ""}, {"\r\n", "2"}}));
  EXPECT_EQ(table.lines, (std::vector<std::int64_t>{2, 4}));
}

TEST(Csv, KeepsSpacesInCellsAndForgivesThemAroundNumbers) {
  const CsvTable table = parse_csv("a, b\n 1 ,+2.5\n", "t.csv");
  EXPECT_EQ(table.header[1], " b");
  EXPECT_EQ(table.rows[0][0], " 1 ");
  EXPECT_EQ(table.numbers("a")[0], 1.0);
  EXPECT_EQ(table.numbers(" b")[0], 2.5);
}

TEST(Csv, ReadsUtf8) {
  const CsvTable table = parse_csv("naïve,b\n日本.png,𝄞\n", "t.csv");
  EXPECT_EQ(table.header[0], "naïve");
  EXPECT_EQ(table.rows[0], (Row{"日本.png", "𝄞"}));
}

TEST(Csv, RefusesBrokenTablesWithTheLine) {
  struct Case {
    std::string text, what, where, hint;
  };
  const std::vector<Case> cases = {
      {"a,b\n1,2\n\"x,3\n4,5\n", "a quote is opened and never closed", "t.csv:3",
       "close the quote"},
      {"a,b\n1,2\n3\n", "the row has 1 cells, the header 2", "t.csv:3", "one cell a column"},
      {"a,b\n1,2,3\n", "the row has 3 cells, the header 2", "t.csv:2", "need quotes"},
      {"a,b,a\n", "the column name 'a' stands there twice", "t.csv:1", "a name of its own"},
      {"a\nx\"y\n", "a quote inside a cell that does not begin with one", "t.csv:2", "twice"},
      {"a\n\"x\"y\n", "text after the closing quote of a cell", "t.csv:2", "twice"},
      {"a\rb\r", "a carriage return without a line feed after it", "t.csv:1", "LF or CRLF"},
      {"a\n1\n\xFF\xFE\n", "byte 4 of the file is not UTF-8 text", "t.csv:3", "in UTF-8"},
      {std::string("a\n\0\n", 4), "byte 2 of the file is a NUL, which no text holds", "t.csv:2",
       "export the table again"},
      {"", "the table is empty", "t.csv", "first line names the columns"},
      {"\xEF\xBB\xBF\r\n\n", "the table is empty", "t.csv", "first line names the columns"},
  };
  for (const Case& c : cases) {
    const ErrorText error = parse_error(c.text);
    EXPECT_EQ(error.what, c.what);
    EXPECT_EQ(error.where, c.where) << c.what;
    EXPECT_NE(error.hint.find(c.hint), std::string::npos) << error.hint;
  }
}

TEST(Csv, RefusesTooManyColumns) {
  const ErrorText error = parse_error(std::string(20000, ','));
  EXPECT_EQ(error.what, "the row has more than 16384 cells");
}

TEST(Csv, NamesTheNearestColumn) {
  const CsvTable table = parse_csv("image,before,after\n", "t.csv");
  const ErrorText error = data_error([&] { (void)table.column("befor"); });
  EXPECT_EQ(error.what, "there is no column 'befor'");
  EXPECT_EQ(error.where, "t.csv");
  EXPECT_EQ(error.hint, "did you mean 'before'? the columns are: 'image', 'before', 'after'");
  const ErrorText far = data_error([&] { (void)table.column("zzzzzzzz"); });
  EXPECT_EQ(far.hint, "the columns are: 'image', 'before', 'after'");
}

TEST(Csv, RefusesCellsThatAreNoFiniteNumbers) {
  for (const std::string cell :
       {"", "x", "1.5x", "nan", "inf", "-inf", "1e999", "1,5", "0x10", "+-1", "+", "1 2"}) {
    const CsvTable table = parse_csv("a,b\n1,2\n3,\"" + cell + "\"\n", "t.csv");
    const ErrorText error = data_error([&] { (void)table.numbers("b"); });
    EXPECT_EQ(error.what, "column 'b' holds '" + cell + "', which is not a finite number");
    EXPECT_EQ(error.where, "t.csv:3");
    EXPECT_NE(error.hint.find("decimal point"), std::string::npos);
  }
}

TEST(Csv, CutsLongCellsInMessages) {
  const CsvTable table = parse_csv("a\n" + std::string(59, 'x') + "日本\n", "t.csv");
  const ErrorText error = data_error([&] { (void)table.numbers("a"); });
  EXPECT_EQ(error.what,
            "column 'a' holds '" + std::string(59, 'x') + "...', which is not a finite number");
}

TEST(Csv, ReportsAMissingFile) {
  const ErrorText error = data_error([] { (void)read_csv("/nowhere/t.csv"); });
  EXPECT_NE(error.what.find("/nowhere/t.csv"), std::string::npos);
}

TEST(Csv, WritesWhatItReads) {
  const TemporaryFolder folder;
  const Row header = {"plain", "with,comma", "with \"quotes\"", ""};
  const std::vector<Row> rows = {{"1", "", "a\nb", "c\r\nd"}, {"\"", ",", "日本", " space "}};
  write_csv(folder.path() / "t.csv", header, rows);
  const CsvTable table = read_csv(folder.path() / "t.csv");
  EXPECT_EQ(table.header, header);
  EXPECT_EQ(table.rows, rows);
}

TEST(Csv, WritesASingleEmptyCellSoThatItReadsBack) {
  EXPECT_EQ(csv_line({""}), "\"\"");
  EXPECT_EQ(parse_csv("a\n" + csv_line({""}) + "\n", "t.csv").rows, (std::vector<Row>{{""}}));
}

TEST(Csv, RefusesToWriteARowOfAnotherLength) {
  const TemporaryFolder folder;
  try {
    write_csv(folder.path() / "t.csv", {"a", "b"}, {{"1"}});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInternal);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "t.csv"));
  }
}

// Any bytes give a table or an Error, never another exception or a crash.
TEST(Csv, SurvivesRandomBytes) {
  RandomStream random(Rng(7).child("csv"));
  constexpr std::string_view kAlphabet = "a1,,\"\"\r\n\n.\xC3\xA9\xFF";
  std::size_t tables = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    std::string text;
    const std::uint64_t length = random.below(24);
    for (std::uint64_t i = 0; i < length; ++i) text += kAlphabet[random.below(kAlphabet.size())];
    try {
      const CsvTable table = parse_csv(text, "t.csv");
      for (const Row& row : table.rows) ASSERT_EQ(row.size(), table.header.size());
      std::string again = csv_line(table.header) + "\n";
      for (const Row& row : table.rows) again += csv_line(row) + "\n";
      ASSERT_EQ(parse_csv(again, "t.csv").rows, table.rows);
      ++tables;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::kData);
    }
  }
  EXPECT_GT(tables, 100U);
}

TEST(Utf8, FindsTheFirstByteThatIsNoText) {
  const auto npos = std::string_view::npos;
  EXPECT_EQ(find_non_text(""), npos);
  EXPECT_EQ(find_non_text("0123456789 é 日 𝄞 \xF4\x8F\xBF\xBF"), npos);
  EXPECT_EQ(find_non_text(std::string_view("01234567\0", 9)), 8U);
  EXPECT_EQ(find_non_text("ab\x80"), 2U);            // a tail without a lead
  EXPECT_EQ(find_non_text("ab\xC3"), 2U);            // cut off
  EXPECT_EQ(find_non_text("\xC0\xAF"), 0U);          // overlong
  EXPECT_EQ(find_non_text("\xE0\x80\xAF"), 0U);      // overlong
  EXPECT_EQ(find_non_text("\xF0\x80\x80\xAF"), 0U);  // overlong
  EXPECT_EQ(find_non_text("\xED\xA0\x80"), 0U);      // a surrogate
  EXPECT_EQ(find_non_text("\xF4\x90\x80\x80"), 0U);  // above U+10FFFF
}

TEST(Csv, NamesThatLookLikeFormulasAreGuardedAndReadBack) {
  const std::vector<std::string> names{"=a.png", "-1.png", "@x", "'=y", "-1.5", "+NT"};
  EXPECT_EQ(csv_line(names), "'=a.png,'-1.png,'@x,''=y,-1.5,'+NT");
  const CsvTable table = parse_csv("a,b,c,d,e,f\n" + csv_line(names) + "\n", "set.csv");
  EXPECT_EQ(table.rows.at(0), names);
  EXPECT_EQ(table.numbers("e").at(0), -1.5);
}

}  // namespace csv_test
}  // namespace robiq
