#pragma once
#include <limits>
#include <string>

namespace robiq {

/// How strong a training defense is, and what tables and figures call that. Its card says it; a
/// chain of several defenses has no one strength.
struct DefenseStrength {
  std::string title;   ///< of the defense, "NT"; "": it has no strength
  std::string option;  ///< by which it grows stronger, "weight"
  std::string symbol;  ///< of that option, "λ"; "": its name
  double value = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] bool known() const { return !title.empty(); }
  /// Head of a column, title of an axis: "λ", or the option's name.
  [[nodiscard]] const std::string& sign() const { return symbol.empty() ? option : symbol; }
  /// "weight λ of NT".
  [[nodiscard]] std::string text() const {
    return option + (symbol.empty() ? "" : " " + symbol) + " of " + title;
  }
};

}  // namespace robiq
