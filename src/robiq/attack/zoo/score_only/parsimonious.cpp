#include "robiq/attack/search/block_search.h"
#include "robiq/attack/search/score_only_attack.h"

namespace robiq {
namespace {

/// Flips of blocks between the corners of the ball.
class Parsimonious final : public ScoreOnlyAttack {
 public:
  static constexpr const char* kName = "parsimonious";
  static constexpr const char* kSummary = "flips blocks of +-epsilon, found by lazy greedy search";
  static constexpr const char* kPaper =
      "Moon et al., ICML 2019; for quality scores Gushchin et al., 2024";
  struct Options {
    double epsilon = 0.05;
    std::int64_t block = 32, batch = 64, queries = 10000;
    std::string loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"epsilon", &O::epsilon, "how far every value moves, up or down", 0, 1,
               "(pixel values: 0 to 1)"},
              {"block", &O::block, "side of the first blocks; they halve down to one", 1, 256,
               "of 256 cells across the picture"},
              {"batch", &O::batch, "blocks searched together", 1, 1e6},
              {"queries", &O::queries, kQueriesHelp, 1, 1e7},
              {"loss", &O::loss, kSearchLossHelp, objective_names()}};
    }
  };
  explicit Parsimonious(const Options& o)
      : ScoreOnlyAttack({.name = kName,
                         .paper = kPaper,
                         .title = "Parsimonious",
                         .rank = 55,
                         .linf_budget = o.epsilon},
                        parse_objective(o.loss), o.queries),
        walk_{.epsilon = o.epsilon, .block = o.block, .batch = o.batch} {}

 protected:
  [[nodiscard]] at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                  const Rng& rng) const override {
    return block_search(queries, picture, walk_, draws_at(rng));
  }

 private:
  BlockSearch walk_;
};

ROBIQ_REGISTER(Attack, Parsimonious);

}  // namespace
}  // namespace robiq
