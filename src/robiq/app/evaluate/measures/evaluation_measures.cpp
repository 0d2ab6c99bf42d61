#include "robiq/app/evaluate/measures/evaluation_measures.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "robiq/app/score/certificate_rows.h"
#include "robiq/metric/defense_measures.h"
#include "robiq/metric/measures.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

struct Columns {
  std::vector<std::int64_t> images;
  std::vector<double> mos, before, after, before_native, after_native;
  std::map<std::string, std::vector<double>> described;  ///< costs and usual distances, by name
  std::map<std::string, std::map<std::int64_t, double>> distances;  ///< others, by name and picture

  [[nodiscard]] bool has(const char* distance) const { return distances.contains(distance); }
  /// A distance in the order of the other columns; NaN where a picture has none.
  [[nodiscard]] std::vector<double> column(const std::string& distance) const {
    std::vector<double> values;
    for (const std::int64_t image : images) {
      const auto place = distances.at(distance).find(image);
      values.push_back(place == distances.at(distance).end() ? ScoreRow::kNone : place->second);
    }
    return values;
  }
};

/// Everything about a score row but its picture: rows that are measured together.
using Group = std::tuple<std::int64_t, std::string, std::string, std::string, std::string,
                         std::string>;  // model, dataset, attack, options, level, surrogate

constexpr const char* kPurifierSeconds = "purifier_seconds";

EvaluationRow measured_row(const Group& group, Block block, std::size_t n,
                           const std::vector<Measure>& measures) {
  EvaluationRow row;
  std::string options;
  std::tie(std::ignore, std::ignore, row.attack, options, row.level, row.surrogate) = group;
  row.options = AttackOptions::from_stored(options).text();
  row.block = block;
  row.n = n;
  for (const Measure& measure : measures) {
    if (measure.name == kPurifierSeconds) continue;  // equal runs print equal rows
    row.measures.push_back(
        {measure.name, measure.value, measure.note, true, measure.low, measure.high});
  }
  return row;
}

