#pragma once
#include <cstdint>
#include <functional>

#include "robiq/core/rng.h"

namespace robiq {

/// Where a random search takes its numbers from. A search draws them in an order that its header
/// states, so that another program's numbers can be handed over.
struct SearchDraws {
  std::function<std::int64_t(std::int64_t n)> below;  ///< uniform in {0, ..., n - 1}; n > 0
  std::function<double()> uniform;                    ///< uniform in [0, 1)

  /// +1 or -1.
  [[nodiscard]] double sign() const { return uniform() < 0.5 ? -1.0 : 1.0; }
};

/// Numbers of one position.
[[nodiscard]] SearchDraws draws_at(const Rng& position);

}  // namespace robiq
