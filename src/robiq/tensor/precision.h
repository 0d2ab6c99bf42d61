#pragma once
#include <c10/core/Device.h>

#include <memory>

namespace robiq {

/// Whether the device has instructions for products of bfloat16. A processor without them computes
/// them one by one, many times slower than float32. (Linux: /proc/cpuinfo.)
[[nodiscard]] bool has_bfloat16_products(c10::Device device);

/// For the life of the guard, products and convolutions of float32 tensors on this kind of device
/// are computed in bfloat16 (LibTorch's autocast), with float32 sums inside each. Their results are
/// bfloat16: cast what leaves the guarded part back.
class ScopedBfloat16 {
 public:
  explicit ScopedBfloat16(c10::DeviceType type);
  ~ScopedBfloat16();
  ScopedBfloat16(const ScopedBfloat16&) = delete;
  ScopedBfloat16& operator=(const ScopedBfloat16&) = delete;

 private:
  struct Before;
  std::unique_ptr<Before> before_;
};

/// Inside a ScopedBfloat16: full precision again, for arithmetic that subtracts large numbers.
class ScopedFullPrecision {
 public:
  ScopedFullPrecision();
  ~ScopedFullPrecision();
  ScopedFullPrecision(const ScopedFullPrecision&) = delete;
  ScopedFullPrecision& operator=(const ScopedFullPrecision&) = delete;

 private:
  struct Guard;
  std::unique_ptr<Guard> guard_;
};

}  // namespace robiq
