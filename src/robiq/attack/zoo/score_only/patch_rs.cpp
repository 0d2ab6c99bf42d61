#include "robiq/attack/search/block_search.h"
#include "robiq/attack/search/score_only_attack.h"

namespace robiq {
namespace {

/// A patch in plain colours, found by random search.
class PatchRs final : public ScoreOnlyAttack {
 public:
  static constexpr const char* kName = "patch-rs";
  static constexpr const char* kSummary = "pastes a small patch, found by random search";
  static constexpr const char* kPaper =
      "Croce et al., AAAI 2022 (Sparse-RS); for quality scores Gushchin et al., 2024";
  struct Options {
    std::int64_t area = 169, queries = 10000;
    double p_init = 0.8;
    std::string loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"area", &O::area, "area of the square patch, whose side is rounded up", 1, 1e8,
               "pixels"},
              {"p_init", &O::p_init, "share of the patch that the first changes cover", 0, 1},
              {"queries", &O::queries, kQueriesHelp, 1, 1e7},
              {"loss", &O::loss, kSearchLossHelp, objective_names()}};
    }
  };
  explicit PatchRs(const Options& o)
      : ScoreOnlyAttack(
            {.name = kName, .paper = kPaper, .title = "Patch-RS", .rank = 56, .strength = "area"},
            parse_objective(o.loss), o.queries),
        walk_{.area = o.area, .p_init = o.p_init, .queries = o.queries} {}

 protected:
  [[nodiscard]] at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                  const Rng& rng) const override {
    return patch_search(queries, picture, walk_, draws_at(rng));
  }

 private:
  PatchSearch walk_;
};

ROBIQ_REGISTER(Attack, PatchRs);

}  // namespace
}  // namespace robiq
