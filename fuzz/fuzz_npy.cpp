// The .npy reader.
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"
#include "robiq/io/numpy/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source =
      robiq::source_of_bytes("fuzz.npy", std::string(reinterpret_cast<const char*>(data), size));
  try {
    (void)robiq::read_npy_array(*source);
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
