#pragma once
#include <algorithm>
#include <string>
#include <string_view>

namespace robiq {

/// What was trained and how, as the label of a training's run says it: "cnniqa none",
/// "torchscript:file=/my dir/x.pt gradient-norm:weight=1e-05". Options of either may hold spaces.
struct TrainingLabel {
  std::string model;
  std::string defense = "none";

  /// The label.
  [[nodiscard]] std::string text() const { return model + " " + defense; }
  /// What text() wrote: the defense begins at the first space from which the rest can be one, else
  /// at the last.
  [[nodiscard]] static TrainingLabel parse(const std::string& text) {
    std::size_t space = text.find(' ');
    while (space != text.npos && !begins_defense(std::string_view(text).substr(space + 1))) {
      space = text.find(' ', space + 1);
    }
    if (space == text.npos) space = text.rfind(' ');
    if (space == text.npos) return {text, "none"};
    return {text.substr(0, space), text.substr(space + 1)};
  }

 private:
  static constexpr std::string_view kWord =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

  /// NAME, NAME+NAME... or either with the first options: NAME:KEY=
  [[nodiscard]] static bool begins_defense(std::string_view text) {
    while (true) {
      const std::size_t name = std::min(text.find_first_not_of(kWord), text.size());
      if (name == 0) return false;
      if (name == text.size()) return true;
      const char mark = text[name];
      text.remove_prefix(name + 1);
      if (mark == ':') {
        const std::size_t key = text.find_first_not_of(kWord);
        return key != text.npos && key > 0 && text[key] == '=';
      }
      if (mark != '+') return false;
    }
  }
};

}  // namespace robiq
