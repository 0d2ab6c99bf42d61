#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/attack/alignment.h"
#include "robiq/attack/attack.h"
#include "robiq/core/options/params.h"
#include "robiq/store/attack_options.h"

namespace robiq {

/// Of --align: "linf=4/255", "l2=1.5" or "ssim=0.95"; nothing for "".
/// \throws Error{kUsage}
[[nodiscard]] std::optional<StrengthTarget> parse_alignment(const std::string& text);
/// The same in full: "linf=0.0156863".
[[nodiscard]] std::string alignment_text(const StrengthTarget& target);

/// How strong an attack is, as one number that grows with it: the search of align_strength() moves
/// it, and options follow.
class AttackStrength {
 public:
  /// \param text   the attack, NAME:key=value,...
  /// \param where  it was written, for messages
  /// \throws Error{kUsage} for an attack whose strength is no single option
  AttackStrength(const std::string& text, const std::string& where);

  /// The option that the card names: "epsilon".
  [[nodiscard]] const std::string& option() const noexcept { return option_; }
  /// Where the search begins: what the options say; for an l_inf ball at once what is asked.
  [[nodiscard]] double start(const StrengthTarget& target) const;
  /// The largest that the attack takes.
  [[nodiscard]] double most() const noexcept { return most_; }
  /// The option's value at a strength.
  [[nodiscard]] double value_at(double strength) const;
  /// Its option `loss`; "" where it has none.
  [[nodiscard]] std::string loss() const { return options_.value("loss"); }
  /// The attack at a strength.
  [[nodiscard]] std::string text_at(double strength) const;
  /// What names the attack in results, whatever strength is found: its options without those that
  /// the search moves, and with what was asked.
  [[nodiscard]] AttackOptions key(const StrengthTarget& target) const;

 private:
  Spec spec_;
  AttackCard card_;
  AttackOptions options_;
  std::string option_, step_;  ///< step_: "" where no step size follows
  bool whole_ = false;
  double first_ = 0;  ///< the option's value as written
  double most_ = 0, ratio_ = 0, most_step_ = 0;
};

/// The attacks with `queries=N` wherever an attack asks for scores only and can be bounded.
/// \throws Error{kUsage} where one says another number itself
[[nodiscard]] std::vector<std::string> bounded_by_queries(const std::vector<std::string>& attacks,
                                                          std::int64_t queries);
/// --queries N: the same for attacks of which some can be bounded.
/// \throws Error{kUsage} where none can
[[nodiscard]] std::vector<std::string> with_queries(const std::vector<std::string>& attacks,
                                                    std::int64_t queries);

}  // namespace robiq
