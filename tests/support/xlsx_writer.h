#pragma once
// Excel workbooks as small as they can be, and parts of them that a test spoils.
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/zip/zip_writer.h"

namespace robiq::test {

using XlsxRows = std::vector<std::vector<std::string>>;

/// A cell's address: row and column from 0.
[[nodiscard]] inline std::string xlsx_place(std::size_t row, std::size_t column) {
  return std::string(1, static_cast<char>('A' + column)) + std::to_string(row + 1);
}

/// The parts of a workbook by name.
struct XlsxParts {
  std::string workbook, relations, strings, sheet;

  /// \param first_row, first_column  where the table stands, from 0. Numbers are stored as numbers,
  /// other texts as shared strings; "" leaves the cell out
  explicit XlsxParts(const XlsxRows& rows, const std::string& name = "Sheet1",
                     std::size_t first_row = 0, std::size_t first_column = 0) {
    workbook = "<workbook xmlns:r='r'><sheets><sheet name='" + name +
               "' sheetId='1' r:id='rId1'/></sheets></workbook>";
    relations =
        "<Relationships><Relationship Id='rId1' Type='t/worksheet' "
        "Target='worksheets/sheet1.xml'/><Relationship Id='rId2' Type='t/sharedStrings' "
        "Target='sharedStrings.xml'/></Relationships>";
    strings = "<sst>";
    sheet = "<worksheet><sheetData>";
    std::size_t shared = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      sheet += "<row r='" + std::to_string(first_row + i + 1) + "'>";
      for (std::size_t j = 0; j < rows[i].size(); ++j) {
        if (rows[i][j].empty()) continue;
        const std::string at = " r='" + xlsx_place(first_row + i, first_column + j) + "'";
        double number = 0;
        if (parse_number(rows[i][j], number)) {
          sheet += "<c" + at + "><v>" + rows[i][j] + "</v></c>";
        } else {
          strings += "<si><t>" + rows[i][j] + "</t></si>";
          sheet += "<c" + at + " t='s'><v>" + std::to_string(shared++) + "</v></c>";
        }
      }
      sheet += "</row>";
    }
    strings += "</sst>";
    sheet += "</sheetData></worksheet>";
  }

  [[nodiscard]] std::string bytes() const {
    std::ostringstream out;
    ZipWriter zip(out);
    zip.add("xl/workbook.xml", workbook);
    zip.add("xl/_rels/workbook.xml.rels", relations);
    if (!strings.empty()) zip.add("xl/sharedStrings.xml", strings);
    zip.add("xl/worksheets/sheet1.xml", sheet);
    zip.finish();
    return out.str();
  }
  void write(const std::filesystem::path& file) const { write_file(file, bytes()); }
};

}  // namespace robiq::test
