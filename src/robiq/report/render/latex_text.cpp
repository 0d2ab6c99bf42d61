#include <fmt/format.h>

#include <map>

#include "robiq/core/text/text.h"
#include "robiq/report/render/latex_layout.h"

namespace robiq {
namespace {

/// Letters that are commands, and signs that stand in mathematics.
const std::map<char32_t, const char*>& replacements() {
  static const std::map<char32_t, const char*> kReplacements{
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
      {'"', "\\char34{}"},  // its name is known to some encodings only
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

/// Letters of Latin-1 that every encoding of LaTeX's fonts has: all but the division sign and those
/// of Icelandic.
bool in_every_font(char32_t code) {
  constexpr std::u32string_view kMissing = U"\u00F7\u00D0\u00F0\u00DE\u00FE";
  return code >= 0xC0 && code <= 0xFF && kMissing.find(code) == kMissing.npos;
}

}  // namespace

std::string latex_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code, bytes] = first_letter(text);
    const auto place = replacements().find(code);
    if (bytes == 0) {
      out += fmt::format("{{[}}0x{:02X}]", static_cast<unsigned char>(text[0]));
    } else if (text.starts_with(",,")) {
      out += ",{}";  // two of them would be a quotation mark
    } else if (place != replacements().end()) {
      out += place->second;
    } else if ((code >= 0x20 && code < 0x7F) || in_every_font(code)) {
      out += text.substr(0, bytes);
    } else {
      out += fmt::format("{{[}}U+{:04X}]", static_cast<unsigned>(code));
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

}  // namespace robiq
