#pragma once
#include <string>

namespace robiq {

/// A model behind a purifier, as results name it: "cnniqa | jpeg:quality=50", with ", not adaptive"
/// where the attacks were made on the model alone. Without a purifier it is the model's own name.
struct DefendedName {
  std::string model;
  std::string purifier;  ///< "": none
  bool adaptive = true;  ///< attacks go through the purifier

  /// The name in results.
  [[nodiscard]] std::string text() const;
  /// What text() wrote.
  [[nodiscard]] static DefendedName parse(const std::string& text);
};

}  // namespace robiq
