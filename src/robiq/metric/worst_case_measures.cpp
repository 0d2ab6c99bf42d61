#include "robiq/metric/worst_case_measures.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/metric/gain_curve.h"
#include "robiq/metric/rank_worst_case.h"
#include "robiq/metric/statistics/bootstrap.h"
#include "robiq/metric/statistics/correlation.h"

namespace robiq {
namespace {

/// mean |reference - predicted|.
class MeanChange final : public Metric {
 public:
  [[nodiscard]] bool higher_means_more_robust() const override { return false; }

 protected:
  [[nodiscard]] MetricValue measure(const ScoreColumns& columns) const override {
    double sum = 0;
    for (std::size_t i = 0; i < columns.reference.size(); ++i) {
      sum += std::abs(columns.reference[i] - columns.predicted[i]);
    }
    return {sum / static_cast<double>(columns.reference.size()), ""};
  }
};

/// Takes the measures of one budget.
class BudgetTable {
 public:
  BudgetTable(BudgetMeasures& out, std::int64_t resamples, const Rng& rng)
      : out_(out), resamples_(resamples), rng_(rng) {}

  void add(const std::string& name, const Metric& metric, std::span<const double> reference,
           std::span<const double> predicted, const std::string& note = "") {
    const ScoreColumns columns{reference, predicted, {0, 100}};
    const MetricValue result = metric.compute(columns);
    Measure measure{.name = name, .value = result.value, .note = note};
    add_note(measure.note, result.note);
    if (resamples_ > 0 && !std::isnan(result.value)) {
      const Interval interval = bootstrap_interval(metric, columns, resamples_, rng_);
      measure.low = interval.low;
      measure.high = interval.high;
      add_note(measure.note, interval.note);
    }
    out_.measures.push_back(std::move(measure));
  }
  void add(const std::string& name, const std::string& metric, std::span<const double> reference,
           std::span<const double> predicted, const std::string& note = "") {
    add(name, *Registry<Metric>::instance().make(metric, {}), reference, predicted, note);
  }

 private:
  static void add_note(std::string& note, const std::string& more) {
    if (!more.empty()) note += (note.empty() ? "" : "; ") + more;
  }

  BudgetMeasures& out_;
  std::int64_t resamples_;
  Rng rng_;
};

/// The smallest SROCC of a member at this budget alone.
void add_srocc_min(BudgetMeasures& out, BudgetTable& to, const MemberScores& table,
                   const std::vector<PictureScores>& scores) {
  std::size_t weakest = 0;
  for (std::size_t m = 0; m < scores.size(); ++m) {
    out.srocc_by_member.push_back(spearman(table.mos, scores[m]));
    const double least = out.srocc_by_member[weakest];
    if (out.srocc_by_member[m] < least || std::isnan(least)) weakest = m;
  }
  if (scores.empty()) return;
  out.weakest_rank_member = table.members[weakest];
  to.add("srocc_min", "srocc", table.mos, scores[weakest]);
}

BudgetMeasures measures_at(const MemberScores& table, const WorstCase& worst, std::size_t budget,
                           std::int64_t resamples, const Rng& rng) {
  BudgetMeasures out;
  out.budget = table.budgets[budget];
  out.wins = shares_of_wins(table, worst);
  BudgetTable to(out, resamples, rng);
  to.add("change_rmse", "rmse", table.clean, worst.worst);
  to.add("change_mean", MeanChange(), table.clean, worst.worst);
  for (const char* const name : {"srocc", "krocc", "r"}) {
    to.add(std::string("change_") + name, name, table.clean, worst.worst);
  }
  if (!table.mos.empty()) {
    to.add("worst_case_rmse", "rmse", table.mos, worst.worst_mos);
    for (const char* const name : {"rmse", "srocc", "krocc", "plcc"}) {
      to.add(std::string("mos_") + name, name, table.mos, worst.worst);
    }
    add_srocc_min(out, to, table, table.scores[budget]);
  }
  const PictureScores& reference = table.mos.empty() ? table.clean : table.mos;
  const RankWorstCase rank =
      rank_worst_case(reference, table.clean, worst.low, worst.high, worst.worst);
  out.srocc_rank_start = rank.start;
  to.add("srocc_rank", "srocc", reference, rank.scores, rank.note);
  return out;
}

/// IRS of one measure; `clean` is its value at budget 0, or NaN to begin at the first budget.
double integral_of(const std::vector<BudgetMeasures>& budgets, const std::string& name,
                   double clean) {
  std::vector<BudgetValue> curve;
  if (!std::isnan(clean)) curve.push_back({0, clean});
  for (const BudgetMeasures& at_budget : budgets) {
    curve.push_back({at_budget.budget, at_budget.find(name).value});
  }
  return integral_robustness(curve);
}

IntegralMeasures integrals(const MemberScores& table, const std::vector<BudgetMeasures>& budgets) {
  IntegralMeasures out;
  if (budgets.empty()) return out;
  std::vector<std::string> levels;
  double sum = 0;
  for (const BudgetMeasures& at_budget : budgets) {
    levels.push_back(number_text(at_budget.budget));
    sum += at_budget.find("change_mean").value / 100;
  }
  out.budgets = join(levels, ", ") + " levels";
  out.change_mean = sum / static_cast<double>(budgets.size());
  out.change = integral_of(budgets, "change_mean", 0) / 100;
  out.r = integral_of(budgets, "change_r", IntegralMeasures::kNone);
  const PictureScores& reference = table.mos.empty() ? table.clean : table.mos;
  const double clean_srocc = spearman(reference, table.clean);
  // A clean value that is undefined makes the integral so.
  if (!std::isnan(clean_srocc)) out.srocc_rank = integral_of(budgets, "srocc_rank", clean_srocc);
  if (table.mos.empty()) return out;
  if (!std::isnan(clean_srocc)) out.mos_srocc = integral_of(budgets, "mos_srocc", clean_srocc);
  const auto rmse = Registry<Metric>::instance().make("rmse", {});
  const double clean_rmse = rmse->compute({table.mos, table.clean, {0, 100}}).value;
  if (!std::isnan(clean_rmse)) {
    out.worst_case_rmse = integral_of(budgets, "worst_case_rmse", clean_rmse);
  }
  return out;
}

}  // namespace

const Measure& BudgetMeasures::find(const std::string& name) const {
  const auto found = std::find_if(measures.begin(), measures.end(),
                                  [&](const Measure& measure) { return measure.name == name; });
  if (found != measures.end()) return *found;
  throw Error(ErrorKind::kInternal, {"no measure is called '" + name + "'", "worst case", ""});
}

WorstCaseReport measure_worst_case(const MemberScores& table, std::int64_t resamples,
                                   const Rng& rng) {
  WorstCaseReport report;
  report.cases = worst_cases(table);
  for (std::size_t b = 0; b < report.cases.size(); ++b) {
    // The same resamples at every budget, so that intervals of budgets can be compared.
    report.budgets.push_back(
        measures_at(table, report.cases[b], b, resamples, rng.child("bootstrap")));
  }
  report.integral = integrals(table, report.budgets);
  return report;
}

}  // namespace robiq
