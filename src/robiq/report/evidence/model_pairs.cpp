#include "robiq/report/evidence/model_pairs.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <tuple>

#include "robiq/report/evidence/names/titles.h"

namespace robiq {
namespace {

/// As it is printed, without the point.
double printed(const Value& value) {
  return std::round(std::get<double>(value.value) * std::pow(10.0, value.decimals));
}

}  // namespace

void sort_subjects(std::vector<Subject>& subjects) {
  const auto place = [](const Subject& subject) {
    return std::tuple{subject.model, subject.run, order_of_defense(subject)};
  };
  std::sort(subjects.begin(), subjects.end(),
            [&](const Subject& a, const Subject& b) { return place(a) < place(b); });
}

std::vector<ModelPair> pair_models(std::vector<Subject> subjects) {
  sort_subjects(subjects);
  std::set<std::pair<std::string, std::string>> with_baseline, with_twins;
  for (const Subject& subject : subjects) {
    (subject.baseline() ? with_baseline : with_twins).insert({subject.run, subject.model});
  }
  std::vector<ModelPair> pairs;
  for (const Subject& subject : subjects) {
    const std::pair model{subject.run, subject.model};
    if (!subject.baseline() && with_baseline.contains(model)) {
      pairs.push_back({{subject.run, subject.model, "none"}, subject});
    } else if (!subject.baseline() || !with_twins.contains(model)) {
      pairs.push_back({subject, {subject.run, subject.model, ""}});
    }
  }
  return pairs;
}

std::vector<MeasureStyle> measure_styles(bool with_r) {
  std::vector<MeasureStyle> styles{{"rmse", "RMSE", 3, true},
                                   {"srocc", "SROCC", 4, false},
                                   {"plcc", "PLCC", 4, false},
                                   {"krocc", "KROCC", 4, false}};
  if (with_r) styles.push_back({"r", "R", 3, false});
  return styles;
}

const MeasureStyle& measure_style(std::string_view name) {
  static const std::vector<MeasureStyle> kStyles = measure_styles(true);
  for (const MeasureStyle& style : kStyles) {
    if (style.name == name) return style;
  }
  throw std::logic_error("no measure is called " + std::string(name));
}

Value value_of(const Statistic& statistic, int decimals) {
  return {statistic.mean, decimals, false, statistic.deviation, statistic.refused};
}

Cell pair_cell(const Statistic& base, const Statistic& defended, int decimals,
               bool smaller_is_better) {
  Cell cell{{value_of(base, decimals), value_of(defended, decimals)}};
  mark_best({&cell.values[0], &cell.values[1]}, smaller_is_better);
  return cell;
}

void mark_best(const std::vector<Value*>& values, bool smaller_is_better) {
  std::vector<double> sorted;
  const auto counts = [](const Value& value) {
    return !value.refused && std::isfinite(std::get<double>(value.value));
  };
  for (const Value* value : values) {
    if (counts(*value)) sorted.push_back(printed(*value));
  }
  std::sort(sorted.begin(), sorted.end());
  if (sorted.size() < 2 || sorted.front() == sorted.back()) return;
  const double best = smaller_is_better ? sorted.front() : sorted.back();
  for (Value* value : values) {
    value->best = counts(*value) && printed(*value) == best;
  }
}

}  // namespace robiq
