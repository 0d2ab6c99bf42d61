#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// What the benches share.

/// The middle of the values, or the mean of the two middle ones; there must be one.
[[nodiscard]] double median(std::vector<double> values);

/// Wall time of `work`.
[[nodiscard]] double seconds_of(const std::function<void()>& work);

/// A model with weights that depend on `rng` alone. \param spec  NAME:key=value
[[nodiscard]] std::unique_ptr<QualityModel> random_model(const std::string& spec, const Rng& rng,
                                                         c10::Device device);

/// \throws Interrupted when the user stops the program.
void throw_if_bench_stopped();

}  // namespace robiq
