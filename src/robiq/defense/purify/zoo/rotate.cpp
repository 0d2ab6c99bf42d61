#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// Turned about its middle by a random angle; each pixel takes the nearest source pixel, and what
/// comes from outside is black.
class RotatePurifier final : public Purifier {
 public:
  static constexpr const char* kName = "rotate";
  static constexpr const char* kSummary = "turns the picture by a random angle";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    double degrees = 15;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"degrees", &O::degrees, "the angle is uniform from minus this to this", 0, 180,
               "degrees"},
              {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<double>(o.preset, given, "degrees", {10, 15, 20, 30, 50}, o.degrees);
    }
  };
  explicit RotatePurifier(const Options& o)
      : Purifier({.name = kName, .title = "Rotate", .paper = kPaper, .randomised = true}),
        degrees_(o.degrees) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& rows) const override {
    constexpr std::int64_t kNearest = 1, kZeros = 0;
    const double ratio = static_cast<double>(images.size(2)) / static_cast<double>(images.size(3));
    std::vector<double> maps;  // of each row, where an output pixel comes from: [2,3]
    for (const Rng& row : rows) {
      const double turn = RandomStream(row).uniform(-degrees_, degrees_) * std::numbers::pi / 180;
      const double c = std::cos(turn), s = std::sin(turn);
      for (const double entry : {c, -s * ratio, 0.0, s / ratio, c, 0.0}) maps.push_back(entry);
    }
    const at::Tensor theta = at::tensor(maps, at::kDouble)
                                 .to(images.device(), images.scalar_type())
                                 .view({images.size(0), 2, 3});
    const at::Tensor grid = at::affine_grid_generator(theta, images.sizes(), false);
    return at::grid_sampler(images, grid, kNearest, kZeros, false);
  }

 private:
  double degrees_;
};

ROBIQ_REGISTER(Purifier, RotatePurifier);

}  // namespace
}  // namespace robiq
