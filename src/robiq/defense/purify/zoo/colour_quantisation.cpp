#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// Keeps a few values of each colour, at equal distances.
class ColourQuantisationPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "colour-quantisation";
  static constexpr const char* kSummary = "rounds each colour to a few values";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    std::int64_t levels = 16;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"levels", &O::levels, "values that remain of each colour", 2, 256},
              {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<std::int64_t>(o.preset, given, "levels", {2, 5, 16, 20, 25}, o.levels);
    }
  };
  explicit ColourQuantisationPurifier(const Options& o)
      : Purifier({.name = kName,
                  .title = "Colour quantisation",
                  .paper = kPaper,
                  .differentiable = false}),
        levels_(o.levels) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    return quantise_levels(images, levels_);
  }

 private:
  std::int64_t levels_;
};

ROBIQ_REGISTER(Purifier, ColourQuantisationPurifier);

}  // namespace
}  // namespace robiq
