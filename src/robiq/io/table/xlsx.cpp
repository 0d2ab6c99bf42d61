#include "robiq/io/table/xlsx.h"

#include <algorithm>
#include <optional>
#include <pugixml.hpp>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/io/table/table_text.h"
#include "robiq/io/zip/zip_archive.h"

namespace robiq {

const std::string& XlsxSheet::cell(std::size_t row, std::size_t column) const {
  static const std::string nothing;
  return row < rows.size() && column < rows[row].size() ? rows[row][column] : nothing;
}

XlsxSheet read_xlsx(const std::filesystem::path& file, const std::string& sheet) {
  return read_xlsx(open_source(file), sheet);
}

namespace {

constexpr std::uint64_t kMostRows = 1'048'576, kMostColumns = 16'384;  // Excel's own limits
constexpr const char* kWorkbook = "xl/workbook.xml";

/// A name without its namespace: writers may call a row "row" or "x:row".
std::string_view local(const char* name) {
  const std::string_view text = name;
  const std::size_t colon = text.rfind(':');
  return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
  return parent.find_child([&](const pugi::xml_node& node) { return local(node.name()) == name; });
}

/// The text of a string item: its own, and that of its formatted runs, without reading aids.
std::string text_of(const pugi::xml_node& item) {
  std::string text;
  for (const pugi::xml_node& node : item.children()) {
    if (local(node.name()) == "t") text += node.child_value();
    if (local(node.name()) == "r") text += child(node, "t").child_value();
  }
  return text;
}

/// The number behind letters A..XFD, from 0; nothing when they are none.
std::optional<std::size_t> column_of(std::string_view letters) {
  std::size_t column = 0;
  if (letters.empty() || letters.size() > 3) return std::nullopt;
  for (const char c : letters) {
    if (c < 'A' || c > 'Z') return std::nullopt;
    column = column * 26 + static_cast<std::size_t>(c - 'A') + 1;
  }
  if (column > kMostColumns) return std::nullopt;
  return column - 1;
}

/// Reads the parts of one workbook.
class Workbook {
 public:
  Workbook(const std::shared_ptr<const ByteSource>& source, const XlsxLimits& limits)
      : zip_(source), limits_(limits) {}

  XlsxSheet read(const std::string& wanted) {
    find_sheet(wanted);
    read_shared_strings();
    sheet_.source = zip_.source().name() + ", sheet '" + name_ + "'";
    const pugi::xml_document document = parse(part_);
    const pugi::xml_node data = child(document.document_element(), "sheetData");
    if (!data) zip_.source().refuse("a worksheet has no sheetData", part_);
    for (const pugi::xml_node& row : data.children()) {
      if (local(row.name()) == "row") read_row(row);
    }
    return std::move(sheet_);
  }

