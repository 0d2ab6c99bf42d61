// Checkpoints in every container: zip, legacy, pickle.
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"
#include "robiq/io/torch/torch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source =
      robiq::source_of_bytes("fuzz.pth", std::string(reinterpret_cast<const char*>(data), size));
  try {
    (void)robiq::read_torch_file(source);
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
