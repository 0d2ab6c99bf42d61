#pragma once
#include <string>
#include <vector>

#include "robiq/report/evidence.h"
#include "robiq/report/report.h"

namespace robiq {

/// A baseline and one of its +NT twins; either may lack results.
struct Twins {
  Subject base, nt;
  [[nodiscard]] std::string defense() const { return nt.defense.empty() ? "-" : nt.defense; }
};

/// One entry for each +NT twin of each model; a model without twins stands alone (nt.defense "").
[[nodiscard]] std::vector<Twins> pair_twins(const std::vector<Subject>& subjects);

/// How a measure is printed and compared.
struct MeasureStyle {
  std::string name, title;
  int decimals;
  bool smaller_is_better;
};
/// RMSE, SROCC, PLCC, KROCC and, where asked, R.
[[nodiscard]] std::vector<MeasureStyle> measure_styles(bool with_r);

/// "base / +NT"; the better of two that differ as printed is marked.
[[nodiscard]] Cell twin_cell(const Statistic& base, const Statistic& nt, int decimals,
                             bool smaller_is_better);
/// "RMSE ↓" with the keys "rmse_base" and "rmse_nt".
[[nodiscard]] Column twin_column(const MeasureStyle& style);

/// What an attack is called in a table: its name, with more where that is not enough.
[[nodiscard]] std::string attack_label(const Situation& attack, const std::vector<Situation>& all);
/// "fgsm: epsilon=0.005; level view; made on cnniqa".
[[nodiscard]] std::vector<std::string> attack_notes(const std::vector<Situation>& attacks);

/// "id" for the first data set, "id-2" for the second.
[[nodiscard]] std::string table_id(const std::string& id, std::size_t dataset);

}  // namespace robiq
