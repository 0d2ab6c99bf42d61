#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "robiq/attack/search/score_queries.h"
#include "robiq/attack/search/search_draws.h"

namespace robiq {

/// How block_search() walks.
struct BlockSearch {
  double epsilon = 0.05;    ///< every value moves by +-epsilon, [0,1] units
  std::int64_t grid = 256;  ///< side of the grid of signs that is stretched over the picture;
                            ///< smaller where the picture is
  std::int64_t block = 32;  ///< side of the first blocks, in cells of the grid
  std::int64_t batch = 64;  ///< blocks searched together
};

/// The corner of the l_inf ball with a large value that flips of blocks find (Moon et al., ICML
/// 2019). All signs begin negative. For each batch of blocks, in random order, one pass of lazy
/// greedy search raises blocks and one lowers them again: gains of all are computed once, the block
/// with the largest is computed again, and flipped if it is still the largest and an improvement.
/// Then blocks halve, down to single cells, until the queries are spent or a whole pass over single
/// cells changes nothing. The value that gains are measured from is always one that was computed.
/// Draws: below(n) for the shuffle of the blocks of every pass.
/// \param picture  [1,3,H,W] in [0,1]   \return [1,3,H,W], every value moved by +-epsilon, in [0,1]
[[nodiscard]] at::Tensor block_search(ScoreQueries& queries, const at::Tensor& picture,
                                      const BlockSearch& walk, const SearchDraws& draws);

}  // namespace robiq
