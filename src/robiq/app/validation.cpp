#include "robiq/app/validation.h"

#include <cmath>

#include "robiq/metric/measures.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"

namespace robiq {

std::map<std::string, double> validation_measures(QualityModel& model, const Dataset& dataset,
                                                  const std::vector<std::size_t>& records,
                                                  const ViewPolicy& policy, const Rng& at) {
  const ScopedFrozen frozen(model);
  std::vector<double> mos, scores;
  for (const std::size_t index : records) {
    const ImageRecord& record = dataset.records()[index];
    const at::Tensor picture =
        picture_input(dataset.read(record), model.card(), policy, false, model.device());
    const std::vector<View> views =
        make_views(policy, picture.size(2), picture.size(3), at.child(record.id));
    mos.push_back(dataset.card().scale.normalise(record.mos));
    scores.push_back(model.card().scale.normalise(score_picture(model, picture, views)));
  }
  std::map<std::string, double> values;
  for (const Measure& measure :
       compute_measures(Block::kMosBefore, {mos, scores, {0, 100}}, {.resamples = 0})) {
    if (std::isfinite(measure.value)) values[measure.name] = measure.value;
  }
  return values;
}

}  // namespace robiq
