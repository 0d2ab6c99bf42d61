#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "robiq/app/evaluate/measures/standard_rows.h"
#include "robiq/attack/gradient/apgd.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"
#include "robiq/metric/masking_flags.h"
#include "robiq/metric/worst_case_measures.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

constexpr double kLevels = 255;

/// The stored rows of the set as columns over its pictures.
struct StandardTable {
  MemberScores members;
  MaskingEvidence evidence;
  std::vector<std::string> images;
  PictureScores rounded;  ///< of the worst case at the largest budget
  std::string dataset, level, surrogate;
};

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
    table.members.budgets.push_back(budget * kLevels);
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

/// APGD without a bound towards the nearer end of the scale.
UnboundedRun unbounded_run(const EvaluationSubject& subject, const NamedAttack& attack,
                           const StandardSet& set, const SeenPicture& seen) {
  double before = 0, after = 0;
  std::int64_t count = 0;
  subject.over_batches(
      *attack.attack, attack.name, seen,
      [&](const AttackSides& sides, const AttackBatch& batch, const AttackContext& context) {
        const ScopedFrozen frozen(sides.maker);
        const ScoreScale& scale = sides.maker.card().scale;
        constexpr double kMiddle = 50;
        const double clean = scale.normalise(batch.clean_scores.mean().item<double>());
        const ApgdWalk walk{.objective = clean > kMiddle ? Objective::kUp : Objective::kDown,
                            .epsilon = 1,
                            .steps = set.steps};
        const ApgdOutcome outcome = apgd(sides.maker, batch, walk, batch.images, context);
        const double sign = walk.objective == Objective::kUp ? 1 : -1;
        before += clean * static_cast<double>(batch.images.size(0));
        after += sign * outcome.best_values[set.steps].sum().item<double>();
        count += batch.images.size(0);
      });
  return {before / static_cast<double>(count), after / static_cast<double>(count)};
}

/// The block that a measure of the set belongs to.
Block block_of(const std::string& measure) {
  return measure == "worst_case_rmse" || measure == "srocc_min" || measure == "srocc_rank"
             ? Block::kMosAfter
             : Block::kBeforeAfter;
}

/// Puts the set's measures beside those that every attack has.
class MeasureWriter {
 public:
  MeasureWriter(const StandardTable& table, const NamedAttack& attack, std::int64_t run,
                std::int64_t model, std::vector<EvaluationRow>& rows)
      : table_(table), attack_(attack), run_(run), model_(model), rows_(rows) {}

  void add(double budget, const Measure& measure) {
    const AttackOptions options({{"budget", budget_text(budget)}});
    const Block block = block_of(measure.name);
    stored.push_back({run_, model_, table_.dataset, attack_.name, options.stored(), table_.level,
                      table_.surrogate, std::string(block_name(block)), measure.name, measure.value,
                      measure.low, measure.high, measure.note});
    row_of(options.text(), block).measures.push_back({measure.name, measure.value, measure.note});
  }

  std::vector<MeasureRow> stored;

 private:
  EvaluationRow& row_of(const std::string& options, Block block) {
    const auto it = std::find_if(rows_.begin(), rows_.end(), [&](const EvaluationRow& row) {
      return row.attack == attack_.name && row.options == options && row.block == block;
    });
    if (it != rows_.end()) return *it;
    EvaluationRow& row = rows_.emplace_back();
    row.attack = attack_.name;
    row.options = options;
    row.level = table_.level;
    row.surrogate = table_.surrogate;
    row.block = block;
    row.n = table_.images.size();
    return row;
  }

  const StandardTable& table_;
  const NamedAttack& attack_;
  std::int64_t run_, model_;
  std::vector<EvaluationRow>& rows_;
};

void write_measures(const StandardSet& set, const WorstCaseReport& report, bool has_mos,
                    MeasureWriter& writer) {
  for (std::size_t b = 0; b < set.budgets.size(); ++b) {
    const BudgetMeasures& measures = report.budgets[b];
    std::vector<std::string> names{"change_mean", "srocc_rank"};
    if (has_mos) names.insert(names.end(), {"worst_case_rmse", "srocc_min"});
    for (const std::string& name : names) writer.add(set.budgets[b], measures.find(name));
    for (std::size_t m = 0; m < kStandardMembers.size(); ++m) {
      Measure wins;
      wins.name = "wins_" + std::string(kStandardMembers[m]);
      wins.value = measures.wins[m];
      writer.add(set.budgets[b], wins);
    }
  }
  const IntegralMeasures& all = report.integral;
  // Beside the largest budget: they are measures of the whole set, and a set has no row of its own.
  for (const auto& [name, value] : {std::pair{"irs_change", all.change},
                                    {"irs_change_mean", all.change_mean},
                                    {"irs_mos_srocc", all.mos_srocc},
                                    {"irs_srocc_rank", all.srocc_rank},
                                    {"irs_worst_case_rmse", all.worst_case_rmse},
                                    {"irs_r", all.r}}) {
    if (!std::isfinite(value)) continue;
    Measure one;
    one.name = name;
    one.value = value;
    one.note = "over " + all.budgets;
    writer.add(set.budgets.back(), one);
  }
}

