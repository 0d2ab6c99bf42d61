#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace robiq {

/// Pixels; 0: as it is.
struct PictureSize {
  std::int64_t height = 0, width = 0;
};

/// A stretch of training before the main one, from its own optimiser; what comes after it begins
/// with its best weights.
struct TrainingPhase {
  std::string name;                 ///< "fc", for people
  std::vector<std::string> groups;  ///< parameter groups that learn; the others stay as they are
  std::string optimizer = "adam";   ///< as TrainingRecipe::optimizer
  double learning_rate = 1e-3;      ///< constant
  double weight_decay = 0;
  bool running_statistics = false;  ///< batch normalisation uses them and leaves them as they are
};

/// How a model is trained unless the user says otherwise: plain facts from its paper
/// (ModelCard::recipe) or from what its authors' code does (ModelCard::official_recipe).
struct TrainingRecipe {
  std::string loss = "l1";
  std::string optimizer = "adam";  ///< adam | adamw | sgd
  double learning_rate = 1e-3;
  std::map<std::string, double> group_rates;  ///< parameter group -> factor on the learning rate
  double weight_decay = 0;
  std::string schedule = "constant";  ///< as Schedule::name (train/optimizer.h)
  std::int64_t step_epochs = 10;      ///< of `step`: the rate falls tenfold every so many epochs
  double nt_weight = 1e-3;            ///< lambda of gradient-norm regularisation, square form
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
  std::int64_t least_batch = 1;     ///< an epoch's last batch with fewer rows is left out; 0: any
                                    ///< that is not full
  std::string labels = "native";    ///< native: as the data set has them | unit: 0 for its worst, 1
                                    ///< for its best | split-unit: for those of the training part
  std::string select_by = "srocc";  ///< which epoch is best: srocc | abs-srocc | srocc+plcc
  bool select_on_test = false;      ///< on the test part instead of the validation part
  bool linear_mapping = false;  ///< after training, k and b of the state are fitted (train/loss.h)
  std::vector<TrainingPhase> first_phases;    ///< before what the fields above say
  std::vector<std::string> first_epoch_only;  ///< groups that learn in the first epoch alone
  std::vector<std::string> unscheduled;       ///< groups whose rate the schedule does not touch
  bool new_optimizer_every_epoch = false;     ///< moments and step count begin anew
  std::string nt_batchnorm = "clean";         ///< NT's option of that name
};

}  // namespace robiq
