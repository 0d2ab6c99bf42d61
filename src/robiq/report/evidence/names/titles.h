#pragma once
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/report.h"

namespace robiq {

/// Where a subject stands among those of its model: the baseline, each defense that has a strength
/// by it, others by name.
[[nodiscard]] std::tuple<bool, bool, std::string, double, std::string> order_of_defense(
    const Subject& subject);

/// "gradient-norm" of "gradient-norm:weight=0.001".
[[nodiscard]] std::string defense_name(const Subject& subject);

/// How strong its defense is, as its card says; lambda of a +NT twin whose card is silent. The
/// value is 0 for the baseline and NaN where there is no strength.
[[nodiscard]] DefenseStrength strength_of(const Subject& subject);

/// The value with six digits: a weight that was computed has rounding in its last ones.
[[nodiscard]] std::string strength_text(const Subject& subject);

/// What models, defenses and attacks are called in tables and figures: as short as the evidence
/// lets them be told apart, the digits of numbers too.
class Titles {
 public:
  explicit Titles(const Evidence& evidence);

  /// "CNNIQA", "CNNIQA filters=8"; with the run's name where runs are compared.
  [[nodiscard]] std::string model(const Subject& subject) const;
  /// "base", "+NT", or "+NT 1e-05", "+NT step=0.01" where a model has several that differ so; the
  /// defense's title is that of its card.
  [[nodiscard]] std::string defense(const Subject& subject) const;
  /// "FGSM", "I-FGSM", "Perceptual", "UAP*", "Kor.*"; the asterisk marks black boxes. With the
  /// options, the level or the surrogate in which attacks of that name differ.
  [[nodiscard]] std::string attack(const Situation& situation) const;
  /// The same without the asterisk, the level and the surrogate: "FGSM epsilon=0.01".
  [[nodiscard]] std::string attack_with_options(const Situation& situation) const;
  /// "I-FGSM" of "ifgsm", as the attack's card says.
  [[nodiscard]] static std::string attack_name(const Situation& situation);
  /// "CNNIQA +NT" of a model that is itself measured, "CNNIQA (surrogate)" of another; "" for an
  /// attack made on the attacked model itself.
  [[nodiscard]] std::string surrogate(const Situation& situation) const;

  [[nodiscard]] About about(const Subject& subject) const;
  [[nodiscard]] About about(const Subject& subject, const Situation& situation) const;

 private:
  static constexpr int kAllDigits = 17;

  void find_differences(const Evidence& evidence);
  /// "CNNIQA filters=8" of "cnniqa:filters=8", as the model's card says.
  [[nodiscard]] std::string model_title(const std::string& model) const;
  /// Every title of the evidence with the digits of now.
  [[nodiscard]] std::set<std::string> all_titles(const Evidence& evidence) const;
  [[nodiscard]] std::string shortened(const std::string& text) const;

  /// " epsilon=0.01", of the options in which attacks of that name differ.
  [[nodiscard]] std::string differing_text(const Situation& situation) const;

  std::map<std::string, std::string> model_titles_;    ///< by registered name
  std::map<std::string, std::string> defense_titles_;  ///< by defense
  std::map<std::string, DefenseStrength> strengths_;   ///< by defense
  /// Options in which twins of one model differ, by the name of their defense.
  std::map<std::string, std::set<std::string>> differing_in_defense_;
  std::map<std::string, std::set<std::string>> differing_;  ///< option keys, by attack
  std::map<std::string, std::set<std::string>> levels_, surrogates_;
  int digits_ = kAllDigits;  ///< of numbers in titles
};

}  // namespace robiq
