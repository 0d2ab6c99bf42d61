#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace robiq
