#include "robiq/attack/search/score_only_attack.h"
#include "robiq/attack/search/square_search.h"

namespace robiq {
namespace {

/// Bi-directional Square; the defaults are those of its published use on quality models.
class Square final : public ScoreOnlyAttack {
 public:
  static constexpr const char* kName = "square";
  static constexpr const char* kSummary = "random search with square windows, from scores alone";
  static constexpr const char* kPaper =
      "Andriushchenko et al., ECCV 2020; in both directions for quality scores Ran et al., 2025";
  struct Options {
    double epsilon = 3.0 / 255, p_init = 0.04;
    std::int64_t windows = 2, queries = 10000;
    std::string loss = "mid", start = "stripes";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"epsilon", &O::epsilon, kSearchEpsilonHelp, 0, 1, "(pixel values: 0 to 1)"},
              {"p_init", &O::p_init, "share of the picture that the first windows cover", 0, 1},
              {"windows", &O::windows, "windows changed together in one query", 1, 1000},
              {"queries", &O::queries, kQueriesHelp, 1, 1e7},
              {"loss", &O::loss, kSearchLossHelp, objective_names()},
              {"start",
               &O::start,
               "where the search begins: vertical stripes or the clean picture",
               {"stripes", "clean"}}};
    }
  };
  explicit Square(const Options& o)
      : ScoreOnlyAttack({.name = kName,
                         .paper = kPaper,
                         .title = "Square",
                         .rank = 51,
                         .linf_budget = o.epsilon},
                        parse_objective(o.loss), o.queries),
        walk_{.epsilon = o.epsilon, .p_init = o.p_init, .windows = o.windows} {
    walk_.start = o.start == "stripes" ? SquareStart::kStripes : SquareStart::kClean;
    walk_.schedule = o.queries;
    walk_.iterations = o.queries - (walk_.start == SquareStart::kStripes ? 1 : 0);
  }

 protected:
  [[nodiscard]] at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                  const Rng& rng) const override {
    return square_search(queries, picture, walk_, draws_at(rng));
  }

 private:
  SquareSearch walk_;
};

ROBIQ_REGISTER(Attack, Square);

}  // namespace
}  // namespace robiq
