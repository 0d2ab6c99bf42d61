#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
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

/// The mean score of the picture's views, 0 to 100, as the attack sees them.
double clean_score(const EvaluationSubject& subject, const NamedAttack& attack,
                   const SeenPicture& seen) {
  double sum = 0;
  std::int64_t count = 0;
  subject.over_batches(
      *attack.attack, attack.name, seen,
      [&](const AttackSides& sides, const AttackBatch& batch, const AttackContext&) {
        const std::int64_t rows = batch.images.size(0);
        sum += static_cast<double>(rows) *
               sides.maker.card().scale.normalise(batch.clean_scores.mean().item<double>());
        count += rows;
      });
  return sum / static_cast<double>(count);
}

/// APGD without a bound towards the nearer end of the scale, of all views alike.
UnboundedRun unbounded_run(const EvaluationSubject& subject, const NamedAttack& attack,
                           const StandardSet& set, const SeenPicture& seen) {
  constexpr double kMiddle = 50;
  const double clean = clean_score(subject, attack, seen);
  const ApgdWalk walk{.objective = clean > kMiddle ? Objective::kUp : Objective::kDown,
                      .epsilon = 1,
                      .steps = set.steps};
  const double sign = walk.objective == Objective::kUp ? 1 : -1;
  double after = 0;
  std::int64_t count = 0;
  subject.over_batches(
      *attack.attack, attack.name, seen,
      [&](const AttackSides& sides, const AttackBatch& batch, const AttackContext& context) {
        const ScopedFrozen frozen(sides.maker);
        const ApgdOutcome outcome = apgd(sides.maker, batch, walk, batch.images, context);
        after += sign * outcome.best_values[set.steps].sum().item<double>();
        count += batch.images.size(0);
      });
  return {clean, after / static_cast<double>(count)};
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
    Measure measure;
    measure.name = name;
    measure.value = value;
    measure.note = "over " + all.budgets;
    writer.add(set.budgets.back(), measure);
  }
}

std::string winners_of(const BudgetMeasures& measures) {
  std::vector<std::pair<std::string, double>> shares;
  for (std::size_t m = 0; m < kStandardMembers.size(); ++m) {
    shares.emplace_back(kStandardMembers[m], measures.wins[m]);
  }
  const std::string text = wins_text(std::move(shares));
  return text.empty() ? "no member" : text;
}

std::string headline(const BudgetMeasures& measures, const IntegralMeasures& integral,
                     bool has_mos) {
  const auto value = [&](const char* name) { return measures.find(name).value; };
  std::string text =
      fmt::format("worst case at {:.3g}/255: scores move by {:.4g} points (RMSE {:.4g})",
                  measures.budget, value("change_mean"), value("change_rmse"));
  if (has_mos) text += fmt::format(", RMSE to MOS {:.4g}", value("worst_case_rmse"));
  text += fmt::format(", SROCC down to {:.4f}", value("srocc_rank"));
  if (has_mos) {
    text += fmt::format(" ({:.4f} by {} alone)", value("srocc_min"), measures.weakest_rank_member);
  }
  return text +
         fmt::format(", KROCC {:.4f}, R {:.4g}; won by {}; the integral score over {} is {:.4f}",
                     value("change_krocc"), value("change_r"), winners_of(measures),
                     integral.budgets, integral.change);
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
    if (set.budgets[b] * kByteLevels <= kHeadline * (1 + 1e-9)) place = b;
  }
  log::info("{}", headline(report.budgets[place], report.integral, has_mos));
}

/// "standard", or at one budget "standard:budget=4/255": a run may hold several of those.
std::string flagged_name(const NamedAttack& attack, const StandardSet& set) {
  if (set.budgets.size() > 1) return attack.name;
  const AttackOptions options({{"budget", budget_text(set.budgets.front())}});
  return attack.name + ":" + options.text();
}

std::vector<FlagRow> flag_rows(const std::vector<MaskingFlag>& flags, const std::string& attack) {
  std::vector<FlagRow> rows;
  for (const MaskingFlag& flag : flags) {
    FlagRow row;
    row.attack = attack;
    row.flag = flag.name;
    row.severity = flag.action == FlagAction::kRefuse ? Severity::kRefused : Severity::kWarning;
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
  StandardTable table = read_standard_table(store, run, model, attack, set);
  const WorstCaseReport report =
      measure_worst_case(table.members, resamples, Rng(seed).child("standard"));
  table.evidence.passes_differ = !subject.repeats(see(table.images.front()));
  table.evidence.has_purifier = subject.has_purifier();
  table.evidence.through_purifier = !subject.misses_purifier(*attack.attack);
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
  const std::string of = flagged_name(attack, set);
  std::vector<FlagRow> noted = flag_rows(flags, of);
  if (lost_in_rounding(table.members.clean, report.cases.back().worst, table.rounded)) {
    FlagRow row;
    row.attack = of;
    row.flag = "lost-in-rounding";
    row.severity = Severity::kNote;
    row.text = "rounding to 8 bits halves the mean change of the worst pictures, or more";
    noted.push_back(std::move(row));
  }
  return noted;
}

}  // namespace robiq
