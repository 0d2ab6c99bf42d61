#include "robiq/io/table/table_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr std::string_view kWideLittle = "\xFF\xFE", kWideBig = "\xFE\xFF";

constexpr std::array<std::pair<std::string_view, char>, 4> kSeparators = {
    {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"bar", '|'}}};

/// "UTF-16" or "UTF-32" where the text begins as these do, with a byte order mark or a plain letter
/// between zeros; "" otherwise.
std::string wide_encoding(std::string_view text) {
  const auto zero = [&](std::size_t i) { return i < text.size() && text[i] == '\0'; };
  const bool marked = text.starts_with(kWideLittle) || text.starts_with(kWideBig);
  const bool long_little = !zero(0) && zero(2) && zero(3) && (zero(1) || marked);
  const bool long_big = zero(0) && zero(1);
  if (long_little || long_big) return "UTF-32";
  if (marked || (text.size() >= 2 && zero(0) != zero(1))) return "UTF-16";
  return "";
}

}  // namespace

std::string_view table_text(std::string_view text, const std::string& source) {
  if (const std::string wide = wide_encoding(text); !wide.empty()) {
    throw Error(ErrorKind::kData, {"the table is saved as " + wide + ", not as UTF-8", source,
                                   "save it as CSV in UTF-8 (iconv -f " + wide + " -t UTF-8)"});
  }
  const std::size_t bad = find_non_text(text);
  if (bad != text.npos) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(bad);
    const auto line = 1 + std::count(text.begin(), end, '\n');
    const bool is_nul = text[bad] == '\0';
    throw Error(ErrorKind::kData, {"byte " + std::to_string(bad) + " of the file is " +
                                       (is_nul ? "a NUL, which no text holds" : "not UTF-8 text"),
                                   source + ":" + std::to_string(line),
                                   is_nul ? "correct that line, or export the table again"
                                          : "save the table as CSV in UTF-8"});
  }
  return without_byte_order_mark(text);
}

char separator_named(const std::string& name) {
  for (const auto& [known, separator] : kSeparators) {
    if (known == name) return separator;
  }
  throw Error(ErrorKind::kUsage, {"'" + name + "' does not name a separator", "separator",
                                  "write comma, semicolon, tab or bar"});
}

std::string other_separator_in(std::string_view header, char separator) {
  for (const auto& [name, other] : kSeparators) {
    if (other != separator && header.find(other) != header.npos) return std::string(name);
  }
  return "";
}

namespace {

/// True when none of eight bytes is NUL or above 127.
bool eight_plain_bytes(const char* bytes) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, bytes, sizeof eight);
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  const std::uint64_t zeros = (eight - 0x0101010101010101ULL) & ~eight & kHigh;
  return ((eight & kHigh) | zeros) == 0;
}

}  // namespace

std::size_t find_non_text(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (i + 8 <= text.size() && eight_plain_bytes(text.data() + i)) {
      i += 8;
      continue;
    }
    const std::size_t bytes = text[i] == '\0' ? 0 : first_letter(text.substr(i)).bytes;
    if (bytes == 0) return i;
    i += bytes;
  }
  return text.npos;
}

}  // namespace robiq
