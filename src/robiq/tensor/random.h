#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "robiq/core/rng.h"

namespace robiq {

/// A torch generator seeded by a position, to hand to at::rand and friends.
[[nodiscard]] at::Generator torch_generator(const Rng& at, c10::Device device);

/// Uniform in [low, high), float32, drawn on the CPU so that every device gets the same numbers.
[[nodiscard]] at::Tensor uniform_tensor(const Rng& at, at::IntArrayRef shape, double low,
                                        double high, c10::Device device);

/// Seeds the global generators, which dropout alone uses. Trainer and the defenses call it before
/// a forward pass, so that a mask is a function of the step.
void seed_torch_globals(const Rng& at);

}  // namespace robiq
