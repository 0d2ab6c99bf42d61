#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/attack/search/differential_evolution.h"
#include "robiq/attack/search/score_only_attack.h"

namespace robiq {
namespace {

/// Genes of a pixel: row, column, red, green, blue.
constexpr std::int64_t kGenesOfPixel = 5;

/// The picture with the pixels of a genome, in 8-bit colours.
at::Tensor with_pixels(const at::Tensor& picture, const Genome& genome) {
  const at::Tensor changed = picture.clone();
  const auto whole = [&](std::size_t gene, std::int64_t n) {
    return std::min(n - 1, static_cast<std::int64_t>(genome[gene] * static_cast<double>(n)));
  };
  for (std::size_t first = 0; first < genome.size(); first += kGenesOfPixel) {
    const std::int64_t row = whole(first, picture.size(2)),
                       column = whole(first + 1, picture.size(3));
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      const std::int64_t level = whole(first + 2 + static_cast<std::size_t>(channel), 256);
      changed[0][channel][row][column] = static_cast<float>(level) / 255.0F;
    }
  }
  return changed;
}

/// A few pixels in colours of their own, found by differential evolution.
class OnePixel final : public ScoreOnlyAttack {
 public:
  static constexpr const char* kName = "one-pixel";
  static constexpr const char* kSummary = "recolours a few pixels, found by evolution";
  static constexpr const char* kPaper =
      "Su et al., IEEE TEVC 2019; for quality scores Gushchin et al., 2024";
  struct Options {
    std::int64_t pixels = 3, population = 300, queries = 3300;
    std::string loss = "mid";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"pixels", &O::pixels, "how many pixels change", 1, 10000},
              {"population", &O::population,
               "genomes of a generation, rounded down to a multiple of the genes, five a pixel", 1,
               100000},
              {"queries", &O::queries, kQueriesHelp, 1, 1e7},
              {"loss", &O::loss, kSearchLossHelp, objective_names()}};
    }
  };
  explicit OnePixel(const Options& o)
      : ScoreOnlyAttack({.name = kName,
                         .paper = kPaper,
                         .title = "One-pixel",
                         .rank = 54,
                         .strength = "pixels"},
                        parse_objective(o.loss), o.queries) {
    search_.genes = kGenesOfPixel * o.pixels;
    const std::int64_t times = std::max<std::int64_t>(1, o.population / search_.genes);
    search_.population = std::min(o.queries, times * search_.genes);
    search_.generations = o.queries / search_.population - 1;
  }

 protected:
  [[nodiscard]] at::Tensor search(const at::Tensor& picture, ScoreQueries& queries,
                                  const Rng& rng) const override {
    const auto values = [&](const std::vector<Genome>& genomes) {
      return queries.values_of(genomes.size(),
                               [&](std::size_t i) { return with_pixels(picture, genomes[i]); });
    };
    return with_pixels(picture, differential_evolution(search_, values, draws_at(rng)));
  }

 private:
  DifferentialEvolution search_;
};

ROBIQ_REGISTER(Attack, OnePixel);

}  // namespace
}  // namespace robiq
