#include "robiq/defense/defense.h"

#include <utility>

namespace robiq {

template <>
Registry<Defense>& Registry<Defense>::instance() {
  static Registry<Defense> the_registry;
  return the_registry;
}

DefenseCard Defense::card() const { return {}; }

void Defense::see_task(const StepTask& /*task*/) {}

TrainBatch Defense::begin_step(QualityModel& model, TrainBatch batch, const Rng& step) {
  if (freezes_statistics()) model.set_batch_statistics(false);
  return prepare(model, std::move(batch), step);
}

TrainBatch Defense::prepare(QualityModel& /*model*/, TrainBatch batch, const Rng& /*step*/) {
  return batch;
}

void Defense::before_pass(const QualityModel& /*model*/) {}

void Defense::see_batch(const at::Tensor& /*scores*/, const at::Tensor& /*mos*/) {}

Penalty Defense::penalty(QualityModel& /*model*/, const TrainBatch& /*batch*/,
                         const at::Tensor& /*scores*/, const Rng& /*step*/) {
  return {};
}

}  // namespace robiq