std::vector<MeasureRow> stored_rows(std::int64_t run, const Group& group, Block block,
                                    const std::vector<Measure>& measures) {
  std::vector<MeasureRow> rows;
  for (const Measure& measure : measures) {
    MeasureRow row;
    row.run = run;
    std::tie(row.model, row.dataset, row.attack, row.attack_options, row.level, row.surrogate) =
        group;
    row.block = block_name(block);
    row.measure = measure.name;
    row.value = measure.value;
    row.low = measure.low;
    row.high = measure.high;
    row.note = measure.note;
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The distances and costs of one attacked picture.
/// \param score_only  whether the attack sees scores alone: its forward passes are queries
void describe(const ScoreRow& score, bool score_only,
              std::map<std::string, std::vector<double>>& columns) {
  columns["linf"].push_back(score.linf);
  columns["l2"].push_back(score.l2);
  columns["ssim"].push_back(score.ssim);
  columns["psnr_db"].push_back(score.psnr_db);
  columns["forwards"].push_back(static_cast<double>(score.forwards));
  columns["backwards"].push_back(static_cast<double>(score.backwards));
  if (score_only) columns["queries"].push_back(static_cast<double>(score.forwards));
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// mean_ssim, mean_forwards, ...: means over the pictures. Not of seconds: equal runs print equal
/// rows.
void add_means(const Columns& columns, EvaluationRow& row) {
  std::map<std::string, double> means;
  for (const auto& [name, values] : columns.described) means[name] = mean_of(values);
  for (const auto& [name, values] : columns.distances) {
    if (!name.ends_with("seconds")) means[name] = mean_of(columns.column(name));
  }
  for (const auto& [name, mean] : means) row.measures.push_back({"mean_" + name, mean});
}

/// The measures of the defense benchmark, of native scores; none without a purifier.
std::vector<Measure> purifier_measures(const Columns& columns, const ScoreScale& native) {
  if (!columns.has("bare_before")) return {};
  const auto bare = [&](const char* name) {
    std::vector<double> values = columns.column(name);
    for (double& value : values) value = native.denormalise(value);
    return values;
  };
  DefenseColumns c;
  c.clean = bare("bare_before");
  c.attacked = bare("bare_after");
  c.purified_clean = columns.before_native;
  c.purified_attacked = columns.after_native;
  // Ranks alone count of MOS: they go the way of the native scores.
  for (const double mos : columns.mos) c.mos.push_back(native.denormalise(mos));
  c.ssim_attacked = columns.column("purified_ssim");
  c.psnr_attacked = columns.column("purified_psnr_db");
  c.ssim_clean = columns.column("purified_clean_ssim");
  c.psnr_clean = columns.column("purified_clean_psnr_db");
  const double range = std::abs(native.best - native.worst);
  std::vector<Measure> measures;
  const auto add = [&](const std::string& name, double value, const std::string& note) {
    Measure measure;
    measure.name = name;
    measure.value = value;
    measure.note = note;
    measures.push_back(std::move(measure));
  };
  for (const DefenseMeasure& measure : defense_measures(c, range)) {
    add("msu_" + measure.name, measure.value, measure.note);
  }
  add("msu_range", range, "");
  add(kPurifierSeconds, mean_of(columns.column(kPurifierSeconds)), "");
  return measures;
}

/// What the certificates of the clean pictures say together; none where there are none.
std::vector<Measure> measures_of_certificates(const Columns& columns, const std::string& how) {
  if (how.empty()) return {};
  constexpr const char* kBinRadius = "certified_bin_radius";
  return certified_measures(
      {columns.column("smoothed_score"), columns.column("certified_low"),
       columns.column("certified_high"), columns.mos,
       columns.has(kBinRadius) ? columns.column(kBinRadius) : std::vector<double>()},
      how);
}

/// The benchmark's measures as stored ones.
std::vector<Measure> msu_measures(const Columns& columns, bool lower_is_better) {
  const MsuScores scores = msu_scores(columns.before_native, columns.after_native);
  const double sign = lower_is_better ? -1 : 1;
  const auto gain = [&](const char* name, const MeanInterval& of) {
    const double a = sign * of.low, b = sign * of.high;
    return Measure{name, sign * of.mean, std::min(a, b), std::max(a, b), ""};
  };
  const auto plain = [](const char* name, double value) {
    Measure measure;
    measure.name = name;
    measure.value = value;
    return measure;
  };
  std::vector<Measure> measures = {
      gain("msu_absolute_gain", scores.absolute_gain),
      gain("msu_relative_gain", scores.relative_gain),
      {"msu_robustness", scores.robustness.mean, scores.robustness.low, scores.robustness.high, ""},
      plain("msu_classic_relative_gain", sign * scores.classic_relative_gain),
      plain("msu_wasserstein", sign * scores.wasserstein),
      plain("msu_energy", sign * scores.energy)};
  for (Measure& measure : measures) {
    if (!std::isfinite(measure.value)) measure.note = "all clean scores are equal";
  }
  return measures;
}

std::map<Group, Columns> grouped_scores(const ResultsStore& store, std::int64_t run) {
  std::map<std::int64_t, ImageRow> images;
  for (ImageRow& image : store.images()) images.emplace(image.id, std::move(image));
  std::set<std::string> score_only;
  for (const AttackRow& attack : store.attacks()) {
    if (attack.score_only != 0) score_only.insert(attack.name);
  }
  std::map<Group, Columns> groups;
  for (const ScoreRow& score : store.scores(run)) {
    const ImageRow& image = images.at(score.image);
    if (score.attack.find(kPartOfAttack) != std::string::npos) continue;
    Columns& columns = groups[{score.model, image.dataset, score.attack, score.attack_options,
                               score.level, score.surrogate}];
    columns.images.push_back(score.image);
    columns.mos.push_back(image.mos_normalised);
    columns.before.push_back(score.before);
    columns.after.push_back(score.after);
    columns.before_native.push_back(score.before_native);
    columns.after_native.push_back(score.after_native);
    describe(score, score_only.contains(score.attack), columns.described);
  }
  for (const DistanceRow& row : store.distances(run)) {
    const auto group = groups.find({row.model, images.at(row.image).dataset, row.attack,
                                    row.attack_options, row.level, row.surrogate});
    if (group != groups.end()) group->second.distances[row.distance][row.image] = row.value;
  }
  return groups;
}

}  // namespace

std::vector<EvaluationRow> store_measures(ResultsStore& store, std::int64_t run,
                                          const EvaluationMeasures& how) {
  const MeasureOptions options{.resamples = how.resamples, .seed = how.seed};
  std::vector<EvaluationRow> rows;
  std::vector<MeasureRow> to_store;
  for (const auto& [group, columns] : grouped_scores(store, run)) {
    const auto take = [&, &where = group, &all = columns](Block block,
                                                          const std::vector<double>& reference,
                                                          const std::vector<double>& predicted) {
      auto measures = compute_measures(block, {reference, predicted, {0, 100}}, options);
      const auto append = [&measures](std::vector<Measure> others) {
        std::move(others.begin(), others.end(), std::back_inserter(measures));
      };
      if (block == Block::kBeforeAfter) {
        append(msu_measures(all, how.native.worst > how.native.best));
        append(purifier_measures(all, how.native));
      }
      if (block == Block::kMosBefore) append(measures_of_certificates(all, how.certificates));
      EvaluationRow row = measured_row(where, block, reference.size(), measures);
      if (block == Block::kBeforeAfter) add_means(all, row);
      // The clean row first: the rest is read against it.
      if (block == Block::kMosBefore) {
        rows.insert(rows.begin(), std::move(row));
      } else {
        rows.push_back(std::move(row));
      }
      for (MeasureRow& stored_row : stored_rows(run, where, block, measures)) {
        to_store.push_back(std::move(stored_row));
      }
    };
    if (std::get<2>(group) == "none") {
      take(Block::kMosBefore, columns.mos, columns.before);
    } else {
      take(Block::kMosAfter, columns.mos, columns.after);
      take(Block::kBeforeAfter, columns.before, columns.after);
    }
  }
  store.add(to_store);
  return rows;
}

}  // namespace robiq
