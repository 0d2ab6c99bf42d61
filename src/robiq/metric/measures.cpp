#include "robiq/metric/measures.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "robiq/metric/statistics/bootstrap.h"

namespace robiq {
namespace {

/// The order of the paper's tables.
constexpr std::array<std::string_view, 5> kFirst = {"rmse", "srocc", "krocc", "plcc", "r"};

std::vector<std::string> measure_names() {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<Metric>::instance().entries()) names.push_back(name);
  const auto place = [](const std::string& name) {
    return std::find(kFirst.begin(), kFirst.end(), name);
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
  return names;
}

void add_note(std::string& note, const std::string& more) {
  if (more.empty()) return;
  note += (note.empty() ? "" : "; ") + more;
}

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// The fit that the block's values go through, if one is asked for and makes sense.
std::optional<LogisticFit> fit_for(Block block, const ScoreColumns& columns,
                                   const MeasureOptions& options) {
  if (!options.mapping || block == Block::kBeforeAfter) return std::nullopt;
  // compute() refuses such columns in words of its own.
  if (columns.reference.size() != columns.predicted.size()) return std::nullopt;
  if (!all_finite(columns.reference) || !all_finite(columns.predicted)) return std::nullopt;
  return fit_logistic(*options.mapping, columns.predicted, columns.reference);
}

Measure measure_one(const std::string& name, const Metric& metric, const ScoreColumns& columns,
                    const MeasureOptions& options, const Rng& rng) {
  const MetricValue result = metric.compute(columns);
  Measure out{.name = name, .value = result.value, .note = result.note};
  if (std::isnan(result.value) || options.resamples == 0) return out;
  const Interval interval = bootstrap_interval(metric, columns, options.resamples, rng);
  out.low = interval.low;
  out.high = interval.high;
  add_note(out.note, interval.note);
  return out;
}

}  // namespace

std::string_view block_name(Block block) {
  switch (block) {
    case Block::kMosBefore:
      return "mos_before";
    case Block::kMosAfter:
      return "mos_after";
    case Block::kBeforeAfter:
      break;
  }
  return "before_after";
}

std::vector<Measure> compute_measures(Block block, const ScoreColumns& columns,
                                      const MeasureOptions& options) {
  for (const auto& [name, params] : options.params) {
    (void)Registry<Metric>::instance().find(name, "options of a measure");
  }
  const Rng rng = Rng(options.seed).child("bootstrap").child(block_name(block));
  const std::optional<LogisticFit> fit = fit_for(block, columns, options);
  std::vector<Measure> out;
  for (const std::string& name : measure_names()) {
    const auto given = options.params.find(name);
    const auto metric = Registry<Metric>::instance().make(
        name, given == options.params.end() ? Params{} : given->second);
    if (block != Block::kBeforeAfter && !metric->compares_with_mos()) continue;
    if (!fit || !metric->depends_on_values()) {
      out.push_back(measure_one(name, *metric, columns, options, rng));
    } else if (!fit->note.empty()) {
      out.push_back({.name = name, .note = fit->note});
    } else {
      ScoreColumns mapped = columns;
      mapped.predicted = fit->mapped;
      out.push_back(measure_one(name, *metric, mapped, options, rng));
      add_note(out.back().note, "after " + std::string(logistic_name(fit->form)));
    }
  }
  return out;
}

}  // namespace robiq
