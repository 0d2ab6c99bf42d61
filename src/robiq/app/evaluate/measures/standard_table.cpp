#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "robiq/app/evaluate/measures/standard_rows.h"
#include "robiq/core/text/text.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

/// Which picture, attack, and budget a value is of.
using CellKey = std::tuple<std::int64_t, std::string, double>;

double budget_in(const std::string& stored) {
  double budget = 0;
  static_cast<void>(parse_fraction(AttackOptions::from_stored(stored).value("budget"), budget));
  return budget;
}

/// Reads the rows of one model back into columns.
class TableReader {
 public:
  TableReader(const ResultsStore& store, std::int64_t run, std::int64_t model,
              const NamedAttack& attack, const StandardSet& set)
      : attack_(attack), set_(set) {
    for (const ImageRow& image : store.images()) images_[image.id] = image;
    for (const ScoreRow& row : store.scores(run)) {
      if (row.model == model && row.attack.starts_with(attack.name)) {
        rows_[{row.image, row.attack, budget_in(row.attack_options)}] = row;
      }
    }
    for (const DistanceRow& row : store.distances(run)) {
      if (row.model != model) continue;
      walks_[{row.image, row.attack + " " + row.distance, budget_in(row.attack_options)}] =
          row.value;
    }
  }

  StandardTable read() {
    StandardTable table;
    MemberScores& members = table.members;
    members.members.assign(kStandardMembers.begin(), kStandardMembers.end());
    std::vector<std::int64_t> pictures;
    for (const auto& [key, row] : rows_) {
      const auto& [image, attack, budget] = key;
      if (attack == attack_.name && budget == set_.budgets.back()) pictures.push_back(image);
    }
    for (const std::int64_t image : pictures) {
      const ScoreRow& worst = rows_.at({image, attack_.name, set_.budgets.back()});
      table.images.push_back(images_.at(image).name);
      members.clean.push_back(worst.before);
      members.mos.push_back(images_.at(image).mos_normalised);
      table.rounded.push_back(worst.after_8bit);
      table.evidence.gradient_norms.push_back(member(image, 0, set_.budgets.back()).gradient_l1);
      table.dataset = images_.at(image).dataset;
      table.level = worst.level;
      table.surrogate = worst.surrogate;
    }
    if (std::any_of(members.mos.begin(), members.mos.end(),
                    [](double mos) { return std::isnan(mos); })) {
      members.mos.clear();
    }
    for (const double budget : set_.budgets) add_budget(table, pictures, budget);
    return table;
  }

 private:
  [[nodiscard]] const ScoreRow& member(std::int64_t image, std::size_t m, double budget) const {
    return rows_.at(
        {image, attack_.name + kPartOfAttack + std::string(kStandardMembers[m]), budget});
  }
  void add_budget(StandardTable& table, const std::vector<std::int64_t>& pictures, double budget) {
    table.members.budgets.push_back(budget * kByteLevels);
    std::vector<PictureScores>& scores = table.members.scores.emplace_back();
    for (std::size_t m = 0; m < kStandardMembers.size(); ++m) {
      PictureScores& column = scores.emplace_back();
      for (const std::int64_t image : pictures) column.push_back(member(image, m, budget).after);
    }
    table.evidence.up.push_back(walks(pictures, "apgd-up", budget));
    table.evidence.down.push_back(walks(pictures, "apgd-down", budget));
  }
  [[nodiscard]] ApgdRuns walks(const std::vector<std::int64_t>& pictures, const std::string& name,
                               double budget) const {
    const std::string attack = attack_.name + kPartOfAttack + name;
    ApgdRuns runs;
    for (const std::int64_t image : pictures) {
      runs.start1.push_back(walks_.at({image, attack + " start1", budget}));
      runs.start2.push_back(walks_.at({image, attack + " start2", budget}));
      runs.late_rise.push_back(walks_.at({image, attack + " late_rise", budget}));
    }
    return runs;
  }

  const NamedAttack& attack_;
  const StandardSet& set_;
  std::map<std::int64_t, ImageRow> images_;
  std::map<CellKey, ScoreRow> rows_;
  std::map<CellKey, double> walks_;
};

}  // namespace

StandardTable read_standard_table(const ResultsStore& store, std::int64_t run, std::int64_t model,
                                  const NamedAttack& attack, const StandardSet& set) {
  return TableReader(store, run, model, attack, set).read();
}

}  // namespace robiq