 private:
  pugi::xml_document parse(const std::string& part) const {
    if (zip_.contains(part) && zip_.size_of(part) > limits_.part_bytes) {
      zip_.source().refuse("it is larger than the " + bytes_text(double(limits_.part_bytes)) +
                               " of XML that are read",
                           part);
    }
    const std::string xml = zip_.read(part);
    if (find_non_text(xml) != std::string::npos) {
      zip_.source().refuse("it is not text in UTF-8", part);
    }
    pugi::xml_document document;
    const pugi::xml_parse_result result = document.load_buffer(
        xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
    if (!result) {
      zip_.source().refuse(std::string("its XML is damaged: ") + result.description(), part);
    }
    return document;
  }

  /// The part that a relationship of the workbook leads to; "" when there is none.
  std::string target(const pugi::xml_node& relation) const {
    if (std::string_view(relation.attribute("TargetMode").value()) == "External") {
      zip_.source().refuse("a sheet lies outside the file", kWorkbook);
    }
    const std::string path = relation.attribute("Target").value();
    return path.starts_with('/') ? path.substr(1) : "xl/" + path;
  }

  void find_sheet(const std::string& wanted) {
    if (!zip_.contains(kWorkbook)) zip_.source().refuse("it is not an Excel workbook (.xlsx)");
    const pugi::xml_document workbook = parse(kWorkbook);
    std::string id;
    std::vector<std::string> names;
    for (const pugi::xml_node& sheet : child(workbook.document_element(), "sheets").children()) {
      const std::string name = sheet.attribute("name").value();
      const bool chosen = id.empty() && (wanted.empty() || name == wanted);
      names.push_back("'" + name + "'");
      if (!chosen) continue;
      name_ = name;
      for (const pugi::xml_attribute& attribute : sheet.attributes()) {
        if (std::string_view(attribute.name()).ends_with(":id")) id = attribute.value();
      }
    }
    if (id.empty()) {
      zip_.source().refuse(wanted.empty()
                               ? "it has no sheet"
                               : "it has no sheet '" + wanted + "', only " + join(names, ", "),
                           kWorkbook);
    }
    follow_relations(id);
  }

  void follow_relations(const std::string& id) {
    const pugi::xml_document document = parse("xl/_rels/workbook.xml.rels");
    for (const pugi::xml_node& relation : document.document_element().children()) {
      if (relation.attribute("Id").value() == id) part_ = target(relation);
      const std::string_view type = relation.attribute("Type").value();
      if (type.ends_with("/sharedStrings")) strings_part_ = target(relation);
    }
    if (part_.empty()) zip_.source().refuse("it does not say where sheet '" + name_ + "' is");
  }

  void read_shared_strings() {
    if (strings_part_.empty()) return;
    const pugi::xml_document document = parse(strings_part_);
    for (const pugi::xml_node& item : document.document_element().children()) {
      if (local(item.name()) == "si") strings_.push_back(text_of(item));
    }
  }

  [[noreturn]] void refuse_cell(const std::string& problem) const {
    zip_.source().refuse(problem, part_ + ", row " + std::to_string(row_ + 1));
  }

  void read_row(const pugi::xml_node& row) {
    const std::string_view given = row.attribute("r").value();
    std::int64_t number = next_row_ + 1;
    if (!given.empty() && !parse_integer(given, number)) refuse_cell("a row has no number");
    if (number <= next_row_ || number > static_cast<std::int64_t>(kMostRows)) {
      refuse_cell("row " + std::to_string(number) + " comes after it");
    }
    row_ = static_cast<std::size_t>(number - 1);
    next_row_ = number;
    sheet_.rows.resize(row_ + 1);
    std::size_t next_column = 0;
    for (const pugi::xml_node& cell : row.children()) {
      if (local(cell.name()) == "c") next_column = read_cell(cell, next_column) + 1;
    }
  }

  /// \return its column
  std::size_t read_cell(const pugi::xml_node& cell, std::size_t column) {
    const std::string_view place = cell.attribute("r").value();
    if (!place.empty()) {
      const auto given = column_of(place.substr(0, place.find_first_of("0123456789")));
      if (!given)
        refuse_cell("'" + std::string(place.substr(0, 16)) + "' is not the place of a cell");
      if (*given < column) refuse_cell("its cells are not in order");
      column = *given;
    }
    if (column >= kMostColumns) refuse_cell("it has too many columns");
    std::vector<std::string>& row = sheet_.rows[row_];
    cells_ += column + 1 - row.size();
    if (cells_ > limits_.cells) {
      refuse_cell("the sheet has more than the " + std::to_string(limits_.cells) +
                  " cells that are read");
    }
    row.resize(column + 1);
    row[column] = value_of(cell);
    text_ += row[column].size();
    if (text_ > limits_.text_bytes) {
      refuse_cell("the sheet holds more than the " + bytes_text(double(limits_.text_bytes)) +
                  " of text that are read");
    }
    return column;
  }

  [[nodiscard]] std::string value_of(const pugi::xml_node& cell) const {
    const std::string_view type = cell.attribute("t").value();
    if (type == "inlineStr") return text_of(child(cell, "is"));
    const std::string value = child(cell, "v").child_value();
    if (type != "s") return value;
    std::int64_t index = -1;
    if (!parse_integer(value, index) || index < 0 || index >= std::ssize(strings_)) {
      refuse_cell("a cell speaks of shared string '" + value.substr(0, 16) + "' of " +
                  std::to_string(strings_.size()));
    }
    return strings_[static_cast<std::size_t>(index)];
  }

  ZipArchive zip_;
  XlsxLimits limits_;
  std::string name_, part_, strings_part_;
  std::vector<std::string> strings_;
  XlsxSheet sheet_;
  std::size_t row_ = 0;
  std::int64_t next_row_ = 0;
  std::uint64_t cells_ = 0, text_ = 0;
};

}  // namespace

XlsxSheet read_xlsx(const std::shared_ptr<const ByteSource>& source, const std::string& sheet,
                    const XlsxLimits& limits) {
  if (!ZipArchive::is_zip(*source)) source->refuse("it is not an Excel workbook (.xlsx)");
  return Workbook(source, limits).read(sheet);
}

}  // namespace robiq
