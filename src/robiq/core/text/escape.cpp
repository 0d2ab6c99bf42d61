#include "robiq/core/text/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

/// Letters that are commands to whatever shows text: controls, marks of direction, ends of lines,
/// letters without a shape, and code points that are no letters.
bool commands(char32_t code) {
  constexpr std::array<std::pair<char32_t, char32_t>, 13> kRanges{{{0x00, 0x1F},
                                                                   {0x7F, 0x9F},
                                                                   {0x61C, 0x61C},
                                                                   {0x180E, 0x180E},
                                                                   {0x200B, 0x200B},
                                                                   {0x200E, 0x200F},
                                                                   {0x2028, 0x202E},
                                                                   {0x2060, 0x206F},
                                                                   {0xFDD0, 0xFDEF},
                                                                   {0xFEFF, 0xFEFF},
                                                                   {0xFFF9, 0xFFFB},
                                                                   {0xE0000, 0xE0FFF},
                                                                   {0xF0000, 0x10FFFF}}};
  const bool nothing = (code & 0xFFFE) == 0xFFFE;
  return nothing || std::any_of(kRanges.begin(), kRanges.end(), [code](const auto& range) {
           return range.first <= code && code <= range.second;
         });
}

std::string escape_of(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  const auto number = static_cast<unsigned>(code);
  if (number < 0x100) return fmt::format("\\x{:02x}", number);
  return number < 0x10000 ? fmt::format("\\u{:04x}", number) : fmt::format("\\U{:08x}", number);
}

/// As JSON writes it: above U+FFFF as two halves.
std::string json_escape_of(char32_t code) {
  auto number = static_cast<unsigned>(code);
  if (number < 0x10000) return fmt::format("\\u{:04x}", number);
  number -= 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (number >> 10U), 0xDC00 + (number & 0x3FFU));
}

/// Whether a spreadsheet may compute a cell instead of showing it. Blanks and apostrophes before
/// the sign count as nothing, so that a guarded cell needs a guard again and reading gives back
/// what was written.
bool looks_like_formula(std::string_view text) {
  const std::size_t sign = text.find_first_not_of(" \t\r\n'");
  if (sign == text.npos) return false;
  const std::string_view rest = text.substr(sign);
  constexpr std::array<std::string_view, 8> kSigns{"=",      "+",      "-",      "@",
                                                   "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  if (std::none_of(kSigns.begin(), kSigns.end(),
                   [rest](std::string_view prefix) { return rest.starts_with(prefix); })) {
    return false;
  }
  double ignored = 0;
  return rest != "-" && !parse_number(rest.substr(rest.starts_with('+') ? 1 : 0), ignored);
}

/// The entity of a letter that is markup; "" for other letters.
std::string_view entity_of(char letter) {
  switch (letter) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return "";
  }
}

}  // namespace

std::string visible_text(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [code, bytes] = first_letter(text);
    if (bytes == 0) {
      out += escape_of(static_cast<unsigned char>(text[0]));
    } else if (commands(code) && (bytes > 1 || kept.find(text[0]) == kept.npos)) {
      out += escape_of(code);
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

std::string visible_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const auto [code, bytes] = first_letter(json);
    const std::size_t taken = bytes == 0 ? 1 : bytes;
    // Below U+007F JSON has escaped it already, or it is an end of line between two values.
    if (bytes > 0 && code >= 0x7F && commands(code)) {
      out += json_escape_of(code);
    } else {
      out += json.substr(0, taken);
    }
    json.remove_prefix(taken);
  }
  return out;
}

std::string csv_cell(std::string_view text) {
  const bool guarded = looks_like_formula(text);
  std::string out = guarded ? "'" : "";
  out += text;
  if (out.find_first_of(",\"\r\n") == out.npos) return out;
  std::string quoted = "\"";
  for (const char letter : out) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + "\"";
}

std::string csv_unguarded(std::string text) {
  if (text.starts_with('\'') && looks_like_formula(std::string_view(text).substr(1))) {
    text.erase(0, 1);
  }
  return text;
}

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
  constexpr std::size_t kMostShown = 80;
  const bool is_long = name.size() > kMostShown;
  const std::string shown = with_bytes_shown(name.substr(0, kMostShown)) + (is_long ? "..." : "");
  throw Error(ErrorKind::kData, {"the name '" + shown + "' is not UTF-8", with_bytes_shown(where),
                                 "rename the file; a list on standard input holds paths only"});
}

std::string_view without_byte_order_mark(std::string_view text) noexcept {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

std::string markup_text(std::string_view text) {
  std::string marked;
  for (const char letter : visible_text(text)) {
    const std::string_view entity = entity_of(letter);
    if (entity.empty()) {
      marked += letter;
    } else {
      marked += entity;
    }
  }
  return marked;
}

}  // namespace robiq
