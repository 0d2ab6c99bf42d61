#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/io/byte_source.h"

namespace robiq {

/// A MATLAB char array as it stands in a file: columns one after the other, in one of three forms.
struct MatText {
  enum Encoding { kUtf8, kUtf16, kLatin1 };

  std::string_view bytes;  ///< UTF-16 in the machine's byte order
  std::size_t rows = 0, columns = 0;
  Encoding encoding = kUtf8;
};

/// Its rows as UTF-8, blanks at their ends included.
/// \return false when it is no text: half a surrogate pair, bytes that are not UTF-8, a NUL, or a
/// UTF-8 text of several rows that is not ASCII, whose rows cannot be told apart
[[nodiscard]] bool mat_text_rows(const MatText& text, std::vector<std::string>& rows);

/// What a MATLAB file may cost, all its variables together. What data sets publish stays far below.
struct MatLimits {
  std::uint64_t bytes = 1ULL << 30;  ///< of numbers and text, unpacked
  std::uint64_t arrays = 1'000'000;  ///< variables, cells, fields
  int depth = 32;                    ///< cells in cells, structs in structs
};

/// Walks a file of version 5 from its first byte to its last before matio, which believes what a
/// file says, sees it: every element's type and length, every shape against the bytes that are
/// there, every compressed variable unpacked within the limits, nothing left over. Refuses, by
/// name, what robiq does not read: complex and sparse arrays, objects, function handles.
/// \return how many variables it has
/// \throws Error{kModel} naming file and variable
[[nodiscard]] std::uint64_t check_mat5(const ByteSource& source, const MatLimits& limits = {});

}  // namespace robiq
