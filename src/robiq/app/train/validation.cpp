#include "robiq/app/train/validation.h"

#include <ATen/ATen.h>

#include <cmath>

#include "robiq/metric/measures.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/train/group_step.h"

namespace robiq {

namespace {

double normalised_score(QualityModel& model, const ValidationSet& set, std::size_t index) {
  const ImageRecord& record = set.dataset.records()[index];
  const at::Tensor picture =
      picture_input(set.dataset.read(record), model.card(), set.views, false, model.device());
  const std::vector<View> views =
      make_views(set.views, picture.size(2), picture.size(3), set.at.child(record.id));
  return model.card().scale.normalise(score_picture(model, picture, views));
}

/// Pictures are dealt to the processes in turn.
std::vector<double> scores_of_all(QualityModel& model, const ValidationSet& set) {
  const std::size_t rank = set.group == nullptr ? 0 : static_cast<std::size_t>(set.group->rank());
  const std::size_t world = set.group == nullptr ? 1 : static_cast<std::size_t>(set.group->size());
  std::vector<double> mine;
  for (std::size_t i = rank; i < set.records.size(); i += world) {
    mine.push_back(normalised_score(model, set, set.records[i]));
  }
  if (set.group == nullptr) return mine;
  std::vector<double> scores(set.records.size());
  const std::vector<at::Tensor> parts = set.group->gather(at::tensor(mine, at::kDouble));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[i] = parts[i % world][static_cast<std::int64_t>(i / world)].item<double>();
  }
  return scores;
}

}  // namespace

std::map<std::string, double> validation_measures(QualityModel& model, const ValidationSet& set) {
  if (set.group != nullptr) broadcast_state(*set.group, model);
  const ScopedFrozen frozen(model);
  std::vector<double> mos;
  for (const std::size_t index : set.records) {
    mos.push_back(set.dataset.card().scale.normalise(set.dataset.records()[index].mos));
  }
  const std::vector<double> scores = scores_of_all(model, set);
  std::map<std::string, double> values;
  for (const Measure& measure :
       compute_measures(Block::kMosBefore, {mos, scores, {0, 100}}, {.resamples = 0})) {
    if (std::isfinite(measure.value)) values[measure.name] = measure.value;
  }
  return values;
}

}  // namespace robiq
