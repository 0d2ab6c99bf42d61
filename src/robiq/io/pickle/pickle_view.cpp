#include "robiq/io/pickle/pickle_view.h"

#include <cstdint>

#include "robiq/io/table/table_text.h"

namespace robiq {
namespace {

/// Names may be shared by all the values that have one, so looking at each must be cheap.
constexpr std::size_t kMaxName = 1024;

}  // namespace

const PickleCall* PickleView::call(PickleId id) const {
  const auto* const owner = as<std::unique_ptr<PickleCall>>(id);
  return owner == nullptr ? nullptr : owner->get();
}

std::string_view PickleView::function_of(const PickleCall& call) const {
  return global(call.function, "a function");
}

std::int64_t PickleView::integer(PickleId id, std::string_view what) const {
  const auto* const value = as<std::int64_t>(id);
  if (value == nullptr) refuse(std::string(what) + " is not a whole number");
  return *value;
}

std::string_view PickleView::text(PickleId id, std::string_view what) const {
  const auto* const present = as<PickleText>(id);
  const auto* const raw = as<PickleRaw>(id);
  if (present == nullptr && raw == nullptr) refuse(std::string(what) + " is not text");
  const std::string_view held = present != nullptr ? present->text : raw->bytes;
  if (held.size() > kMaxName) refuse(std::string(what) + " is too long to be true");
  if (find_non_text(held) != std::string_view::npos) {
    refuse(std::string(what) + " is not UTF-8, or holds a NUL");
  }
  return held;
}

std::string_view PickleView::global(PickleId id, std::string_view what) const {
  const auto* const value = as<PickleGlobal>(id);
  if (value == nullptr) refuse(std::string(what) + " is not the name of something in Python");
  return value->name;
}

std::span<const PickleId> PickleView::sequence(PickleId id, std::string_view what) const {
  const PickleCall* const maker = call(id);
  if (maker != nullptr && function_of(*maker) == "torch.Size") {
    id = arguments(*maker, 1, 1)[0];
  }
  const auto* const value = as<PickleSequence>(id);
  if (value == nullptr) refuse(std::string(what) + " is not a list");
  return value->items;
}

std::span<const PickleId> PickleView::arguments(const PickleCall& call, std::size_t least,
                                                std::size_t most) const {
  const auto* const tuple = as<PickleSequence>(call.arguments);
  const std::size_t count = tuple == nullptr ? 0 : tuple->items.size();
  if (tuple == nullptr || count < least || count > most) {
    refuse(std::string(function_of(call)) + " is called with " + std::to_string(count) +
           " arguments");
  }
  return tuple->items;
}

namespace {

/// `digits` at the front of `text` in base 8 or 16, taken off. \return nothing when they are none
std::optional<std::uint32_t> take_digits(std::string_view& text, std::size_t digits,
                                         std::uint32_t base) {
  if (text.size() < digits) return std::nullopt;
  std::uint32_t value = 0;
  for (const char letter : text.substr(0, digits)) {
    std::uint32_t digit = base;
    if (letter >= '0' && letter <= '9') digit = static_cast<std::uint32_t>(letter - '0');
    if (letter >= 'a' && letter <= 'f') digit = static_cast<std::uint32_t>(letter - 'a' + 10);
    if (letter >= 'A' && letter <= 'F') digit = static_cast<std::uint32_t>(letter - 'A' + 10);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  text.remove_prefix(digits);
  return value;
}

/// \return whether `code` is a character: no surrogate, not beyond U+10FFFF
bool append_utf8(std::string& text, std::uint32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
  return true;
}

/// What stands behind a backslash, taken off the front. \return nothing when it is no escape
std::optional<char> take_escape(std::string_view& text) {
  constexpr std::string_view kLetters = "\\'\"abfnrtv", kMeanings = "\\'\"\a\b\f\n\r\t\v";
  if (text.empty()) return std::nullopt;
  if (const std::size_t known = kLetters.find(text[0]); known != std::string_view::npos) {
    text.remove_prefix(1);
    return kMeanings[known];
  }
  std::optional<std::uint32_t> code;
  if (text[0] == 'x') {
    text.remove_prefix(1);
    code = take_digits(text, 2, 16);
  } else {
    code = take_digits(text, 3, 8);
  }
  if (!code || *code > 0xFF) return std::nullopt;
  return static_cast<char>(*code);
}

}  // namespace

std::optional<std::string> unquote_python_string(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back() ||
      (literal.front() != '\'' && literal.front() != '"')) {
    return std::nullopt;
  }
  literal = literal.substr(1, literal.size() - 2);
  std::string bytes;
  while (!literal.empty()) {
    char letter = literal[0];
    literal.remove_prefix(1);
    if (letter == '\\') {
      const std::optional<char> escaped = take_escape(literal);
      if (!escaped) return std::nullopt;
      letter = *escaped;
    }
    bytes += letter;
  }
  return bytes;
}

std::optional<std::string> decode_raw_unicode_escape(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const char letter = text[0];
    text.remove_prefix(1);
    const bool escape = letter == '\\' && !text.empty() && (text[0] == 'u' || text[0] == 'U');
    std::optional<std::uint32_t> code = static_cast<unsigned char>(letter);
    if (escape) {
      const std::size_t digits = text[0] == 'u' ? 4 : 8;
      text.remove_prefix(1);
      code = take_digits(text, digits, 16);
    }
    if (!code || !append_utf8(decoded, *code)) return std::nullopt;
  }
  return decoded;
}

std::optional<std::string> encode_latin1(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
      const auto tail = static_cast<unsigned char>(text[++i]);
      if ((tail & 0xC0) != 0x80) return std::nullopt;
      bytes += static_cast<char>((lead & 3) << 6 | (tail & 0x3F));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

}  // namespace robiq
