#pragma once
#include <string>

namespace robiq::cli {

/// What `robiq` alone says: how to begin.
[[nodiscard]] std::string first_steps();

}  // namespace robiq::cli
