#pragma once
#include <cstddef>
#include <string_view>

namespace robiq {

/// One letter of a text and the bytes that it takes.
struct Letter {
  char32_t code = 0;
  std::size_t bytes = 0;  ///< 0: what stands there is not UTF-8
};

/// The letter at the front of a text that is not empty (UTF-8 as in RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
[[nodiscard]] Letter first_letter(std::string_view text);

}  // namespace robiq
