#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/train/checkpoint.h"

namespace robiq {

/// What `robiq train` is told; the keys are its flags and those of a --config file.
struct TrainRequest {
  std::string model = "cnniqa", data = "builtin", out;
  std::vector<std::string> init;
  std::string defense;  ///< SPEC[+SPEC]; "": none, or what `nt` and its sisters say
  bool nt = false;
  double nt_weight = -1, nt_step = 1e-2;  ///< weight -1: the recipe
  std::string nt_space = "normalized", nt_form = "square", nt_batchnorm;
  std::string nt_scale = "raw", nt_scheme = "auto";
  bool nt_first_phase = false;
  std::string compat = "paper";
  std::string loss, optimizer, schedule;        ///< "": the model's recipe
  double learning_rate = 0, weight_decay = -1;  ///< 0, -1: the recipe
  std::int64_t epochs = 0, batch_size = 0;      ///< 0: the recipe
  std::int64_t first_epochs = -1;               ///< -1: as many as `epochs`
  std::int64_t micro_batch = 0;
  std::string precision = "fp32";
  std::int64_t max_steps = 0, limit = 0, workers = 1, seed = 0, threads = 0;
  std::string views = "grid", device = "auto";
  std::string cache_dir;  ///< "": decoded pictures are kept in memory only
  double cache_gib = 20, cache_ram_gib = 1;
  std::int64_t allow_missing = 0;
  double process_timeout = 1800, join_timeout = 60;
  bool resume = false;
  std::string split_file;  ///< "": drawn from the seed
  bool alone = false;      ///< no flag: see ProcessFlags::alone

  static OptionTable<TrainRequest> options();
  static void settle(TrainRequest& request, const Params& given);
};

/// What a training run left.
struct TrainResult {
  RunState state;
  std::filesystem::path best, last;                  ///< weights
  std::string defense;                               ///< "none" or "gradient-norm:weight=..."
  std::int64_t pictures = 0, pictures_expected = 0;  ///< of training and validation
  bool first = true;  ///< false in the other processes of a group, which have nothing to print
  double seconds = 0;

  static ResultColumns<TrainResult> columns();
};

/// Trains as the request says and fills its run folder.
/// \throws Error{kUsage} when the folder already holds a run and `resume` is off.
TrainResult run_training(const TrainRequest& request);

}  // namespace robiq
