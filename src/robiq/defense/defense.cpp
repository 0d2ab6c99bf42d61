#include "robiq/defense/defense.h"

namespace robiq {

template <>
Registry<Defense>& Registry<Defense>::instance() {
  static Registry<Defense> the_registry;
  return the_registry;
}

TrainBatch Defense::prepare(QualityModel& /*model*/, TrainBatch batch, const Rng& /*step*/) {
  return batch;
}

Penalty Defense::penalty(QualityModel& /*model*/, const TrainBatch& /*batch*/,
                         const at::Tensor& /*scores*/, const Rng& /*step*/) {
  return {};
}

}  // namespace robiq
