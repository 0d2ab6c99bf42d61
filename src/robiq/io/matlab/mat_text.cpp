#include "robiq/io/matlab/mat_text.h"

#include <cstdint>
#include <cstring>

#include "robiq/io/table/table_text.h"

namespace robiq {
namespace {

void append_utf8(std::uint32_t code, std::string& text) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The character at a place of the column-major array, as a number.
std::uint32_t unit_at(const MatText& text, std::size_t place) {
  if (text.encoding != MatText::kUtf16) return static_cast<unsigned char>(text.bytes[place]);
  std::uint16_t unit = 0;
  std::memcpy(&unit, text.bytes.data() + 2 * place, sizeof(unit));
  return unit;
}

/// \return false at half a surrogate pair
bool append_row(const MatText& text, std::size_t row, std::string& line) {
  for (std::size_t column = 0; column < text.columns; ++column) {
    std::uint32_t code = unit_at(text, column * text.rows + row);
    if (code >= 0xD800 && code < 0xE000) {
      if (code >= 0xDC00 || ++column == text.columns) return false;
      const std::uint32_t low = unit_at(text, column * text.rows + row);
      if (low < 0xDC00 || low >= 0xE000) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(code, line);
  }
  return true;
}

}  // namespace

bool mat_text_rows(const MatText& text, std::vector<std::string>& rows) {
  rows.clear();
  if (text.encoding == MatText::kUtf8 && text.rows == 1) {
    rows.emplace_back(text.bytes);
    return find_non_text(rows.front()) == std::string::npos;
  }
  if (text.encoding == MatText::kUtf8 && text.bytes.size() != text.rows * text.columns) {
    return false;
  }
  for (std::size_t row = 0; row < text.rows; ++row) {
    std::string line;
    if (!append_row(text, row, line) || line.find('\0') != line.npos) return false;
    rows.push_back(std::move(line));
  }
  return true;
}

}  // namespace robiq
