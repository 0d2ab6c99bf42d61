#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "robiq/app/check/model_promises.h"

namespace robiq {

/// Built-in pictures of different quality to try a model on: scenes, the first pristine, the others
/// distorted, with values away from 0 and 1, where clipping would hide a slope.
/// \return float32 [count,3,height,width] in [0.05, 0.95]
[[nodiscard]] at::Tensor probe_pictures(std::int64_t count, std::int64_t height,
                                        std::int64_t width);

}  // namespace robiq

namespace robiq::promise {

using State = PromiseResult::State;

/// What one check saw.
struct Finding {
  State state = State::kKept;
  std::string text;
  std::optional<std::string> hint{};  ///< none: what the table of model_promises.cpp says
  std::string python_hint{};          ///< in place of `hint` for a callable; "": the same
};

/// Rethrows what is under way where it is no failure of the model: a stop, or no memory.
void rethrow_what_is_no_failure();

/// What cannot be checked needs no hint.
[[nodiscard]] inline Finding not_checked(const std::string& reason) {
  return {State::kNote, "not checked: " + reason, ""};
}

/// A model on trial, and what earlier checks learned about it.
struct Probe {
  QualityModel& model;
  at::Tensor images{};       ///< what can be scored together: three pictures, or one; or undefined
  at::Tensor scores{};       ///< of them, once they are known to be finite
  at::Tensor gradient{};     ///< of the sum of the scores; undefined when there is none
  bool random = false;       ///< whether two calls differ
  std::string blocked = "";  ///< why nothing more can be checked; "" while it can
};

/// The scores, in evaluation mode and with no graph, as float64 on the CPU.
[[nodiscard]] at::Tensor scores_of(Probe& probe, const at::Tensor& images);
/// probe_pictures() on the model's device.
[[nodiscard]] at::Tensor pictures_for(const Probe& probe, std::int64_t count, std::int64_t height,
                                      std::int64_t width);

// One a promise, in the order of the table. They may throw what the model throws.
[[nodiscard]] Finding scores_a_picture(Probe& probe);
[[nodiscard]] Finding leaves_its_input(Probe& probe);
[[nodiscard]] Finding takes_any_number(Probe& probe);
[[nodiscard]] Finding is_finite(Probe& probe);
[[nodiscard]] Finding scores_the_same_again(Probe& probe);
[[nodiscard]] Finding scores_each_by_itself(Probe& probe);
[[nodiscard]] Finding has_gradient(Probe& probe);
[[nodiscard]] Finding agrees_with_differences(Probe& probe);
[[nodiscard]] Finding can_be_differentiated_twice(Probe& probe);
[[nodiscard]] Finding keeps_inside_its_scale(Probe& probe);
[[nodiscard]] Finding takes_other_sizes(Probe& probe);
[[nodiscard]] Finding has_parameters(Probe& probe);
[[nodiscard]] Finding has_training_mode(Probe& probe);

}  // namespace robiq::promise
