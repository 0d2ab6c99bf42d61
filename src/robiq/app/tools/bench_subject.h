#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/app/run/shared_choices.h"
#include "robiq/app/tools/bench_run.h"
#include "robiq/attack/attack.h"
#include "robiq/core/rng.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/model/quality_model.h"

namespace robiq {

/// The model that a bench of pictures measures, and random pictures for it. Prepares arithmetic.
class BenchSubject {
 public:
  explicit BenchSubject(const PictureBench& request);

  [[nodiscard]] QualityModel& model() { return *model_; }
  [[nodiscard]] std::int64_t threads() const { return threads_; }
  [[nodiscard]] c10::Device device() const { return device_; }
  /// The same model once more.
  [[nodiscard]] std::unique_ptr<QualityModel> another_model() const;
  void reduce_precision(NumberFormat precision);

  /// A picture with its views. Each number has a picture of its own: noise of several coarsenesses,
  /// from the whole picture to single pixels.
  [[nodiscard]] ModelInput input_of(std::int64_t number) const;
  [[nodiscard]] AttackedPicture attack(const Attack& attack, AttackLevel level,
                                       const ModelInput& input);

 private:
  [[nodiscard]] at::Tensor bytes_of(std::int64_t number) const;

  PictureBench request_;
  std::int64_t threads_;
  c10::Device device_;
  Rng rng_;
  std::unique_ptr<QualityModel> model_;
};

}  // namespace robiq
