#include "robiq/core/text/utf8.h"

#include <fmt/format.h>

#include <cstddef>

#include "robiq/core/error.h"
#include "robiq/core/text/letters.h"

namespace robiq {

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t bytes = first_letter(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string with_bytes_shown(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t bytes = first_letter(text).bytes;
    if (bytes == 0) {
      shown += fmt::format("\\x{:02X}", static_cast<unsigned char>(text.front()));
    } else {
      shown += text.substr(0, bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return shown;
}

void require_utf8_name(const std::string& name, const std::string& where) {
  if (is_utf8(name)) return;
  throw Error(ErrorKind::kData, {"the name '" + with_bytes_shown(name) + "' is not UTF-8",
                                 with_bytes_shown(where), "rename the file"});
}

std::string_view without_byte_order_mark(std::string_view text) noexcept {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

}  // namespace robiq
