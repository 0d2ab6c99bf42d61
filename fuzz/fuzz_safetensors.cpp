// The .safetensors reader. It reads files, so the bytes are given to it as one in memory.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "robiq/core/error.h"
#include "robiq/io/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int descriptor = ::memfd_create("fuzz.safetensors", MFD_CLOEXEC);
  if (descriptor < 0 || ::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, data, size, 0) != static_cast<ssize_t>(size)) {
    std::abort();
  }
  try {
    (void)robiq::read_safetensors("/proc/self/fd/" + std::to_string(descriptor));
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
