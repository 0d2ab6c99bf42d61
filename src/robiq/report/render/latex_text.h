#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// Text in which nothing is a command to LaTeX: special letters are escaped, signs that tables use
/// (± ↑ ↓ Δ λ ∞ ...) become mathematics, letters that it does not know and bytes that are no UTF-8
/// are written as numbers: "[U+4E2D]", "[0xFF]". Line ends become spaces.
[[nodiscard]] std::string latex_text(std::string_view text);

}  // namespace robiq
