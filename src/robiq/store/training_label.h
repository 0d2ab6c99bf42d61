#pragma once
#include <regex>
#include <string>

namespace robiq {

/// What was trained and how, as the label of a training's run says it: "cnniqa none",
/// "torchscript:file=/my dir/x.pt gradient-norm:weight=1e-05". Options of either may hold spaces.
struct TrainingLabel {
  std::string model;
  std::string defense = "none";

  /// The label.
  [[nodiscard]] std::string text() const { return model + " " + defense; }
  /// What text() wrote: the defense begins with the first word that can be a defense's name.
  [[nodiscard]] static TrainingLabel parse(const std::string& text) {
    static const std::regex begin(" [a-z][a-z0-9-]*(?=[:+]|$)");
    std::smatch found;
    if (!std::regex_search(text, found, begin)) return {text, "none"};
    const auto place = static_cast<std::size_t>(found.position());
    return {text.substr(0, place), text.substr(place + 1)};
  }
};

}  // namespace robiq
