#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "robiq/report/tables/sections.h"

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
  [[nodiscard]] double mean() const { return pictures > 0 ? sum / pictures : ScoreRow::kNone; }
  [[nodiscard]] double most() const { return pictures > 0 ? largest : ScoreRow::kNone; }
  [[nodiscard]] double mean_8bit() const {
    return pictures_8bit > 0 ? sum_8bit / pictures_8bit : ScoreRow::kNone;
  }
};

using Movements = std::array<Movement, kBands.size()>;
/// By seed.
using SeedMovements = std::map<std::string, Movements>;
using MovementTable = std::map<std::pair<Situation, Subject>, SeedMovements>;

/// One pass over all pictures.
MovementTable movements_of(const Evidence& evidence) {
  MovementTable table;
  for (const auto& [key, found] : evidence.scores) {
    if (key.situation.clean()) continue;
    Movements& movements = table[{key.situation, key.trained.subject}][key.trained.seed];
    for (std::size_t b = 0; b < kBands.size(); ++b) {
      if (found.row.mos >= kBands[b].low && found.row.mos < kBands[b].high) {
        movements[b].add(found.row);
      }
    }
  }
  return table;
}

/// What one band's pictures did, over seeds; seeds that have none there do not count.
struct BandStatistics {
  double pictures = ScoreRow::kNone;  ///< of all seeds
  Statistic mean, most, mean_8bit;
};

BandStatistics band_statistics(const SeedMovements& by_seed, std::size_t band) {
  std::vector<double> mean, most, mean_8bit;
  double pictures = 0;
  for (const auto& [seed, movements] : by_seed) {
    const Movement& movement = movements[band];
    if (movement.pictures == 0) continue;
    pictures += movement.pictures;
    mean.push_back(movement.mean());
    most.push_back(movement.most());
    if (movement.pictures_8bit > 0) mean_8bit.push_back(movement.mean_8bit());
  }
  return {pictures > 0 ? pictures : ScoreRow::kNone, statistic_of(mean), statistic_of(most),
          statistic_of(mean_8bit)};
}

std::vector<Cell> paired_cells(const BandStatistics& base, const BandStatistics& defended) {
  constexpr int kBandDecimals = 3;
  return {{{{base.pictures, 0}, {defended.pictures, 0}}},
          pair_cell(base.mean, defended.mean, kBandDecimals, true),
          pair_cell(base.most, defended.most, kBandDecimals, true),
          pair_cell(base.mean_8bit, defended.mean_8bit, kBandDecimals, true)};
}

Table headed_table(const TableSource& source, const MeasuredSet& set) {
  return {set.table_id("bands"),
          source.caption("Change of score by MOS, base / +NT", set, set.attacks),
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
}

Table band_table(const TableSource& source, const MovementTable& movements,
                 const MeasuredSet& set) {
  Table table = headed_table(source, set);
  const auto statistics = [&](const Situation& attack, const Subject& subject, std::size_t band) {
    const auto place = movements.find({attack, subject});
    if (place == movements.end()) return BandStatistics();
    BandStatistics found = band_statistics(place->second, band);
    const bool refused = source.evidence().refused.contains(place->first);
    for (Statistic* one : {&found.mean, &found.most, &found.mean_8bit}) one->refused = refused;
    return found;
  };
  for (const Situation& attack : set.attacks) {
    for (const ModelPair& twins : set.twins) {
      const std::string defense = twins.paired()
                                      ? "base / " + source.titles().defense(twins.defended)
                                      : source.titles().defense(twins.base);
      for (std::size_t b = 0; b < kBands.size(); ++b) {
        const About about{source.titles().model(twins.base), "", source.titles().attack(attack)};
        Row row{{word(about.attack), word(about.model), word(defense), word(kBands[b].name)},
                about,
                false};
        for (Cell& cell : paired_cells(statistics(attack, twins.base, b),
                                       statistics(attack, twins.defended, b))) {
          if (!twins.paired()) cell.values.resize(1);
          row.cells.push_back(std::move(cell));
        }
        table.rows.push_back(std::move(row));
      }
    }
  }
  add_notes(table, source.general_notes(set, set.attacks));
  return table;
}

}  // namespace

Section mos_band_section(const TableSource& source) {
  Section section{
      "bands",
      "Change of score by MOS",
      "The absolute difference of a picture's scores before and after an attack, on the "
      "scale 0..100; \"8 bits\" is the attacked picture after rounding, as saved. "
      "Pictures without a MOS are left out. With several seeds the means are taken for each seed "
      "first, and the pictures of all are counted.",
      {}};
  const MovementTable movements = movements_of(source.evidence());
  for (const MeasuredSet& set : source.sets()) {
    if (!set.attacks.empty()) section.blocks.push_back(band_table(source, movements, set));
  }
  return section;
}

}  // namespace robiq
