#include <ATen/ATen.h>

#include "robiq/attack/boundary/boundary_search.h"
#include "robiq/attack/boundary/noticeable.h"
#include "robiq/attack/gradient/universal.h"
#include "robiq/attack/search/score_only_attack.h"
#include "robiq/attack/search/score_queries.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

at::Tensor point_channels(double red, double green, double blue, const at::Tensor& like) {
  return at::tensor({red, green, blue}, at::kDouble)
      .to(like.device(), like.scalar_type())
      .view({1, 3, 1, 1});
}

/// Two pictures of high frequency, a checker of single pixels and noise.
std::vector<at::Tensor> made_up_textures(const at::Tensor& picture, const Rng& rng) {
  const at::Tensor rows = at::arange(picture.size(2), picture.options()).view({1, -1, 1});
  const at::Tensor columns = at::arange(picture.size(3), picture.options()).view({1, 1, -1});
  const at::Tensor checker = (rows + columns).remainder(2).expand({3, -1, -1});
  return {checker, uniform_tensor(rng, picture[0].sizes(), 0, 1, picture.device())};
}

/// Scores pushed beyond boundaries that move out, with changes that are hardly noticed.
class Boundary final : public ScoreOnlyAttack {
 public:
  static constexpr const char* kName = "boundary";
  static constexpr const char* kSummary =
      "pushes scores beyond boundaries that move out, within what is just noticeable";
  static constexpr const char* kPaper = "Yang et al., IEEE TCSVT 2024 (arXiv 2401.05217)";
  struct Options {
    double cap = 0.38;
    std::int64_t rounds = 20, queries = 8000;
    std::string loss = "mid", geometry = "pixel";
    std::vector<std::string> references;
    static OptionTable<Options> options() {
      using O = Options;
      return {{"cap", &O::cap, "how far a pixel may move, as a share of what is just noticeable", 0,
               1.9},
              {"rounds", &O::rounds, "the most rounds, each with a boundary farther out", 1, 10000},
              {"queries", &O::queries, kQueriesHelp, 1, 1e7},
              {"loss",
               &O::loss,
               "which way scores go: mid moves scores up to 50 up and others down",
               {"mid", "up", "down"}},
              {"geometry",
               &O::geometry,
               "where distances are measured: between pixels, or as in the authors' code between "
               "values normalised for ImageNet, with its way to make directions orthogonal",
               {"pixel", "normalised"}},
              {"references", &O::references,
               "pictures of high frequency that rounds begin with, repeated over the picture; not "
               "given: a checker and noise"}};
    }
  };
  explicit Boundary(const Options& o)
      : ScoreOnlyAttack({.name = kName,
                         .paper = kPaper,
                         .title = "Boundary",
                         .rank = 57,
                         .strength = "cap",
                         .linf_budget = o.cap * kMostNoticeable / 255},
                        parse_objective(o.loss), o.queries),
        options_(o) {
    for (const std::string& file : o.references) {
      references_.push_back(to_float(read_picture(file)));
    }
  }

 protected:
  [[nodiscard]] at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                  const Rng& rng) const override {
    BoundarySearch search{.cap = options_.cap, .rounds = options_.rounds};
    search.up = options_.loss == "up" || (options_.loss == "mid" && queries.clean_score() <= 50);
    search.space = {point_channels(0, 0, 0, picture), point_channels(1, 1, 1, picture)};
    if (options_.geometry == "normalised") {
      search.space = {point_channels(0.485, 0.456, 0.406, picture),
                      point_channels(0.229, 0.224, 0.225, picture)};
      search.orthogonal = Orthogonal::kTogether;
    }
    for (const at::Tensor& reference : references_) {
      const at::Tensor repeated =
          tiled(reference.unsqueeze(0), picture.size(2), picture.size(3)).to(picture.device());
      search.references.push_back(repeated[0]);
    }
    if (references_.empty()) {
      search.references = made_up_textures(picture, rng.child("texture"));
    }
    const Rng directions = rng.child("directions");
    const auto signs = [&](std::int64_t k) {
      const Rng position = directions.child(static_cast<std::uint64_t>(k));
      return uniform_tensor(position, picture[0].sizes(), 0, 3, picture.device())
          .floor()
          .sub(1)
          .clamp_max(1);
    };
    return boundary_search(queries, picture, search, draws_at(rng.child("textures")), signs)
        .back()
        .picture;
  }

 private:
  Options options_;
  std::vector<at::Tensor> references_;
};

ROBIQ_REGISTER(Attack, Boundary);

}  // namespace
}  // namespace robiq
