#pragma once
#include <string>
#include <string_view>

namespace robiq {

/// A model behind a purifier, as results name it: "cnniqa | jpeg:quality=50", with ", not adaptive"
/// where the attacks were made on the model alone. Without a purifier it is the model's own name.
struct DefendedName {
  std::string model;
  std::string purifier;  ///< "": none
  bool adaptive = true;  ///< attacks go through the purifier

  /// The name in results.
  [[nodiscard]] std::string text() const {
    if (purifier.empty()) return model;
    return model + std::string(kBehind) + purifier + std::string(adaptive ? "" : kNotAdaptive);
  }
  /// What text() wrote.
  [[nodiscard]] static DefendedName parse(const std::string& text) {
    DefendedName name{text, "", true};
    const std::size_t bar = text.rfind(kBehind);
    if (bar == std::string::npos) return name;
    name.model = text.substr(0, bar);
    name.purifier = text.substr(bar + kBehind.size());
    if (!name.purifier.ends_with(kNotAdaptive)) return name;
    name.adaptive = false;
    name.purifier.resize(name.purifier.size() - kNotAdaptive.size());
    return name;
  }

 private:
  static constexpr std::string_view kBehind = " | ", kNotAdaptive = ", not adaptive";
};

}  // namespace robiq
