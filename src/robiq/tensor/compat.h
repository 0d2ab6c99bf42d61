#pragma once
// Every difference between LibTorch 1.13 and 2.x that robiq meets, and no other file's business.
#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <torch/version.h>

#include <optional>

#ifndef TORCH_VERSION_MAJOR
#error "robiq needs LibTorch 1.13 or later"
#endif

namespace robiq::compat {

/// The empty optional that autograd's functions take.
#if TORCH_VERSION_MAJOR >= 2
inline constexpr std::nullopt_t kNoOption = std::nullopt;
#else
inline constexpr c10::nullopt_t kNoOption = c10::nullopt;
#endif

/// TF32 rounds fp32 products to 10 bits; robiq never lets it (decisions 4: NT divides score
/// differences by 0.01).
inline void forbid_tf32() {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
  at::globalContext().setFloat32Precision("cuda", "all", "ieee");
#else
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
#endif
}

/// Whether autocast is on for a kind of device, and what it casts to.
struct Autocast {
  bool on;
  at::ScalarType type;
};

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
inline Autocast autocast(c10::DeviceType device) {
  return {at::autocast::is_autocast_enabled(device), at::autocast::get_autocast_dtype(device)};
}
inline void set_autocast(c10::DeviceType device, const Autocast& state) {
  at::autocast::set_autocast_enabled(device, state.on);
  at::autocast::set_autocast_dtype(device, state.type);
}
#else
inline Autocast autocast(c10::DeviceType device) {
  if (device == c10::kCUDA) {
    return {at::autocast::is_enabled(), at::autocast::get_autocast_gpu_dtype()};
  }
  return {at::autocast::is_cpu_enabled(), at::autocast::get_autocast_cpu_dtype()};
}
inline void set_autocast(c10::DeviceType device, const Autocast& state) {
  if (device == c10::kCUDA) {
    at::autocast::set_enabled(state.on);
    at::autocast::set_autocast_gpu_dtype(state.type);
  } else {
    at::autocast::set_cpu_enabled(state.on);
    at::autocast::set_autocast_cpu_dtype(state.type);
  }
}
#endif

}  // namespace robiq::compat
