#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "robiq/app/evaluate/measures/measured_rows.h"
#include "robiq/core/options/params.h"
#include "robiq/metric/measures.h"

namespace robiq {

/// A condition under which a program that checks models is to fail: BLOCK.MEASURE(ATTACK) OP
/// NUMBER, e.g. "before_after.r(fgsm) < 1.0"; nothing between the parentheses is the clean
/// pictures; @NAME after them keeps to models or defenses of that name.
struct Threshold {
  /// How the measured value is compared with the number.
  enum class Comparison { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

  std::string text;
  Block block = Block::kMosBefore;
  std::string measure;
  Spec attack;  ///< name "" for clean pictures; options that are given must be those of the attack
  std::string only;  ///< "": all models
  Comparison comparison = Comparison::kLess;
  double number = 0;

  [[nodiscard]] bool crossed_by(double value) const;
};

/// \throws Error{kUsage} for what is none, or names a block, measure or attack that does not exist
[[nodiscard]] std::vector<Threshold> parse_thresholds(const std::vector<std::string>& texts);

/// What an evaluation or a study will measure.
struct JudgedWork {
  std::vector<std::string> attacks;  ///< specs
  std::vector<std::string> names;    ///< of models and defenses
};

/// What @NAME may be for an evaluation: the model's name and, from the card of its weights, its
/// defense.
/// \throws Error{kModel} for weights that cannot be read
[[nodiscard]] std::vector<std::string> names_of_model(const std::string& model,
                                                      const std::string& weights);

/// \throws Error{kUsage} for a threshold that nothing of the work could cross
void check_thresholds(const std::vector<Threshold>& thresholds, const JudgedWork& work);

/// A row of measures, and whose it is.
struct JudgedRow {
  const MeasuredRow* row = nullptr;
  std::string who;                 ///< "cnniqa none"; may be empty
  std::vector<std::string> names;  ///< what @NAME may be
};

/// Thrown after the work when thresholds were crossed: exit code 1.
class ThresholdCrossed : public std::runtime_error {
 public:
  explicit ThresholdCrossed(std::vector<std::string> lines);
  /// One a crossing, with the value.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

/// \throws ThresholdCrossed; a measure that is undefined, or that no row has, counts as crossed
void judge(const std::vector<Threshold>& thresholds, const std::vector<JudgedRow>& rows);

}  // namespace robiq
