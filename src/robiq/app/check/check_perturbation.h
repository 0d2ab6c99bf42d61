#pragma once
#include <ATen/core/Tensor.h>

#include "robiq/app/check/check_run.h"
#include "robiq/app/run/flag_parts.h"

namespace robiq {

/// Values of GamingRequest::perturbation that are no file.
inline constexpr const char* kFittedPerturbation = "fit";
inline constexpr const char* kNoPerturbation = "none";

/// Whether the request names a file.
[[nodiscard]] bool reads_perturbation(const GamingRequest& request);

/// The universal perturbation that the request asks for, made as large as [-1,1] allows, so that a
/// strength is the largest change of a sample. A fitted one has raised the model's score of painted
/// scenes, none of them the user's.
/// \return [1,3,h,w] on the model's device; undefined for none, and, with a warning, where none can
/// be fitted: the model gives no gradient, or takes no pictures of 256 x 256
/// \throws Error{kModel} for a file that holds no perturbation; Interrupted
[[nodiscard]] at::Tensor check_perturbation(const GamingRequest& request,
                                            const LoadedModel& loaded);

}  // namespace robiq
