#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace robiq {

// An enum that files, flags and tables write as words has a function beside it that lists them in
// the order of its values, which count from 0:
//
//   enum class AttackLevel { kView, kImage };
//   constexpr std::array<std::string_view, 2> words_of(AttackLevel) { return {"view", "image"}; }

/// An enum with such a function.
template <class E>
concept Worded = std::is_enum_v<E> && requires(E value) {
  words_of(value).size();
};

/// The word of a value. The value must be one of the enum's.
template <Worded E>
[[nodiscard]] std::string word_of(E value) {
  return std::string(words_of(value).at(static_cast<std::size_t>(value)));
}

/// The value with that word; nothing where there is none.
template <Worded E>
[[nodiscard]] std::optional<E> with_word(std::string_view word) {
  const auto words = words_of(E{});
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<E>(found - words.begin());
}

}  // namespace robiq
