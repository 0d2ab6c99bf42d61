// A training defense: robiq --plugin libmy_study.so train --defense noise-augment:reach=0.02 ...
#include <ATen/ATen.h>
#include <robiq/defense/defense.h>
#include <robiq/tensor/random.h>

#include <cstdint>
#include <vector>

namespace {

/// Trains on pictures with noise on them; their labels stay. Noise that an attack adds is then
/// nothing new.
class NoiseAugment final : public robiq::Defense {
 public:
  static constexpr const char* kName = "noise-augment";
  static constexpr const char* kSummary = "trains on pictures with uniform noise";
  static constexpr const char* kPaper = "";
  struct Options {
    double reach = 0.02;
    static robiq::OptionTable<Options> options() {
      return {{"reach", &Options::reach, "the largest change of a value", 0, 1, "of [0,1]"}};
    }
  };

  explicit NoiseAugment(const Options& options) : reach_(options.reach) {}

  [[nodiscard]] robiq::DefenseCard card() const override {
    return {.name = kName,
            .title = "Noise",
            .strength = "reach",
            .changes_pictures = true,
            .penalises = false};
  }

  /// The noise of a row depends on the step and on its place among the rows of all processes.
  [[nodiscard]] robiq::TrainBatch prepare(robiq::QualityModel& /*model*/, robiq::TrainBatch batch,
                                          const robiq::Rng& step) override {
    std::vector<at::Tensor> rows = batch.images.detach().unbind(0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<std::uint64_t>(batch.first_row) + i;
      const at::Tensor noise = robiq::uniform_tensor(step.child(kName).child(row), rows[i].sizes(),
                                                     -reach_, reach_, rows[i].device());
      rows[i] = (rows[i] + noise.to(rows[i].scalar_type())).clamp(0, 1);
    }
    batch.images = at::stack(rows);
    return batch;
  }

 private:
  double reach_;
};

ROBIQ_REGISTER(robiq::Defense, NoiseAugment);

}  // namespace
