#include "robiq/report/render/markdown_text.h"

#include "robiq/core/text/escape.h"

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

}  // namespace robiq
