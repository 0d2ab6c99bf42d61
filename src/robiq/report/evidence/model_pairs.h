#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/report.h"

namespace robiq {

/// A baseline and one of its defended twins. One that stands alone, of whichever kind, is `base`.
struct ModelPair {
  Subject base, defended;
  [[nodiscard]] bool paired() const { return !defended.defense.empty(); }
};

/// By model, run, and how much is defended: the baseline, then its twins by growing lambda.
void sort_subjects(std::vector<Subject>& subjects);

/// One entry for each defended twin of each model; a baseline without twins, and a defended model
/// without its baseline, stand alone (defended.defense ""). In the order of sort_subjects().
[[nodiscard]] std::vector<ModelPair> pair_models(std::vector<Subject> subjects);

/// How a measure is printed and compared.
struct MeasureStyle {
  std::string name, title;
  int decimals;
  bool smaller_is_better;
  [[nodiscard]] std::string with_arrow() const { return title + (smaller_is_better ? " ↓" : " ↑"); }
};
/// RMSE, SROCC, PLCC, KROCC and, where asked, R.
[[nodiscard]] std::vector<MeasureStyle> measure_styles(bool with_r);
[[nodiscard]] const MeasureStyle& measure_style(std::string_view name);

/// With the deviation over seeds, where there were several.
[[nodiscard]] Value value_of(const Statistic& statistic, int decimals);

/// "base / defended"; the better of two that differ as printed is marked.
[[nodiscard]] Cell pair_cell(const Statistic& base, const Statistic& defended, int decimals,
                             bool smaller_is_better);

/// Marks the best of all values of these cells that are numbers, unless all are printed alike.
void mark_best(const std::vector<Value*>& values, bool smaller_is_better);

}  // namespace robiq
