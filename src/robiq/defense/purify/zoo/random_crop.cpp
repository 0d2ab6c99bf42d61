#include <ATen/ATen.h>

#include "robiq/defense/purify/msu_preset.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// A square cut at a position that is uniform among all.
class RandomCropPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "random-crop";
  static constexpr const char* kSummary = "keeps a square at a random position";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    std::int64_t side = 128;
    std::string preset = "none";
    static OptionTable<Options> options() {
      using O = Options;
      return {{"side", &O::side, "side of the square; pictures must not be smaller", 1, 10000,
               "pixels"},
              {"preset", &O::preset, kPresetHelp, preset_names()}};
    }
    static void settle(Options& o, const Params& given) {
      apply_preset<std::int64_t>(o.preset, given, "side", {32, 64, 128, 256, 288}, o.side);
    }
  };
  explicit RandomCropPurifier(const Options& o)
      : Purifier({.name = kName, .title = "Random crop", .paper = kPaper, .randomised = true}),
        side_(o.side) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& rows) const override {
    check_purifier_side(images, side_, kName);
    std::vector<at::Tensor> crops;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      RandomStream stream(rows[i]);
      const auto place = [&](std::int64_t whole) {
        return static_cast<std::int64_t>(
            stream.below(static_cast<std::uint64_t>(whole - side_ + 1)));
      };
      const std::int64_t top = place(images.size(2)), left = place(images.size(3));
      crops.push_back(images.narrow(0, static_cast<std::int64_t>(i), 1)
                          .narrow(2, top, side_)
                          .narrow(3, left, side_));
    }
    return at::cat(crops);
  }

 private:
  std::int64_t side_;
};

ROBIQ_REGISTER(Purifier, RandomCropPurifier);

}  // namespace
}  // namespace robiq
