// The .xlsx reader: the zip file, its XML and the first sheet.
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"
#include "robiq/io/xlsx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source =
      robiq::source_of_bytes("fuzz.xlsx", std::string(reinterpret_cast<const char*>(data), size));
  try {
    (void)robiq::read_xlsx(source, "", {.part_bytes = 1U << 20, .cells = 100'000});
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
