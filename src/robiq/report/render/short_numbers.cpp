#include "robiq/report/render/short_numbers.h"

#include <fmt/format.h>

#include <cmath>

#include "robiq/core/text/text.h"

namespace robiq {
namespace {

/// What may stand before and after a number that is a value of its own.
constexpr std::string_view kBorders = "=,:;|()[]{} +\t\n";

/// One value between two borders.
std::string shortened(std::string_view value, int digits) {
  double number = 0;
  const bool has_part = value.find_first_of(".eE") != value.npos;
  if (!has_part || value.find_first_of("0123456789") == value.npos) return std::string(value);
  // A sentence may end behind it.
  const std::string_view end = value.ends_with('.') ? "." : "";
  value.remove_suffix(end.size());
  if (!parse_number(value, number)) return std::string(value) + std::string(end);
  const bool large = std::abs(number) >= std::pow(10.0, digits) && std::abs(number) < 1e15;
  const std::string shorter =
      large ? fmt::format("{:.0f}", number) : fmt::format("{:.{}g}", number, digits);
  return (shorter.size() < value.size() ? shorter : std::string(value)) + std::string(end);
}

}  // namespace

std::string with_short_numbers(std::string_view text, int digits) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = text.find_first_of(kBorders);
    // The sign of an exponent is no border: "1e+06".
    if (end != text.npos && end > 0 && text[end] == '+' && text[end - 1] == 'e') {
      end = text.find_first_of(kBorders, end + 1);
    }
    out += shortened(text.substr(0, end), digits);
    if (end == text.npos) break;
    out += text[end];
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace robiq
