#pragma once
#include <map>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/dataset.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// rmse (on the normalised scale), srocc, krocc and plcc between the MOS of some records and the
/// model's scores of the whole pictures; a measure that is undefined is left out. Evaluation mode,
/// restored after.
/// \param at  where policies with random views draw; each picture at its own id
[[nodiscard]] std::map<std::string, double> validation_measures(
    QualityModel& model, const Dataset& dataset, const std::vector<std::size_t>& records,
    const ViewPolicy& policy, const Rng& at);

}  // namespace robiq
