#include "robiq/tensor/precision.h"

#include <c10/core/impl/LocalDispatchKeySet.h>

#include <string>

#include "robiq/tensor/compat.h"
#include "robiq/tensor/device.h"

namespace robiq {

bool has_bfloat16_products(c10::Device device) {
  if (!device.is_cpu()) return true;
  // avx512_bf16 and amx_bf16 stand in the flags of x86, bf16 in the features of Arm.
  const auto named = [](const char* key) {
    return system_field("/proc/cpuinfo", key).find("bf16") != std::string::npos;
  };
  return named("flags") || named("Features");
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
