#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "robiq/attack/search/score_queries.h"

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

/// How patch_search() walks.
struct PatchSearch {
  std::int64_t area = 169;       ///< pixels of the square patch; its side is rounded up
  double p_init = 0.8;           ///< share of the patch that the first changes cover
  std::int64_t queries = 10000;  ///< candidates, the start among them
};

/// The square patch of colours 0 and 1, and its place, with the largest value that random changes
/// find (Sparse-RS: Croce et al., AAAI 2022). Every fourth candidate moves the patch by up to .75
/// of the height, less and less; the others recolour a square of it, whose share shrinks as in
/// square_share(). Once squares are single pixels, the second half of the candidates flips one
/// channel of one pixel. The start is kept even if it is worse than the picture.
/// Draws: the place's row and column; of 1000 squares of the start side, row, column, three signs;
/// then for each candidate the changed square's row and column, and its three signs (again while a
/// single pixel keeps its colour), or its channel, or the move's rows and columns.
/// \param picture  [1,3,H,W] in [0,1]   \return [1,3,H,W], of which only the patch differs
[[nodiscard]] at::Tensor patch_search(ScoreQueries& queries, const at::Tensor& picture,
                                      const PatchSearch& walk, const SearchDraws& draws);

}  // namespace robiq
