#include "robiq/io/table/xlsx.h"

#include <gtest/gtest.h>

#include "robiq/io/zip/zip_writer.h"
#include "support/errors.h"
#include "support/xlsx_writer.h"

namespace robiq {
namespace xlsx_test {

using test::XlsxParts;
using test::XlsxRows;
using Row = std::vector<std::string>;

XlsxSheet read(const XlsxParts& parts, const std::string& sheet = "",
               const XlsxLimits& limits = {}) {
  return read_xlsx(source_of_bytes("a.xlsx", parts.bytes()), sheet, limits);
}

XlsxParts with_sheet(const std::string& rows) {
  XlsxParts parts(XlsxRows{});
  parts.sheet = "<worksheet><sheetData>" + rows + "</sheetData></worksheet>";
  return parts;
}

void refuses(const XlsxParts& parts, const std::string& what, const XlsxLimits& limits = {}) {
  expect_error(ErrorKind::kModel, {what, "a.xlsx", "*"}, [&] { (void)read(parts, "", limits); });
}

class Xlsx : public testing::Test {
 protected:
};

TEST_F(Xlsx, ReadsNumbersAndSharedStrings) {
  const XlsxSheet sheet =
      read(XlsxParts(XlsxRows{{"image", "mos"}, {"1600", "0.25"}, {"a&amp;b", "3"}}));
  ASSERT_EQ(sheet.rows.size(), 3U);
  EXPECT_EQ(sheet.rows[0], (Row{"image", "mos"}));
  EXPECT_EQ(sheet.rows[1], (Row{"1600", "0.25"}));
  EXPECT_EQ(sheet.rows[2], (Row{"a&b", "3"}));
  EXPECT_EQ(sheet.cell(2, 1), "3");
  EXPECT_EQ(sheet.cell(2, 7), "");
  EXPECT_EQ(sheet.cell(9, 0), "");
  EXPECT_EQ(sheet.source, "a.xlsx, sheet 'Sheet1'");
}

TEST_F(Xlsx, KeepsCellsInTheirPlaces) {
  const XlsxSheet sheet = read(XlsxParts(XlsxRows{{"x", "", "1"}}, "all", 3, 3), "all");
  ASSERT_EQ(sheet.rows.size(), 4U);
  EXPECT_TRUE(sheet.rows[0].empty());
  EXPECT_EQ(sheet.rows[3], (Row{"", "", "", "x", "", "1"}));
}

TEST_F(Xlsx, ReadsInlineStringsRunsAndFormulas) {
  XlsxParts parts = with_sheet(
      "<row><c t='inlineStr'><is><t>in</t></is></c><c t='s'><v>0</v></c>"
      "<c t='str'><f>A1</f><v>made</v></c><c><f>1+1</f><v>2</v></c><c/></row><row/>");
  parts.strings =
      "<sst><si><r><t>ru</t></r><r><t xml:space='preserve'> n</t></r>"
      "<rPh><t>aid</t></rPh></si></sst>";
  const XlsxSheet sheet = read(parts);
  ASSERT_EQ(sheet.rows.size(), 2U);
  EXPECT_EQ(sheet.rows[0], (Row{"in", "ru n", "made", "2", ""}));
}

TEST_F(Xlsx, ReadsNamespacedNamesAndAbsoluteTargets) {
  XlsxParts parts(XlsxRows{});
  parts.workbook = "<x:workbook><x:sheets><x:sheet name='s' rel:id='q'/></x:sheets></x:workbook>";
  parts.relations =
      "<Relationships><Relationship Id='q' Target='/xl/worksheets/sheet1.xml'/></Relationships>";
  parts.sheet =
      "<x:worksheet><x:sheetData><x:row r='1'><x:c r='A1'><x:v>5</x:v></x:c></x:row>"
      "</x:sheetData></x:worksheet>";
  EXPECT_EQ(read(parts, "s").cell(0, 0), "5");
}

TEST_F(Xlsx, NamesTheSheetsThereAre) {
  expect_error(ErrorKind::kModel, {"no sheet 'Plan1', only 'Sheet1'", "a.xlsx", "*"},
               [] { (void)read(XlsxParts(XlsxRows{{"a"}}), "Plan1"); });
}

TEST_F(Xlsx, RefusesWhatIsNoWorkbook) {
  const auto open = [](const std::string& bytes) {
    (void)read_xlsx(source_of_bytes("a.xlsx", bytes), "");
  };
  expect_error(ErrorKind::kModel, {"not an Excel workbook", "a.xlsx", "*"},
               [&] { open("image,mos"); });
  expect_error(ErrorKind::kModel, {"not an Excel workbook", "a.xlsx", "*"}, [&] {
    std::ostringstream out;
    ZipWriter zip(out);
    zip.add("word/document.xml", "<w/>");
    zip.finish();
    open(out.str());
  });
  const std::string whole = XlsxParts(XlsxRows{{"a", "b"}}).bytes();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_THROW(open(whole.substr(0, size)), Error) << size;
  }
}

TEST_F(Xlsx, RefusesDamagedParts) {
  XlsxParts parts(XlsxRows{{"a"}});
  parts.sheet = "<worksheet><sheetData><row>";
  refuses(parts, "XML is damaged");
  parts.sheet = "<chartsheet/>";
  refuses(parts, "a worksheet has no sheetData");
  parts.sheet = "\xFF\xFE<\0";
  refuses(parts, "not text in UTF-8");
  parts = XlsxParts(XlsxRows{{"a"}});
  parts.relations = "<Relationships/>";
  refuses(parts, "does not say where sheet 'Sheet1' is");
  parts = XlsxParts(XlsxRows{{"a"}});
  parts.workbook = "<workbook/>";
  refuses(parts, "it has no sheet");
}

TEST_F(Xlsx, RefusesPlacesThatCannotBe) {
  refuses(with_sheet("<row r='2'/><row r='2'/>"), "row 2 comes after it");
  refuses(with_sheet("<row r='1048577'/>"), "row 1048577");
  refuses(with_sheet("<row r='-1'/>"), "row -1");
  refuses(with_sheet("<row r='one'/>"), "a row has no number");
  refuses(with_sheet("<row r='1'><c r='XFE1'/></row>"), "'XFE1' is not the place of a cell");
  refuses(with_sheet("<row r='1'><c r='11'/></row>"), "'11' is not the place of a cell");
  refuses(with_sheet("<row r='1'><c r='B1'/><c r='A1'/></row>"), "not in order");
  refuses(with_sheet("<row><c t='s'><v>0</v></c></row>"), "shared string '0' of 0");
  refuses(with_sheet("<row><c t='s'><v>-1</v></c></row>"), "shared string '-1'");
}

TEST_F(Xlsx, BoundsWhatASheetCosts) {
  std::string rows;
  for (int i = 1; i <= 200; ++i) {
    rows += "<row r='" + std::to_string(i) + "'><c r='XFD" + std::to_string(i) + "'/></row>";
  }
  refuses(with_sheet(rows), "more than the 2000000 cells");
  refuses(XlsxParts(XlsxRows{{"a"}}), "larger than the 64 B of XML", {.part_bytes = 64});
  XlsxParts parts = with_sheet("<row><c t='s'><v>0</v></c><c t='s'><v>0</v></c></row>");
  parts.strings = "<sst><si><t>" + std::string(600, 'x') + "</t></si></sst>";
  refuses(parts, "more than the 1.0 KiB of text", {.text_bytes = 1024});
}

TEST_F(Xlsx, ExpandsNoEntitiesAndOpensNoOtherFile) {
  XlsxParts parts(XlsxRows{});
  parts.strings =
      "<!DOCTYPE sst [<!ENTITY a \"aaaa\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
      "<sst><si><t>&a;&f;</t></si></sst>";
  parts.sheet = "<worksheet><sheetData><row><c t='s'><v>0</v></c></row></sheetData></worksheet>";
  EXPECT_EQ(read(parts).cell(0, 0), "&a;&f;");
  parts = XlsxParts(XlsxRows{{"a"}});
  parts.relations =
      "<Relationships><Relationship Id='rId1' TargetMode='External' "
      "Target='http://example.org/s.xml'/></Relationships>";
  refuses(parts, "outside the file");
  parts.relations =
      "<Relationships><Relationship Id='rId1' Target='../../secret'/>"
      "</Relationships>";
  refuses(parts, "no member of this name");
}

TEST_F(Xlsx, SurvivesDeepNesting) {
  std::string deep = "<row>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  for (int i = 0; i < 100'000; ++i) deep += "</a>";
  EXPECT_EQ(read(with_sheet(deep + "<c><v>1</v></c></row>")).cell(0, 0), "1");
}

}  // namespace xlsx_test
}  // namespace robiq
