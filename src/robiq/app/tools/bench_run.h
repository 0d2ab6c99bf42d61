#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "robiq/app/run/shared_choices.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/core/score_scale.h"
#include "robiq/defense/gradient_norm_shape.h"
#include "robiq/model/recipe.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/train/step_options.h"

namespace robiq {

/// What `robiq bench nt-step` is told.
struct NtStepBench {
  std::string model = "cnniqa", device = "auto";
  NormForm nt_form = NormForm::kSquare;
  StepScheme nt_scheme = StepScheme::kAuto;
  NtBatchnorm nt_batchnorm = NtBatchnorm::kClean;
  std::int64_t batch = 16, micro_batch = 0, steps = 20, side = 0, threads = 0, seed = 0;
  bool official = true;

  static OptionTable<NtStepBench> options();
  static void settle(NtStepBench& request, const Params& given);
};

/// Seconds and memory of training steps: medians, and peaks of the whole process, which holds the
/// optimiser's state too.
struct NtStepTimes {
  /// Of the NT step in the authors' three forward passes.
  struct Official {
    double seconds = 0,
           over_nt = 0;  ///< over_nt: how many times the seconds of robiq's NT step
    std::int64_t peak_bytes = 0;
  };

  std::string model;
  std::int64_t batch = 0, height = 0, width = 0, steps = 0, threads = 0;
  std::string device,
      scheme;  ///< scheme: "unit" or "shared", the one that NT took
  double baseline_seconds = 0, nt_seconds = 0;
  double images_per_second = 0;  ///< with NT
  std::int64_t baseline_peak_bytes = 0, nt_peak_bytes = 0;
  std::optional<Official> official;  ///< not for form=exact, which the authors' code does not have

  static ResultColumns<NtStepTimes> columns();
};

/// Times whole training steps (forward, backward, update) on random pictures: without the NT term,
/// with it, and with it in the authors' three forward passes. They take turns on one model, so that
/// all meet the same machine.
[[nodiscard]] NtStepTimes bench_nt_step(const NtStepBench& request);

/// What `robiq bench score` is told.
struct PictureBench {
  std::string model = "cnniqa", weights, attack = "fgsm", device = "auto", views = "grid";
  NumberFormat precision = NumberFormat::kFp32;
  AttackLevel level = AttackLevel::kImage;
  std::int64_t height = 384, width = 512, repeats = 5, threads = 0, seed = 0;

  static OptionTable<PictureBench> options();
};

/// What `robiq bench attack` is told.
struct AttackBench : PictureBench {
  static OptionTable<AttackBench> options();
};

/// What `robiq bench side-by-side` is told.
struct SideBySideBench : PictureBench {
  SideBySideBench() {
    device = "cpu";
    repeats = 3;
    threads = 1;
  }
  std::int64_t pictures = 8, processes = 0;

  static OptionTable<SideBySideBench> options();
};

/// Seconds and memory of work on random pictures: medians.
struct PictureTimes {
  /// How far bf16 is from fp32 on the same pictures.
  struct Comparison {
    double fp32_seconds = 0, speedup = 0;
    double max_difference = 0;                ///< of native scores
    double fp32_least = 0, fp32_largest = 0;  ///< native scores
    ScoreScale scale;                         ///< of the model
  };
  /// The same work with a network that is not folded (--exact), in turns with the folded one.
  struct Unfolded {
    double seconds = 0;  ///< median
    double speedup = 0;  ///< by folding: the median of the ratios of each turn
  };
  /// What was attacked with.
  struct OfAttack {
    std::string attack, level;
    std::int64_t forwards = 0, backwards = 0;
  };

  std::string model;
  std::int64_t height = 0, width = 0;
  std::size_t views = 0;
  std::int64_t threads = 0;
  std::string device;
  double seconds = 0;
  std::int64_t peak_bytes = 0;
  std::optional<double> pictures_per_second;  ///< of scoring
  std::optional<Unfolded> exact;              ///< where evaluation folds the network
  std::optional<Comparison> bf16;
  std::optional<OfAttack> attack;

  static ResultColumns<PictureTimes> columns();
};

/// Times scoring one random picture, views and all, and again with the network unfolded where
/// evaluation folds it. With precision=bf16 each picture is scored in
/// fp32 too.
[[nodiscard]] PictureTimes bench_score(const PictureBench& request);
/// Times one attack on it, likewise.
[[nodiscard]] PictureTimes bench_attack(const AttackBench& request);

/// Seconds of attacking several pictures, each time all of them: medians.
struct SideBySideTimes {
  std::string model, attack;
  std::int64_t height = 0, width = 0, pictures = 0;
  std::int64_t processes = 0;  ///< that work side by side, with one thread each
  std::int64_t threads = 0;    ///< of the one process that works alone
  std::string device;
  double one_at_a_time_seconds = 0, side_by_side_seconds = 0;
  double speedup = 0;  ///< by working side by side: the median of the ratios of each turn

  static ResultColumns<SideBySideTimes> columns();
};

/// How many processes are to call bench_side_by_side().
[[nodiscard]] std::int64_t processes_of(const SideBySideBench& request);

/// Times an attack on several random pictures, one picture after the other in the first process
/// with all threads, and side by side in all processes with one thread each; in turns.
/// \return nothing in other processes than the first
[[nodiscard]] std::optional<SideBySideTimes> bench_side_by_side(const SideBySideBench& request);

}  // namespace robiq
