#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/app/run/request_parts.h"
#include "robiq/app/train/nt_choice.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/model/recipe.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/train/checkpoint.h"

namespace robiq {

/// Where decoded pictures are kept between epochs and runs.
struct CacheChoice {
  std::string folder;  ///< "": decoded pictures are kept in memory only
  double folder_gib = 20, memory_gib = 1;

  static OptionTable<CacheChoice> options();
};

/// --compat: whose training it is.
enum class RecipeSource : std::uint8_t { kPaper, kOfficial };
[[nodiscard]] constexpr std::array<std::string_view, 2> words_of(RecipeSource /*type*/) {
  return {"paper", "official"};
}

/// What `robiq train` is told; the keys are its flags and those of a --config file.
struct TrainRequest {
  std::string model = "cnniqa", data = "builtin", out;
  std::vector<std::string> init;
  std::string defense;  ///< SPEC[+SPEC]; "": none, or what `nt` and its sisters say
  bool nt = false;
  std::optional<double> nt_weight;
  NtChoice nt_choice;
  RecipeSource compat = RecipeSource::kPaper;
  // What is absent is the recipe's.
  std::optional<std::string> loss;
  std::optional<OptimizerKind> optimizer;
  std::optional<ScheduleKind> schedule;
  std::optional<double> learning_rate, weight_decay;
  std::optional<std::int64_t> epochs, batch_size;
  std::optional<std::int64_t> first_epochs;  ///< absent: as many as `epochs`
  std::int64_t micro_batch = 0;              ///< 0: the whole batch
  NumberFormat precision = NumberFormat::kFp32;
  std::int64_t max_steps = 0, limit = 0;  ///< 0: no limit
  std::string views = "grid";
  std::string split_file;  ///< "": drawn from the seed
  CacheChoice cache;
  MissingChoice missing;
  WaitChoice waiting;
  Compute compute;
  bool resume = false;
  bool alone = false;  ///< no flag: see ProcessFlags::alone

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
