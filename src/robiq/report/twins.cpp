#include "robiq/report/twins.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace robiq {

std::vector<Twins> pair_twins(const std::vector<Subject>& subjects) {
  std::set<std::pair<std::string, std::string>> with_twins;
  std::vector<Twins> pairs;
  for (const Subject& subject : subjects) {
    if (subject.defense != "none") {
      with_twins.insert({subject.run, subject.model});
      pairs.push_back({{subject.run, subject.model, "none"}, subject});
    }
  }
  for (const Subject& subject : subjects) {
    if (subject.defense == "none" && !with_twins.contains({subject.run, subject.model})) {
      pairs.push_back({subject, {subject.run, subject.model, ""}});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const Twins& a, const Twins& b) { return a.nt < b.nt; });
  return pairs;
}

std::vector<MeasureStyle> measure_styles(bool with_r) {
  std::vector<MeasureStyle> styles{{"rmse", "RMSE ↓", 3, true},
                                   {"srocc", "SROCC ↑", 4, false},
                                   {"plcc", "PLCC ↑", 4, false},
                                   {"krocc", "KROCC ↑", 4, false}};
  if (with_r) styles.push_back({"r", "R ↑", 3, false});
  return styles;
}

Cell twin_cell(const Statistic& base, const Statistic& nt, int decimals, bool smaller_is_better) {
  Cell cell{
      {{base.mean, decimals, false, base.deviation}, {nt.mean, decimals, false, nt.deviation}}};
  const auto printed = [&](double value) { return std::round(value * std::pow(10.0, decimals)); };
  const double gain =
      printed(nt.mean) - printed(base.mean);  // NaN where one is missing: nothing is marked
  if (gain > 0) cell.values[smaller_is_better ? 0 : 1].best = true;
  if (gain < 0) cell.values[smaller_is_better ? 1 : 0].best = true;
  return cell;
}

Column twin_column(const MeasureStyle& style) {
  return {style.title, {style.name + "_base", style.name + "_nt"}};
}

std::string attack_label(const Situation& attack, const std::vector<Situation>& all) {
  const auto of_that_name = std::count_if(all.begin(), all.end(), [&](const Situation& other) {
    return other.attack == attack.attack;
  });
  if (of_that_name == 1) return attack.attack;
  std::string label = attack.attack;
  if (!attack.attack_options.empty()) label += ":" + attack.attack_options;
  if (!attack.level.empty()) label += ", " + attack.level;
  if (!attack.surrogate.empty()) label += ", made on " + attack.surrogate;
  return label;
}

std::vector<std::string> attack_notes(const std::vector<Situation>& attacks) {
  std::vector<std::string> notes;
  for (const Situation& attack : attacks) {
    std::string note = attack.attack + ":";
    note += " " + (attack.attack_options.empty() ? "no options" : attack.attack_options);
    if (!attack.level.empty()) note += "; level " + attack.level;
    if (!attack.surrogate.empty()) note += "; made on " + attack.surrogate;
    notes.push_back(note);
  }
  return notes;
}

std::string table_id(const std::string& id, std::size_t dataset) {
  return dataset == 0 ? id : id + "-" + std::to_string(dataset + 1);
}

}  // namespace robiq
