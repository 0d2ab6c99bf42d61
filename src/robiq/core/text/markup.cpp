#include "robiq/core/text/markup.h"

#include "robiq/core/text/escape.h"

namespace robiq {
namespace {

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
