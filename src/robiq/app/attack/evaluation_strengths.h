#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/attack/aligned_attacks.h"
#include "robiq/app/attack/attack_strength.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/app/evaluate/measures/sanity_flags.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// The strengths of an evaluation's attacks under --align: found by a search, or in what an earlier
/// run of it stored.
class EvaluationStrengths {
 public:
  /// Whose strengths these are in the database.
  struct Key {
    std::int64_t run = 0, model = 0;
    std::string dataset;
  };

  EvaluationStrengths() = default;
  /// \param align  what every attack is brought to: "linf=4/255"; "": nothing is aligned
  /// \throws Error{kUsage} for another text
  explicit EvaluationStrengths(std::string align);

  [[nodiscard]] bool asked() const { return target_.has_value(); }
  /// Takes in the next attack; its options and its folder are then named by what was asked.
  /// \param text  the attack, NAME:key=value,...
  /// \throws Error{kUsage} for an attack whose strength is no single option
  void add(const std::string& text, NamedAttack& attack);
  /// Finds the strength of each attack, stores it with what there is to doubt about it, and makes
  /// the attacks so strong.
  void find(const EvaluationSubject& subject, const AlignedPictures& pictures, const Key& key,
            ResultsStore& store, std::vector<NamedAttack>& attacks);
  /// What find() found, for use() in other processes.
  [[nodiscard]] std::vector<double> values() const;
  /// Makes the attacks so strong.
  void use(const std::vector<double>& strengths, std::vector<NamedAttack>& attacks) const;
  /// Puts the strengths into the rows of the block before_after.
  void add_to(std::vector<EvaluationRow>& rows, const std::vector<NamedAttack>& attacks) const;

 private:
  std::string align_;
  std::optional<StrengthTarget> target_;
  std::vector<AttackStrength> alignable_;  ///< one for each attack
  std::vector<FoundStrength> found_;       ///< likewise, in the first process
};

}  // namespace robiq
