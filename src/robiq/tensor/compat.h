#pragma once
// Every difference between LibTorch 1.13 and 2.x that robiq meets, and no other file's business.
#include <ATen/Context.h>
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

}  // namespace robiq::compat
