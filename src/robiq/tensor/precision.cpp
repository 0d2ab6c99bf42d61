#include "robiq/tensor/precision.h"

#include <c10/core/impl/LocalDispatchKeySet.h>

#include <fstream>
#include <string>

#include "robiq/tensor/compat.h"

namespace robiq {

bool has_bfloat16_products(c10::Device device) {
  if (!device.is_cpu()) return true;
  // avx512_bf16 and amx_bf16 of x86, bf16 of Arm.
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const bool features = line.starts_with("flags") || line.starts_with("Features");
    if (features) return line.find("bf16") != line.npos;
  }
  return false;
}

struct ScopedBfloat16::Before {
  c10::DeviceType type;
  compat::Autocast state;
};

ScopedBfloat16::ScopedBfloat16(c10::DeviceType type)
    : before_(std::make_unique<Before>(Before{type, compat::autocast(type)})) {
  compat::set_autocast(type, {true, at::kBFloat16});
}

ScopedBfloat16::~ScopedBfloat16() {
  // The cast weights: they are of this pass, and the optimiser will change the originals.
  at::autocast::clear_cache();
  compat::set_autocast(before_->type, before_->state);
}

struct ScopedFullPrecision::Guard {
  c10::impl::ExcludeDispatchKeyGuard no_autocast{c10::autocast_dispatch_keyset};
};

ScopedFullPrecision::ScopedFullPrecision() : guard_(std::make_unique<Guard>()) {}
ScopedFullPrecision::~ScopedFullPrecision() = default;

}  // namespace robiq
