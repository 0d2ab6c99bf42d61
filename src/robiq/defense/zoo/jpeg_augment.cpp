#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/rng.h"
#include "robiq/defense/defense.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {
namespace {

/// JPEG as augmentation: each picture of a step is, with some probability, what a JPEG file of a
/// random quality makes of it. Its label stays. A model that is to be used behind JPEG meets its
/// traces in training.
class JpegAugment final : public Defense {
 public:
  static constexpr const char* kName = "jpeg-augment";
  static constexpr const char* kSummary = "trains on pictures compressed at random JPEG qualities";
  static constexpr const char* kPaper = "";
  struct Options {
    std::int64_t low = 50, high = 95;
    double probability = 0.5;
    static OptionTable<Options> options() {
      using O = Options;
      return {{"low", &O::low, "the lowest quality drawn", 1, 100},
              {"high", &O::high, "the highest quality drawn", 1, 100},
              {"probability", &O::probability, "share of the pictures that are compressed", 0, 1}};
    }
    static void settle(const Options& o, const Params& /*given*/) {
      if (o.low <= o.high) return;
      throw Error(ErrorKind::kUsage, {"the lowest quality, " + std::to_string(o.low) +
                                          ", lies above the highest, " + std::to_string(o.high),
                                      kName, "give low=LOW,high=HIGH"});
    }
  };

  explicit JpegAugment(const Options& options) : options_(options) {}

  [[nodiscard]] DefenseCard card() const override {
    return {.name = kName, .title = "JPEG", .changes_pictures = true, .penalises = false};
  }

  /// A row's draws depend on the step and on its place among the rows of all processes.
  [[nodiscard]] TrainBatch prepare(QualityModel& /*model*/, TrainBatch batch,
                                   const Rng& step) override {
    const Rng position = step.child(kName);
    std::vector<at::Tensor> rows = batch.images.detach().unbind(0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<std::uint64_t>(batch.first_row) + i;
      RandomStream random(position.child(row));
      if (random.uniform() >= options_.probability) continue;
      const auto qualities = static_cast<std::uint64_t>(options_.high - options_.low + 1);
      const std::int64_t quality =
          options_.low + static_cast<std::int64_t>(random.below(qualities));
      const at::Tensor bytes = jpeg_round_trip(to_bytes(rows[i]), static_cast<int>(quality));
      rows[i] = to_float(bytes).to(rows[i].scalar_type());
    }
    batch.images = at::stack(rows);
    return batch;
  }

 private:
  Options options_;
};

ROBIQ_REGISTER(Defense, JpegAugment);

}  // namespace
}  // namespace robiq
