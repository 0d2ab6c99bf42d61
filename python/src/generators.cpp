#include "generators.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>

namespace robiq::python {
namespace {

[[nodiscard]] std::recursive_mutex& generators_mutex() {
  static std::recursive_mutex the_mutex;
  return the_mutex;
}

}  // namespace

ScopedGenerators::ScopedGenerators() : turn_(generators_mutex()) {
  call_python([&] {
    const py::module_ torch = py::module_::import("torch");
    cpu_ = std::make_unique<SharedObject>(torch.attr("get_rng_state")());
    if (torch.attr("cuda").attr("is_initialized")().cast<bool>()) {
      cuda_ = std::make_unique<SharedObject>(torch.attr("cuda").attr("get_rng_state_all")());
    }
  });
}

ScopedGenerators::~ScopedGenerators() {
  call_python_through([&] {
    const py::module_ torch = py::module_::import("torch");
    torch.attr("set_rng_state")(cpu_->get());
    if (cuda_) torch.attr("cuda").attr("set_rng_state_all")(cuda_->get());
  });
}

std::vector<at::Tensor> generator_states(c10::Device device) {
  std::vector<at::Tensor> states;
  const auto add = [&](c10::Device of) {
    at::Generator generator = at::globalContext().defaultGenerator(of);
    const std::scoped_lock lock(generator.mutex());
    states.push_back(generator.get_state());
  };
  add(c10::kCPU);
  if (device.is_cuda()) add(device);
  return states;
}

void restore_generator(const SharedObject& state, c10::Device device) {
  call_python([&] {
    const py::module_ torch = py::module_::import("torch");
    if (device.is_cuda()) {
      torch.attr("cuda").attr("set_rng_state")(state.get(), device.str());
    } else {
      torch.attr("set_rng_state")(state.get());
    }
  });
}

}  // namespace robiq::python
