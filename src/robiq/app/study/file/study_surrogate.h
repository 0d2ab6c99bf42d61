#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace robiq {

/// A surrogate as [[attack]] names it: MODEL:seed=N is trained in the study, MODEL:weights=FILE is
/// loaded.
struct StudySurrogate {
  std::string model;                 ///< the spec without what follows
  std::optional<std::int64_t> seed;  ///< of its training; absent: it is loaded
  std::string weights;               ///< "": it is trained
};

/// \throws Error{kUsage} unless it has either seed or weights
[[nodiscard]] StudySurrogate parse_surrogate(const std::string& text, const std::string& where);

}  // namespace robiq
