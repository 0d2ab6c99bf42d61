#include "robiq/attack/search/search_draws.h"

#include <memory>

namespace robiq {

SearchDraws draws_at(const Rng& position) {
  const auto stream = std::make_shared<RandomStream>(position);
  return {[stream](std::int64_t n) {
            return static_cast<std::int64_t>(stream->below(static_cast<std::uint64_t>(n)));
          },
          [stream] { return stream->uniform(); }};
}

}  // namespace robiq
