#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace robiq {

/// What the header of a .safetensors file says about one tensor, not yet believed.
struct SafetensorsEntry {
  std::string name, dtype;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< bytes, from the end of the header
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;
  std::map<std::string, std::string> metadata;
};

/// The largest header that is read or written, as in the format's reference program.
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// Reads the JSON as a stream, so that its memory is bounded by what the header names, and refuses
/// everything the format does not have: other keys and types, repeated keys, nesting.
/// \param source  the file, for messages   \throws Error{kModel}
[[nodiscard]] SafetensorsHeader parse_safetensors_header(std::string_view json,
                                                         const std::string& source);

/// A name of a stranger's making, fit for a message: printable and not too long.
[[nodiscard]] std::string printable_name(std::string_view name);

}  // namespace robiq
