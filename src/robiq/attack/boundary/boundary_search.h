#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "robiq/attack/boundary/surfree_round.h"
#include "robiq/attack/search/score_queries.h"

namespace robiq {

/// What boundary_search() is given besides the picture.
struct BoundarySearch {
  bool up = true;                        ///< whether the score is raised
  double cap = 0.38;                     ///< share of the just noticeable change that is allowed
  std::int64_t rounds = 20;              ///< at most
  std::vector<at::Tensor> references{};  ///< [3,H,W] in [0,1], added at the start of a round
  at::Tensor saliency{};                 ///< [3,H,W] in [0,1], or undefined for none
  PointSpace space{};
  Orthogonal orthogonal = Orthogonal::kSequential;
};

/// What one round did.
struct BoundaryRound {
  double boundary_tried = 0, boundary_reached = 0;
  std::int64_t random_search = 0;  ///< draws, as the authors count them
  std::int64_t counted = 0;        ///< SurFree's counted queries
  std::int64_t directions = 0;     ///< drawn so far
  bool stopped = false;
  at::Tensor picture;  ///< [1,3,H,W]
};

/// The query attack on score boundaries (Yang et al., TCSVT 2024): rounds that each find a picture
/// beyond a boundary by adding textures, shorten the way to it with SurFree, cap every pixel at
/// what is just noticeable, and move the boundary out. A capped picture may lie inside its
/// boundary. Without queries left it returns what the round under way has reached. Draws of a
/// random search: one uniform, then the number of a reference, for each try. \param picture
/// [1,3,H,W] in [0,1] \return the rounds; the last one's picture is the result. At least one round
[[nodiscard]] std::vector<BoundaryRound> boundary_search(ScoreQueries& queries,
                                                         const at::Tensor& picture,
                                                         const BoundarySearch& search,
                                                         const SearchDraws& draws,
                                                         const DirectionSigns& signs);

}  // namespace robiq
