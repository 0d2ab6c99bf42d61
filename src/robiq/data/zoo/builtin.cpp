#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cstring>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/data/dataset.h"
#include "robiq/data/synthetic/pseudo_mos.h"
#include "robiq/data/synthetic/rated_set.h"
#include "robiq/data/synthetic/scene/scene.h"
#include "robiq/tensor/device.h"

namespace robiq {
namespace {

using synthetic::BytePlanes;
using synthetic::RatedSet;

/// Scenes painted from a seed, each pristine and under six kinds of distortion in four levels, with
/// a label made from SSIM. Rendered when records() or read() is first called.
class Builtin : public Dataset {
 public:
  static constexpr const char* kName = "builtin";
  static constexpr const char* kSummary =
      "scenes made on the fly from a seed, under 6 distortions x 4 levels, labelled by SSIM";
  static constexpr const char* kPaper = "";

  struct Options {
    std::int64_t scenes = 60, size = 256, seed = 0;
    double noise = 0, texture = 0;
    std::int64_t levels = synthetic::kDistortionLevels;
    static OptionTable<Options> options() {
      return {
          {"scenes", &Options::scenes,
           "how many scenes; each gives 1 + 6 x levels pictures, by default 25", 1, 100'000},
          {"size", &Options::size, "side of the square pictures",
           static_cast<double>(synthetic::kSmallestScene),
           static_cast<double>(synthetic::kLargestScene), "pixels"},
          {"seed", &Options::seed, "other seeds give other scenes", 0, 9e15},
          {"noise", &Options::noise, "standard deviation of seeded rating noise", 0, 100,
           "MOS points"},
          {"texture", &Options::texture,
           "fine detail on surfaces; above 0 sharpness and grain differ from scene to scene, too",
           0, 1},
          {"levels", &Options::levels, "of each kind of distortion; above 4 milder ones are added",
           synthetic::kDistortionLevels, synthetic::kMostDistortionLevels},
      };
    }
  };

  explicit Builtin(const Options& options) : options_(options) {
    card_.name = kName;
    card_.spec = fmt::format("builtin:scenes={},size={},seed={},noise={}", options.scenes,
                             options.size, options.seed, number_text(options.noise));
    // Later options stand in the name only where they are used: older runs keep their names.
    if (options.texture > 0) card_.spec += ",texture=" + number_text(options.texture);
    if (options.levels != synthetic::kDistortionLevels) {
      card_.spec += fmt::format(",levels={}", options.levels);
    }
    card_.paper = kPaper;
    card_.scale = {0, 100};
  }

  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }

  [[nodiscard]] std::span<const ImageRecord> records() const override {
    std::call_once(made_, [this] { make(); });
    return records_;
  }

  [[nodiscard]] at::Tensor read(const ImageRecord& record) const override {
    (void)records();
    const auto found = index_.find(record.id);
    if (found == index_.end()) {
      throw Error(ErrorKind::kData, {"the data set has no picture '" + record.id + "'", card_.spec,
                                     "take a record of the same data set"});
    }
    const std::size_t per_scene = set_->treatments().size();
    const BytePlanes picture = set_->picture(static_cast<std::int64_t>(found->second / per_scene),
                                             found->second % per_scene);
    at::Tensor bytes = at::empty({3, picture.height, picture.width}, at::kByte);
    std::memcpy(bytes.data_ptr<std::uint8_t>(), picture.values.data(), picture.values.size());
    return bytes;
  }

 private:
  static constexpr std::int64_t kMostKeptBytes = std::int64_t{1} << 30;

  void make() const {
    const auto seed = static_cast<std::uint64_t>(options_.seed);
    set_.emplace(synthetic::SetRecipe{options_.scenes, options_.size, seed, options_.texture,
                                      static_cast<int>(options_.levels)},
                 usable_cores(), kMostKeptBytes);
    for (std::int64_t scene = 0; scene < options_.scenes; ++scene) {
      for (std::size_t i = 0; i < set_->treatments().size(); ++i) add_record(scene, i);
    }
  }

  void add_record(std::int64_t scene, std::size_t treatment) const {
    ImageRecord record;
    record.content = fmt::format("scene{:03}", scene);
    record.distortion = set_->treatments()[treatment].name();
    record.id = record.content + "-" + record.distortion;
    const Rng rating =
        Rng(static_cast<std::uint64_t>(options_.seed)).child("rating").child(record.id);
    record.mos = synthetic::noisy_rating(set_->mos(scene, treatment), options_.noise, rating);
    index_.emplace(record.id, records_.size());
    records_.push_back(std::move(record));
  }

  Options options_;
  DatasetCard card_;
  mutable std::once_flag made_;
  mutable std::optional<RatedSet> set_;
  mutable std::vector<ImageRecord> records_;
  mutable std::unordered_map<std::string, std::size_t> index_;
};

ROBIQ_REGISTER(Dataset, Builtin);

}  // namespace
}  // namespace robiq
