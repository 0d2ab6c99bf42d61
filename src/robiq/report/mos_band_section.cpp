#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "robiq/report/sections.h"
#include "robiq/report/twins.h"

namespace robiq {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Half open; the outer ones also take what lies beyond the scale's ends.
struct Band {
  const char* name;
  double low, high;
};
constexpr std::array<Band, 3> kBands{
    {{"[0,50)", -kInfinity, 50}, {"[50,75)", 50, 75}, {"[75,100]", 75, kInfinity}}};

/// How far the scores of some pictures moved.
struct Movement {
  int pictures = 0, pictures_8bit = 0;
  double sum = 0, largest = 0, sum_8bit = 0;

  void add(const PictureScore& score) {
    if (std::isnan(score.before) || std::isnan(score.after)) return;
    const double change = std::abs(score.after - score.before);
    ++pictures;
    sum += change;
    largest = std::max(largest, change);
    if (std::isnan(score.after_8bit)) return;
    ++pictures_8bit;
    sum_8bit += std::abs(score.after_8bit - score.before);
  }
  [[nodiscard]] double count() const { return pictures > 0 ? pictures : ScoreRow::kNone; }
  [[nodiscard]] double mean() const { return pictures > 0 ? sum / pictures : ScoreRow::kNone; }
  [[nodiscard]] double most() const { return pictures > 0 ? largest : ScoreRow::kNone; }
  [[nodiscard]] double mean_8bit() const {
    return pictures_8bit > 0 ? sum_8bit / pictures_8bit : ScoreRow::kNone;
  }
};

using Movements = std::array<Movement, kBands.size()>;
using MovementTable = std::map<std::pair<Situation, Subject>, Movements>;

/// One pass over all pictures.
MovementTable movements_of(const Evidence& evidence) {
  MovementTable table;
  for (const auto& [key, found] : evidence.scores) {
    Movements& movements = table[{key.situation, key.trained.subject}];
    for (std::size_t b = 0; b < kBands.size(); ++b) {
      if (found.row.mos >= kBands[b].low && found.row.mos < kBands[b].high) {
        movements[b].add(found.row);
      }
    }
  }
  return table;
}

std::vector<Cell> band_row(const Movement& base, const Movement& nt) {
  constexpr int kDecimals = 3;
  return {{{{base.count(), 0}, {nt.count(), 0}}},
          twin_cell({base.mean()}, {nt.mean()}, kDecimals, true),
          twin_cell({base.most()}, {nt.most()}, kDecimals, true),
          twin_cell({base.mean_8bit()}, {nt.mean_8bit()}, kDecimals, true)};
}

Table band_table(const Evidence& evidence, const MovementTable& movements,
                 const std::string& dataset, std::size_t index) {
  Table table{table_id("mos-bands", index),
              "Change of score by MOS, " + dataset + ": base / +NT",
              {{"Attack", {"attack"}},
               {"Model", {"model"}},
               {"Defense", {"defense"}},
               {"MOS", {"mos"}},
               {"Pictures", {"pictures_base", "pictures_nt"}},
               {"Mean change ↓", {"mean_change_base", "mean_change_nt"}},
               {"Largest change ↓", {"largest_change_base", "largest_change_nt"}},
               {"Mean change, 8 bits ↓", {"mean_change_8bit_base", "mean_change_8bit_nt"}}},
              {},
              {}};
  const auto movement = [&](const Situation& attack, const Subject& subject, std::size_t band) {
    const auto place = movements.find({attack, subject});
    return place == movements.end() ? Movement{} : place->second[band];
  };
  const std::vector<Situation> attacks = evidence.attacks(dataset);
  for (const Situation& attack : attacks) {
    for (const Twins& twins : pair_twins(evidence.subjects(dataset))) {
      for (std::size_t b = 0; b < kBands.size(); ++b) {
        std::vector<Cell> row{word(attack_label(attack, attacks)), word(twins.base.model),
                              word(twins.defense()), word(kBands[b].name)};
        for (Cell& cell :
             band_row(movement(attack, twins.base, b), movement(attack, twins.nt, b))) {
          row.push_back(std::move(cell));
        }
        table.rows.push_back({std::move(row), {}, false});
      }
    }
  }
  return table;
}

}  // namespace

Section mos_band_section(const Evidence& evidence) {
  Section section{
      "mos-bands",
      "Change of score by MOS",
      "The absolute difference of a picture's scores before and after an attack, on the "
      "scale 0..100; \"8 bits\" is the attacked picture after rounding, as saved. "
      "Pictures without a MOS are left out.",
      {}};
  const MovementTable movements = movements_of(evidence);
  const std::vector<std::string> datasets = evidence.datasets();
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    if (evidence.attacks(datasets[i]).empty()) continue;
    section.blocks.push_back(band_table(evidence, movements, datasets[i], i));
  }
  if (section.blocks.empty()) section.text = "No attack was evaluated.";
  return section;
}

}  // namespace robiq
