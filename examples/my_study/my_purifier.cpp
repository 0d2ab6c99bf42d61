// A purifier: robiq --plugin libmy_study.so score PICTURE --purify box-blur:side=5 ...
#include <ATen/ATen.h>
#include <robiq/core/error.h>
#include <robiq/defense/purify/purifier.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

/// The mean over a square around each pixel; edges are replicated.
class BoxBlur final : public robiq::Purifier {
 public:
  static constexpr const char* kName = "box-blur";
  static constexpr const char* kSummary = "the mean over a square around each pixel";
  static constexpr const char* kPaper = "";
  struct Options {
    std::int64_t side = 3;
    static robiq::OptionTable<Options> options() {
      return {{"side", &Options::side, "of the square, odd", 1, 31, "pixels"}};
    }
    static void settle(const Options& options, const robiq::Params& /*given*/) {
      if (options.side % 2 == 1) return;
      throw robiq::Error(robiq::ErrorKind::kUsage,
                         {"a square of " + std::to_string(options.side) + " pixels has no middle",
                          kName, "give an odd side"});
    }
  };

  explicit BoxBlur(const Options& options)
      : Purifier({.name = kName, .title = "Box blur", .differentiable = true}),
        side_(options.side) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<robiq::Rng>& /*rows*/) const override {
    const std::int64_t reach = side_ / 2;
    return at::avg_pool2d(at::replication_pad2d(images, {reach, reach, reach, reach}), side_, 1);
  }

 private:
  std::int64_t side_;
};

ROBIQ_REGISTER(robiq::Purifier, BoxBlur);

}  // namespace
