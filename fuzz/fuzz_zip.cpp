// The zip reader: every member of the archive is unpacked.
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"
#include "robiq/io/zip/zip_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source =
      robiq::source_of_bytes("fuzz.zip", std::string(reinterpret_cast<const char*>(data), size));
  try {
    const robiq::ZipArchive zip(source);
    for (const std::string& name : zip.names()) {
      try {
        (void)zip.read(name);
      } catch (const robiq::Error& error) {
        if (error.kind() != robiq::ErrorKind::kModel) throw;
      }
    }
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
