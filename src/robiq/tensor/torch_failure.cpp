#include "robiq/tensor/torch_failure.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>

namespace robiq {

TorchFailure torch_failure(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return TorchFailure::kOutOfMemory;
  const auto* const torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = torch != nullptr ? torch->what_without_backtrace() : error.what();
  const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
  if (says("out of memory") || says("can't allocate memory")) return TorchFailure::kOutOfMemory;
  if (says("leaf Variable")) return TorchFailure::kWritesToInput;
  if (says("CUDA") || says("same device")) return TorchFailure::kOtherDevice;
  return TorchFailure::kOther;
}

}  // namespace robiq
