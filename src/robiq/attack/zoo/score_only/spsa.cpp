#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/attack/gradient/adam_walk.h"
#include "robiq/attack/norm_ball.h"
#include "robiq/attack/search/score_only_attack.h"
#include "robiq/attack/search/score_queries.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

/// Adam along gradients that probes of signs estimate.
class Spsa final : public ScoreOnlyAttack {
 public:
  static constexpr const char* kName = "spsa";
  static constexpr const char* kSummary = "Adam along gradients estimated with random signs";
  static constexpr const char* kPaper = "Uesato et al., ICML 2018";
  struct Options {
    double epsilon = 0.3, delta = 0.01, learning_rate = 0.01;
    std::int64_t samples = 128, queries = 10240;
    std::string loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"epsilon", &O::epsilon, kSearchEpsilonHelp, 0, 1, "(pixel values: 0 to 1)"},
              {"delta", &O::delta, "how far probes reach", 1e-6, 1, "(pixel values: 0 to 1)"},
              {"learning_rate", &O::learning_rate, "Adam's, about the length of one step", 0, 1,
               "(pixel values: 0 to 1)"},
              {"samples", &O::samples, "pairs of probes for one step", 1, 100000},
              {"queries", &O::queries,
               "the most scores asked for one picture: two for each sample of each step", 2, 1e7},
              {"loss", &O::loss, kSearchLossHelp, objective_names()}};
    }
  };
  explicit Spsa(const Options& o)
      : ScoreOnlyAttack(
            {.name = kName, .paper = kPaper, .title = "SPSA", .rank = 53, .linf_budget = o.epsilon},
            parse_objective(o.loss), o.queries),
        options_(o) {}

 protected:
  [[nodiscard]] at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                  const Rng& rng) const override {
    const LinfBall ball(picture, options_.epsilon);
    at::Tensor images = picture;
    AdamMoments moments(picture);
    for (std::uint64_t step = 0; queries.left() >= 2; ++step) {
      const std::int64_t samples = std::min(options_.samples, queries.left() / 2);
      const auto direction = [&](std::int64_t probe) {
        const Rng at_probe = rng.child(step).child(static_cast<std::uint64_t>(probe));
        const at::Tensor high = uniform_tensor(at_probe, picture.sizes(), -1, 1, picture.device());
        return at::where(high < 0, -1.0F, 1.0F).to(at::kFloat);
      };
      moments.add(estimate_gradient(queries, images, options_.delta, samples, direction));
      images = ball.project(images + options_.learning_rate * moments.torch_step());
    }
    return images;
  }

 private:
  Options options_;
};

ROBIQ_REGISTER(Attack, Spsa);

}  // namespace
}  // namespace robiq
