#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "robiq/report/evidence/paper_values.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

constexpr const char* kBlock = "before_after";

struct AttackGroup {
  const char *title, *paper;  ///< paper: its name among the printed values
  std::function<bool(const Situation&)> has;
};

const std::array<AttackGroup, 3>& attack_groups() {
  static const std::array<AttackGroup, 3> kGroups{
      {{"White box", "white", [](const Situation& attack) { return !is_black_box(attack); }},
       {"Black box", "black", [](const Situation& attack) { return is_black_box(attack); }},
       {"Overall", "overall", [](const Situation&) { return true; }}}};
  return kGroups;
}

/// The mean over attacks of the defended twin's value minus the baseline's. Its deviation is over
/// seeds with which both were measured under all of the attacks.
class AverageGain {
 public:
  AverageGain(const Evidence& evidence, const ModelPair& twins, std::string measure)
      : evidence_(evidence), twins_(twins), measure_(std::move(measure)) {}

  void add(const Situation& attack) {
    const MeasureKey base{attack, twins_.base, kBlock, measure_};
    const MeasureKey of_twin{attack, twins_.defended, kBlock, measure_};
    const Statistic defended = evidence_.find(of_twin), plain = evidence_.find(base);
    const double gain = defended.mean - plain.mean;
    if (std::isnan(gain) || defended.refused || plain.refused) return;
    gains_.push_back(gain);
    const auto& base_seeds = evidence_.measures.at(base);
    const auto& twin_seeds = evidence_.measures.at(of_twin);
    for (const auto& [seed, found] : base_seeds) {
      const auto twin = twin_seeds.find(seed);
      if (twin != twin_seeds.end()) {
        by_seed_[seed].push_back(twin->second.row.value - found.row.value);
      }
    }
    seeds_differ_ = seeds_differ_ || base_seeds.size() != twin_seeds.size();
  }
  [[nodiscard]] Statistic average() const {
    Statistic average{statistic_of(gains_).mean, ScoreRow::kNone, gains_.size()};
    std::vector<double> of_seeds;
    for (const auto& [seed, gains] : by_seed_) {
      if (gains.size() != gains_.size()) return average;
      of_seeds.push_back(statistic_of(gains).mean);
    }
    if (!seeds_differ_) average.deviation = statistic_of(of_seeds).deviation;
    return average;
  }

 private:
  const Evidence& evidence_;
  const ModelPair& twins_;
  std::string measure_;
  std::vector<double> gains_;
  std::map<std::string, std::vector<double>> by_seed_;
  bool seeds_differ_ = false;
};

Statistic average_gain(const TableSource& source, const MeasuredSet& set, const ModelPair& twins,
                       const AttackGroup& group, const std::string& measure) {
  AverageGain gain(source.evidence(), twins, measure);
  for (const Situation& attack : set.attacks) {
    if (group.has(attack)) gain.add(attack);
  }
  return gain.average();
}

Cell gain_cell(const Statistic& rmse, const Statistic& srocc) {
  return {{value_of(rmse, 4), value_of(srocc, 4)}};
}

std::vector<ModelPair> pairs_of(const MeasuredSet& set) {
  std::vector<ModelPair> pairs;
  for (const ModelPair& twins : set.twins) {
    if (twins.paired()) pairs.push_back(twins);
  }
  return pairs;
}

void add_rows(const TableSource& source, const MeasuredSet& set, const AttackGroup& group,
              Table& table) {
  Row row{{word(group.title)}, {}, false};
  Row printed{{word(paper_row_title(group.title))}, {}, true};
  bool in_paper = false;
  for (const ModelPair& twins : pairs_of(set)) {
    row.cells.push_back(gain_cell(average_gain(source, set, twins, group, "rmse"),
                                  average_gain(source, set, twins, group, "srocc")));
    const double rmse = paper_value("s7", group.paper, twins.defended, kBlock, "delta_rmse");
    const double srocc = paper_value("s7", group.paper, twins.defended, kBlock, "delta_srocc");
    printed.cells.push_back(gain_cell({rmse}, {srocc}));
    in_paper = in_paper || !std::isnan(rmse);
  }
  table.rows.push_back(std::move(row));
  if (source.settings().paper && in_paper) table.rows.push_back(std::move(printed));
}

Table average_table(const TableSource& source, const MeasuredSet& set) {
  Table table{set.table_id("s7"),
              source.caption("Averaged ΔRMSE ↓ / averaged ΔSROCC ↑", set, set.attacks),
              {{"Attacks", {"attacks"}}},
              {},
              {}};
  for (const ModelPair& twins : pairs_of(set)) {
    const About about = source.titles().about(twins.defended);
    table.columns.push_back({about.model + " " + about.defense + "\nΔRMSE / ΔSROCC",
                             {"delta_rmse." + about.model + "." + about.defense,
                              "delta_srocc." + about.model + "." + about.defense},
                             "",
                             about});
  }
  for (const AttackGroup& group : attack_groups()) add_rows(source, set, group, table);
  table.notes = {
      "Δ: the value of the defended twin minus that of base, between the scores before and "
      "after an attack. Overall: the mean over all attacks. An attack whose value is missing, "
      "undefined or "
      "refused by a flag for one of the two is left out."};
  add_notes(table, source.general_notes(set, set.attacks));
  return table;
}

}  // namespace

Section average_section(const TableSource& source) {
  Section section{"averages",
                  "What NT gains on average",
                  "A negative ΔRMSE and a positive ΔSROCC are gains.",
                  {}};
  for (const MeasuredSet& set : source.sets()) {
    const std::vector<ModelPair> pairs = pairs_of(set);
    if (set.attacks.empty() || pairs.empty()) continue;
    section.blocks.push_back(average_table(source, set));
    if (std::ranges::any_of(pairs, [](const ModelPair& twins) {
          return strength_of(twins.defended).title != "NT";
        })) {
      section.title = "What defenses gain on average";
    }
  }
  return section;
}

}  // namespace robiq
