#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/defense/purify/purifier.h"

namespace robiq {
namespace {

/// Keeps the values that fit into a few bits of each colour.
class BitDepthPurifier final : public Purifier {
 public:
  static constexpr const char* kName = "bit-depth";
  static constexpr const char* kSummary = "rounds each colour to a few bits";
  static constexpr const char* kPaper = "Xu et al., Feature Squeezing, NDSS 2018";
  struct Options {
    std::int64_t bits = 4;
    static OptionTable<Options> options() {
      return {{"bits", &Options::bits, "bits that remain of each colour", 1, 8}};
    }
  };
  explicit BitDepthPurifier(const Options& o)
      : Purifier({.name = kName, .title = "Bit depth", .paper = kPaper, .differentiable = false}),
        levels_(std::int64_t{1} << o.bits) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& /*rows*/) const override {
    return quantise_levels(images, levels_);
  }

 private:
  std::int64_t levels_;
};

ROBIQ_REGISTER(Purifier, BitDepthPurifier);

}  // namespace
}  // namespace robiq
