#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace robiq {

/// LibTorch's optimisers (train/optimizer.h); sgd has a momentum of 0.9.
enum class OptimizerKind : std::uint8_t { kAdam, kAdamw, kSgd };
[[nodiscard]] constexpr std::array<std::string_view, 3> words_of(OptimizerKind /*type*/) {
  return {"adam", "adamw", "sgd"};
}

/// How the learning rate falls (train/optimizer.h).
enum class ScheduleKind : std::uint8_t { kConstant, kStep, kCosine, kCosineEpochs, kCosineWave };
[[nodiscard]] constexpr std::array<std::string_view, 5> words_of(ScheduleKind /*type*/) {
  return {"constant", "step", "cosine", "cosine-epochs", "cosine-wave"};
}

/// What the labels are brought to before the loss sees them.
enum class LabelRange : std::uint8_t {
  kNative,    ///< as the data set has them
  kUnit,      ///< 0 for the worst of its scale, 1 for the best
  kSplitUnit  ///< 0 and 1 for the ends of the training part
};

/// What the passes of NT do to the running statistics of batch normalisation.
enum class NtBatchnorm : std::uint8_t {
  kClean,     ///< they are updated by the clean pass, once
  kOfficial,  ///< they are updated as by the three passes of the authors' code
  kFrozen     ///< they are used in every pass and left alone
};
[[nodiscard]] constexpr std::array<std::string_view, 3> words_of(NtBatchnorm /*type*/) {
  return {"clean", "official", "frozen"};
}

/// Pixels; 0: as it is.
struct PictureSize {
  std::int64_t height = 0, width = 0;
};

/// A stretch of training before the main one, from its own optimiser; what comes after it begins
/// with its best weights.
struct TrainingPhase {
  std::string name;                 ///< "fc", for people
  std::vector<std::string> groups;  ///< parameter groups that learn; the others stay as they are
  OptimizerKind optimizer = OptimizerKind::kAdam;
  double learning_rate = 1e-3;  ///< constant
  double weight_decay = 0;
  bool running_statistics = false;  ///< batch normalisation uses them and leaves them as they are
};

/// How a model is trained unless the user says otherwise: plain facts from its paper
/// (ModelCard::recipe) or from what its authors' code does (ModelCard::official_recipe).
struct TrainingRecipe {
  std::string loss = "l1";
  OptimizerKind optimizer = OptimizerKind::kAdam;
  double learning_rate = 1e-3;
  std::map<std::string, double> group_rates;  ///< parameter group -> factor on the learning rate
  double weight_decay = 0;
  ScheduleKind schedule = ScheduleKind::kConstant;
  std::int64_t step_epochs = 10;  ///< of `step`: the rate falls tenfold every so many epochs
  double nt_weight = 1e-3;        ///< lambda of gradient-norm regularisation, square form
  std::int64_t epochs = 20;
  std::int64_t batch_size = 64;  ///< crops per step
  std::int64_t crop_side = 0;    ///< pixels; 0: the whole picture
  std::int64_t crops_per_image = 1;
  bool flip = false;             ///< horizontally, for half of the crops
  double upside_down = 0;        ///< share of the crops that are flipped vertically
  bool exclusive_crops = false;  ///< the last row and column of offsets are never drawn
  /// Size that pictures are brought to before the crop, by the data set's registered name; "": of
  /// any other.
  std::map<std::string, PictureSize> sizes;
  std::int64_t least_batch = 1;  ///< an epoch's last batch with fewer rows is left out; 0: any
                                 ///< that is not full
  LabelRange labels = LabelRange::kNative;
  std::string select_by = "srocc";  ///< which epoch is best: srocc | abs-srocc | srocc+plcc
  bool select_on_test = false;      ///< on the test part instead of the validation part
  bool linear_mapping = false;  ///< after training, k and b of the state are fitted (train/loss.h)
  std::vector<TrainingPhase> first_phases;    ///< before what the fields above say
  std::vector<std::string> first_epoch_only;  ///< groups that learn in the first epoch alone
  std::vector<std::string> unscheduled;       ///< groups whose rate the schedule does not touch
  bool new_optimizer_every_epoch = false;     ///< moments and step count begin anew
  NtBatchnorm nt_batchnorm = NtBatchnorm::kClean;
};

}  // namespace robiq
