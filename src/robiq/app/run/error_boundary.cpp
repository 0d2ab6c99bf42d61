#include "robiq/app/run/error_boundary.h"

#include <c10/util/Exception.h>

#include <string>

#include "robiq/core/error_boundary.h"
#include "robiq/tensor/torch_failure.h"

namespace robiq {
namespace {

void within_torch_boundary(const std::function<void()>& work) {
  try {
    work();
  } catch (const c10::Error& error) {
    const std::string all = error.what_without_backtrace();
    const std::string what = all.substr(0, all.find('\n'));
    if (torch_failure(error) == TorchFailure::kOutOfMemory) throw_out_of_memory(what);
    throw_internal(what);
  }
}

}  // namespace

void within_error_boundary(const std::function<void()>& work) {
  within_system_boundary([&] { within_torch_boundary(work); });
}

}  // namespace robiq
