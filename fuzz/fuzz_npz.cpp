// The .npz reader: the zip file and every array in it.
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"
#include "robiq/io/numpy/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto source =
      robiq::source_of_bytes("fuzz.npz", std::string(reinterpret_cast<const char*>(data), size));
  try {
    (void)robiq::read_npz(std::move(source));
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
