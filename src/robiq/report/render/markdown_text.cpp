#include <fmt/format.h>

#include <cmath>

#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

bool is_word(char letter) {
  const auto code = static_cast<unsigned char>(letter);
  return code >= 0x80 || (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z');
}

/// Whether a text begins as a heading or a list does.
bool begins_block(std::string_view text) {
  return text.size() > 1 && std::string_view("#-+").find(text[0]) != text.npos &&
         (text[1] == ' ' || text[1] == '#');
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string plain;
  for (const char letter : text) plain += letter == '\n' || letter == '\r' ? ' ' : letter;
  plain = visible_text(plain, "\t");
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char letter = plain[i];
    // Inside a word an underscore is no markup, and names have many.
    const bool within =
        i > 0 && i + 1 < plain.size() && is_word(plain[i - 1]) && is_word(plain[i + 1]);
    if (letter == '<') {
      out += "&lt;";
    } else if (letter == '>') {
      out += "&gt;";
    } else if (letter == '&' && i + 1 < plain.size() &&
               (is_word(plain[i + 1]) || plain[i + 1] == '#')) {
      out += "&amp;";
    } else if (letter == '_') {
      out += within ? "_" : "\\_";
    } else if (letter == ']') {
      // A pair of brackets alone is none, as of an interval; what follows makes it a link.
      const bool link = i + 1 < plain.size() &&
                        std::string_view("([:").find(plain[i + 1]) != std::string_view::npos;
      out += link ? "\\]" : "]";
    } else {
      const bool markup = std::string_view("\\`*|~$").find(letter) != std::string_view::npos;
      if (markup || (i == 0 && begins_block(plain))) out += '\\';
      out += letter;
    }
  }
  return out;
}

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
