#include "robiq/defense/defense.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>

#include "robiq/core/error.h"

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
  const bool labelled = batch.mos.defined() && batch.mos.size(0) == batch.images.size(0);
  batch = prepare(model, std::move(batch), step);
  if (labelled && batch.images.size(0) != batch.mos.size(0)) {
    throw Error(ErrorKind::kInternal,
                {"the defense returned " + std::to_string(batch.images.size(0)) + " pictures and " +
                     std::to_string(batch.mos.size(0)) + " labels",
                 card().title, "report this as a bug"});
  }
  return batch;
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
