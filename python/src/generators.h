#pragma once
#include <mutex>
#include <vector>

#include "calls.h"

namespace robiq::python {

/// Torch's global generators as they were, after the life of the guard: what seeds them for dropout
/// or weights leaves the user's own random numbers as they were. One thread at a time has a guard,
/// and the seeds in it to itself.
/// Take it without the GIL, and before a model's turn().
class ScopedGenerators {
 public:
  ScopedGenerators();
  ~ScopedGenerators();
  ScopedGenerators(const ScopedGenerators&) = delete;
  ScopedGenerators& operator=(const ScopedGenerators&) = delete;

 private:
  std::unique_lock<std::recursive_mutex> turn_;
  std::unique_ptr<SharedObject> cpu_, cuda_;
};

/// The states of the generators from which a model on `device` draws: equal ones mean that nothing
/// was drawn in between.
[[nodiscard]] std::vector<at::Tensor> generator_states(c10::Device device);

/// Puts back the state of the generator of `device`.
/// \param state  of torch.get_rng_state() or torch.cuda.get_rng_state()
void restore_generator(const SharedObject& state, c10::Device device);

}  // namespace robiq::python
