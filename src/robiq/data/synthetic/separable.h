#pragma once
#include <vector>

#include "robiq/data/synthetic/scene/planes.h"
#include "robiq/tensor/resample.h"

namespace robiq::synthetic {

/// Filters rows and columns, which may change their number.
/// \param down    one entry per row of the result, over the picture's rows
/// \param across  one entry per column of the result, over the picture's columns
[[nodiscard]] Planes filter_both(const Planes& picture, const std::vector<FilterTaps>& down,
                                 const std::vector<FilterTaps>& across);

}  // namespace robiq::synthetic
