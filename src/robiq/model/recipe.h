#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace robiq {

/// How a model is trained unless the user says otherwise: plain facts from its paper.
struct TrainingRecipe {
  std::string loss = "l1";
  std::string optimizer = "adam";  ///< adam | adamw | sgd
  double learning_rate = 1e-3;
  std::map<std::string, double> group_rates;  ///< parameter group -> factor on the learning rate
  double weight_decay = 0;
  std::string schedule = "constant";  ///< constant | step | cosine
  std::int64_t step_epochs = 10;      ///< of `step`: the rate falls tenfold every so many epochs
  double nt_weight = 1e-3;            ///< lambda of gradient-norm regularisation, square form
  std::int64_t epochs = 20;
  std::int64_t batch_size = 64;  ///< crops per step
  std::int64_t crop_side = 0;    ///< pixels; 0: the whole picture
  std::int64_t crops_per_image = 1;
  bool flip = false;  ///< horizontally, for half of the crops
};

}  // namespace robiq
