// The pickle interpreter, and what its calls are turned into, without a container.
#include <cstddef>
#include <cstdint>

#include "robiq/core/error.h"
#include "robiq/io/pickle/object_builder.h"
#include "robiq/io/pickle/pickle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source =
      robiq::source_of_bytes("fuzz.pkl", std::string(reinterpret_cast<const char*>(data), size));
  try {
    robiq::PickleInput input(*source);
    const robiq::PickleTree tree = robiq::read_pickle(input, robiq::is_known_python_name);
    (void)robiq::ObjectBuilder(tree, *source, nullptr).root();
  } catch (const robiq::Error& error) {
    if (error.kind() != robiq::ErrorKind::kModel) throw;
  }
  return 0;
}