/// The one line that a reader takes away: at 4 levels, or the largest budget below or at it.
void say_headline(const StandardSet& set, const WorstCaseReport& report, bool has_mos,
                  const std::vector<MaskingFlag>& flags) {
  for (const MaskingFlag& flag : flags) log::warning("{}: {}", flag.name, flag.reason);
  if (refuses_headline(flags)) {
    const auto refusing = std::find_if(flags.begin(), flags.end(), [](const MaskingFlag& flag) {
      return flag.action == FlagAction::kRefuse;
    });
    log::warning("the worst case cannot stand as a headline: {}", refusing->reason);
    return;
  }
  constexpr double kHeadline = 4;
  std::size_t place = 0;
  for (std::size_t b = 0; b < set.budgets.size(); ++b) {
    if (set.budgets[b] * kLevels <= kHeadline * (1 + 1e-9)) place = b;
  }
  const BudgetMeasures& measures = report.budgets[place];
  const auto value = [&](const char* name) { return measures.find(name).value; };
  std::string text =
      fmt::format("worst case at {:.3g}/255: scores move by {:.4g} points (RMSE {:.4g})",
                  measures.budget, value("change_mean"), value("change_rmse"));
  if (has_mos) text += fmt::format(", RMSE to MOS {:.4g}", value("worst_case_rmse"));
  text += fmt::format(", SROCC down to {:.4f}, R {:.4g}; the integral score over {} is {:.4f}",
                      value("srocc_rank"), value("change_r"), report.integral.budgets,
                      report.integral.change);
  log::info("{}", text);
}

std::vector<FlagRow> flag_rows(const std::vector<MaskingFlag>& flags, const std::string& attack) {
  std::vector<FlagRow> rows;
  for (const MaskingFlag& flag : flags) {
    FlagRow row;
    row.attack = attack;
    row.flag = flag.name;
    row.severity = flag.action == FlagAction::kRefuse ? kRefusesHeadline : "warning";
    row.text = flag.reason;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<FlagRow> measure_standard(
    ResultsStore& store, std::int64_t run, std::int64_t model, const EvaluationSubject& subject,
    const NamedAttack& attack, std::int64_t resamples, std::uint64_t seed,
    const std::function<SeenPicture(const std::string& image)>& see,
    std::vector<EvaluationRow>& rows) {
  const StandardSet& set = dynamic_cast<const RunsStandardSet&>(*attack.attack).standard_set();
  StandardTable table = TableReader(store, run, model, attack, set).read();
  const WorstCaseReport report =
      measure_worst_case(table.members, resamples, Rng(seed).child("standard"));
  table.evidence.passes_differ = !subject.repeats(see(table.images.front()));
  table.evidence.has_purifier = subject.has_purifier();
  table.evidence.through_purifier = !subject.attacked_without_purifier();
  table.evidence.averages_draws = subject.averages_draws();
  if (needs_unbounded_runs(table.members)) {
    for (const std::int64_t i : unbounded_pictures(std::ssize(table.images))) {
      table.evidence.unbounded.push_back(
          unbounded_run(subject, attack, set, see(table.images[static_cast<std::size_t>(i)])));
    }
  }
  const std::vector<MaskingFlag> flags = masking_flags(table.members, table.evidence);
  const bool has_mos = !table.members.mos.empty();
  MeasureWriter writer(table, attack, run, model, rows);
  write_measures(set, report, has_mos, writer);
  store.add(writer.stored);
  say_headline(set, report, has_mos, flags);
  std::vector<FlagRow> noted = flag_rows(flags, attack.name);
  if (lost_in_rounding(table.members.clean, report.cases.back().worst, table.rounded)) {
    FlagRow row;
    row.attack = attack.name;
    row.flag = "lost-in-rounding";
    row.severity = "note";
    row.text = "rounding to 8 bits halves the mean change of the worst pictures, or more";
    noted.push_back(std::move(row));
  }
  return noted;
}

}  // namespace robiq
