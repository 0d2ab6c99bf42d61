#include "robiq/report/latex_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>

namespace robiq {
namespace {

using CodePoint = std::uint32_t;

/// Letters that are commands, and signs that stand in mathematics.
const std::map<CodePoint, const char*>& replacements() {
  static const std::map<CodePoint, const char*> kReplacements{
      {'\\', "\\textbackslash{}"},
      {'{', "\\{"},
      {'}', "\\}"},
      {'$', "\\$"},
      {'&', "\\&"},
      {'#', "\\#"},
      {'%', "\\%"},
      {'_', "\\_"},
      {'^', "\\textasciicircum{}"},
      {'~', "\\textasciitilde{}"},
      {'<', "\\textless{}"},
      {'>', "\\textgreater{}"},
      {'|', "\\textbar{}"},
      {'"', "\\textquotedbl{}"},
      {'\'', "\\textquotesingle{}"},
      {'`', "\\textasciigrave{}"},
      {'-', "{-}"},  // two of them would be a dash
      {'[', "{[}"},  // after "\\" it would begin an argument
      {'*', "{*}"},
      {'\n', " "},
      {'\r', " "},
      {'\t', " "},
      {0xB0, "$^\\circ$"},
      {0xB1, "$\\pm$"},
      {0xB5, "$\\mu$"},
      {0xD7, "$\\times$"},
      {0x394, "$\\Delta$"},
      {0x3B1, "$\\alpha$"},
      {0x3B5, "$\\varepsilon$"},
      {0x3BB, "$\\lambda$"},
      {0x2013, "--"},
      {0x2014, "---"},
      {0x2018, "`"},
      {0x2019, "'"},
      {0x201C, "``"},
      {0x201D, "''"},
      {0x2191, "$\\uparrow$"},
      {0x2192, "$\\rightarrow$"},
      {0x2193, "$\\downarrow$"},
      {0x2212, "$-$"},
      {0x221E, "$\\infty$"},
      {0x2264, "$\\leq$"},
      {0x2265, "$\\geq$"}};
  return kReplacements;
}

/// One letter's bytes at the begin of a text.
struct Letter {
  CodePoint code = 0;
  std::size_t bytes = 0;  ///< 0: no UTF-8
};

Letter first_letter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t bytes = byte(0) >= 0xF0 && byte(0) < 0xF8 ? 4
                            : byte(0) >= 0xE0                 ? 3
                            : byte(0) >= 0xC2                 ? 2
                                                              : 0;
  if (bytes == 0 || byte(0) >= 0xF8 || text.size() < bytes) return {};
  CodePoint code = byte(0) & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  return {code, bytes};
}

}  // namespace

std::string latex_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code, bytes] = first_letter(text);
    const auto place = replacements().find(code);
    if (bytes == 0) {
      out += fmt::format("{{[}}0x{:02X}]", static_cast<unsigned char>(text[0]));
    } else if (place != replacements().end()) {
      out += place->second;
    } else if ((code >= 0x20 && code < 0x7F) || (code >= 0xC0 && code <= 0xFF && code != 0xF7)) {
      out += text.substr(0, bytes);
    } else {
      out += fmt::format("{{[}}U+{:04X}]", code);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

}  // namespace robiq
