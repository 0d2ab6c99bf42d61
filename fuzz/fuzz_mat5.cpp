// What stands between a MATLAB file of version 5 and matio.
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"
#include "robiq/io/matlab/mat_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source =
      robiq::source_of_bytes("fuzz.mat", std::string(reinterpret_cast<const char*>(data), size));
  try {
    (void)robiq::check_mat5(*source, {.bytes = 64U << 20, .arrays = 10'000});
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
