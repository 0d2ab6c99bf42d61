#pragma once
#include <string>
#include <vector>

#include "robiq/report/evidence/evidence.h"

namespace robiq {

/// A number printed in the supplement.
struct PaperValue {
  std::string table;    ///< s2 | s4 | s5 | s6 | s7
  std::string attack;   ///< "fgsm", "fgsm:loss=mae"; of s7 white | black | overall
  std::string model;    ///< as registered, "hyperiqa"
  std::string defense;  ///< none | gradient-norm
  std::string block;    ///< mos_after | before_after
  std::string measure;  ///< as in the results; of s7 delta_rmse | delta_srocc
  double value = ScoreRow::kNone;
};

/// All of them, as in paper_values.csv.
[[nodiscard]] const std::vector<PaperValue>& paper_values();

/// What the supplement prints at that place; NaN where it prints nothing.
/// \param wanted  its value is not looked at
[[nodiscard]] double paper_value(const PaperValue& wanted);

/// What the supplement prints for one of the subjects; NaN for models that it does not have.
[[nodiscard]] double paper_value(const std::string& table, const std::string& attack,
                                 const Subject& subject, const std::string& block,
                                 const std::string& measure);

/// The attack's name where it is one of the paper's, with the strength of the supplement's Table
/// S3; "" otherwise.
[[nodiscard]] std::string paper_attack(const Situation& attack);

/// "FGSM (paper)", what a row of printed numbers is called.
[[nodiscard]] std::string paper_row_title(const std::string& title);

}  // namespace robiq
