#include <ATen/ATen.h>

#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// Mirrors the picture; along both axes it is turned by 180 degrees.
class FlipPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "flip";
  static constexpr const char* kSummary = "mirrors the picture";
  static constexpr const char* kPaper = "MSU defense benchmark, Gushchin et al., 2024";
  struct Options {
    std::string axes = "both";
    static OptionTable<Options> options() {
      return {{"axes",
               &Options::axes,
               "horizontal changes left and right, vertical top and bottom, both turns the picture "
               "by 180 degrees",
               {"both", "horizontal", "vertical"}}};
    }
  };
  explicit FlipPurifier(const Options& o)
      : Purifier({.name = kName, .title = "Flip", .paper = kPaper}) {
    if (o.axes != "horizontal") dims_.push_back(2);
    if (o.axes != "vertical") dims_.push_back(3);
  }

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    return images.flip(dims_);
  }

 private:
  std::vector<std::int64_t> dims_;
};

ROBIQ_REGISTER(Purifier, FlipPurifier);

}  // namespace
}  // namespace robiq
