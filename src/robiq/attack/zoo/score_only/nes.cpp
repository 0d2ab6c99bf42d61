#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "robiq/attack/gradient/universal.h"
#include "robiq/attack/norm_ball.h"
#include "robiq/attack/search/score_only_attack.h"
#include "robiq/attack/search/score_queries.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

/// Steps along gradients that normal probes estimate, all of which repeat one small tile.
class Nes final : public ScoreOnlyAttack {
 public:
  static constexpr const char* kName = "nes";
  static constexpr const char* kSummary = "steps along gradients estimated from scores";
  static constexpr const char* kPaper =
      "Ilyas et al., ICML 2018; for quality scores Gushchin et al., 2024";
  struct Options {
    double epsilon = 0.1, sigma = 0.001, step_size = 0.1;
    std::int64_t tile = 32, samples = 20, queries = 10000;
    std::string loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"epsilon", &O::epsilon, kSearchEpsilonHelp, 0, 1, "(pixel values: 0 to 1)"},
              {"sigma", &O::sigma, "how far probes reach", 1e-6, 1, "(pixel values: 0 to 1)"},
              {"step_size", &O::step_size, "l2 length of one step, on the tile", 0, 1e6},
              {"tile", &O::tile, "side of the tile that is repeated over the picture", 1, 10000,
               "pixels"},
              {"samples", &O::samples, "pairs of probes for one step", 1, 100000},
              {"queries", &O::queries, kQueriesHelp, 2, 1e7},
              {"loss", &O::loss, kSearchLossHelp, objective_names()}};
    }
  };
  explicit Nes(const Options& o)
      : ScoreOnlyAttack(
            {.name = kName, .paper = kPaper, .title = "NES", .rank = 52, .linf_budget = o.epsilon},
            parse_objective(o.loss), o.queries),
        options_(o) {}

 protected:
  [[nodiscard]] at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                  const Rng& rng) const override {
    const std::int64_t height = picture.size(2), width = picture.size(3);
    const std::array<std::int64_t, 4> shape = {1, 3, std::min(options_.tile, height),
                                               std::min(options_.tile, width)};
    const LinfBall ball(picture, options_.epsilon);
    at::Tensor images = picture;
    for (std::uint64_t step = 0; queries.left() >= 2; ++step) {
      const std::int64_t samples = std::min(options_.samples, queries.left() / 2);
      const auto direction = [&](std::int64_t probe) {
        const Rng at_probe = rng.child(step).child(static_cast<std::uint64_t>(probe));
        return at::randn(shape, torch_generator(at_probe, at::kCPU), at::kFloat)
            .to(picture.device());
      };
      const at::Tensor gradient =
          estimate_gradient(queries, images, options_.sigma, samples, direction);
      const double length = gradient.norm().item<double>();
      if (!(length > 0)) continue;  // all probes agree: others are drawn
      const at::Tensor move = tiled(gradient * (options_.step_size / length), height, width);
      images = ball.project(images + move);
    }
    return images;
  }

 private:
  Options options_;
};

ROBIQ_REGISTER(Attack, Nes);

}  // namespace
}  // namespace robiq
