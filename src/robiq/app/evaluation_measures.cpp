#include "robiq/app/evaluation_measures.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "robiq/core/version.h"
#include "robiq/metric/measures.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

struct Columns {
  std::vector<double> mos, before, after;
};

/// Everything about a score row but its picture: rows that are measured together.
using Group = std::tuple<std::int64_t, std::string, std::string, std::string, std::string,
                         std::string>;  // model, dataset, attack, options, level, surrogate

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json measured_row(const Group& group, Block block, std::size_t n,
                  const std::vector<Measure>& measures) {
  const auto& [model, dataset, attack, options, level, surrogate] = group;
  Json row = {{"robiq_version", version()}, {"attack", attack},
              {"options", options},         {"level", level},
              {"block", block_name(block)}, {"n", n}};
  for (const Measure& measure : measures) {
    row[measure.name] = number_or_null(measure.value);
    row[measure.name + "_low"] = number_or_null(measure.low);
    row[measure.name + "_high"] = number_or_null(measure.high);
    if (!measure.note.empty()) row[measure.name + "_note"] = measure.note;
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

std::map<Group, Columns> grouped_scores(const ResultsStore& store, std::int64_t run) {
  std::map<std::int64_t, ImageRow> images;
  for (ImageRow& image : store.images()) images.emplace(image.id, std::move(image));
  std::map<Group, Columns> groups;
  for (const ScoreRow& score : store.scores(run)) {
    const ImageRow& image = images.at(score.image);
    Columns& columns = groups[{score.model, image.dataset, score.attack, score.attack_options,
                               score.level, score.surrogate}];
    columns.mos.push_back(image.mos_normalised);
    columns.before.push_back(score.before);
    columns.after.push_back(score.after);
  }
  return groups;
}

}  // namespace

Json store_measures(ResultsStore& store, std::int64_t run, const EvaluationMeasures& how) {
  const MeasureOptions options{.resamples = how.resamples, .seed = how.seed};
  Json rows = Json::array();
  std::vector<MeasureRow> to_store;
  for (const auto& [group, columns] : grouped_scores(store, run)) {
    const auto take = [&, &where = group](Block block, const std::vector<double>& reference,
                                          const std::vector<double>& predicted) {
      const auto measures = compute_measures(block, {reference, predicted, {0, 100}}, options);
      Json row = measured_row(where, block, reference.size(), measures);
      // The clean row first: the rest is read against it.
      if (block == Block::kMosBefore) {
        rows.insert(rows.begin(), std::move(row));
      } else {
        rows.push_back(std::move(row));
      }
      for (MeasureRow& one : stored_rows(run, where, block, measures)) {
        to_store.push_back(std::move(one));
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
