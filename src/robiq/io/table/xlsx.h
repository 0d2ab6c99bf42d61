#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "robiq/io/byte_source.h"

namespace robiq {

/// One sheet of a workbook; every cell is the text that the file holds, a formula's is its stored
/// result.
struct XlsxSheet {
  std::string source;                          ///< file and sheet, for messages
  std::vector<std::vector<std::string>> rows;  ///< row 1 first; as long as its last cell; "" empty

  /// Row and column counted from 0; "" for a cell that is not there.
  [[nodiscard]] const std::string& cell(std::size_t row, std::size_t column) const;
};

/// What a workbook may cost. The defaults are many times what the field's label files need.
struct XlsxLimits {
  std::uint64_t part_bytes = std::uint64_t{16} << 20;  ///< one XML part, unpacked
  std::uint64_t cells = 2'000'000;                     ///< of the sheet, empty ones in between too
  std::uint64_t text_bytes = std::uint64_t{64} << 20;  ///< of all cells together
};

/// Reads one sheet of an Excel workbook as an enemy might have written it: the zip file is checked
/// (io/zip/zip_archive.h), XML entities of the file's own are not expanded, nothing outside the
/// file is opened, and sizes are checked before memory is taken. Dates and number formats are not
/// applied. Format: ECMA-376, SpreadsheetML.
/// \param sheet  its name; "" for the first
/// \throws Error{kModel} naming the file and what is wrong; for an unknown sheet, those there are;
///         when robiq was built without pugixml
[[nodiscard]] XlsxSheet read_xlsx(const std::filesystem::path& file, const std::string& sheet);
/// As above, of bytes that are open already.
[[nodiscard]] XlsxSheet read_xlsx(const std::shared_ptr<const ByteSource>& source,
                                  const std::string& sheet, const XlsxLimits& limits = {});

}  // namespace robiq
