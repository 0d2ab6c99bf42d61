#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "robiq/attack/gradient/adam_walk.h"
#include "robiq/model/quality_model.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// Side of a universal perturbation and of the pictures it is trained on, in pixels.
inline constexpr std::int64_t kUniversalSide = 256;

/// The perturbation repeated from the top left corner and cut, [1,3,height,width].
/// \param perturbation  [1,3,h,w]
[[nodiscard]] at::Tensor tiled(const at::Tensor& perturbation, std::int64_t height,
                               std::int64_t width);

/// A picture as training takes it: its centre where both sides have at least 512 pixels, else the
/// whole of it resized bilinearly without regard to its aspect (MSU's rule).
/// \param picture  [1,3,H,W] in [0,1]   \return [1,3,256,256]
[[nodiscard]] at::Tensor universal_training_picture(const at::Tensor& picture);

/// How a universal perturbation is trained.
struct UniversalTraining {
  bool cumulative = false;      ///< plain steps of length 1 on the gradient instead of Adam
  double bound = 0.1;           ///< largest absolute value, of [0,1]
  double learning_rate = 1e-3;  ///< of Adam
};

/// Trains one perturbation that raises the mean score (Shumitskaya et al., BMVC 2022; constants of
/// the MSU benchmark): loss 1 - mean normalised score / 100, the clamp of x + u straight-through.
class UniversalTrainer {
 public:
  UniversalTrainer(QualityModel& model, const UniversalTraining& how);
  /// One step. \param images  [N,3,256,256] in [0,1]   \return the loss before it
  double step(const at::Tensor& images);
  /// [1,3,256,256].
  [[nodiscard]] const at::Tensor& perturbation() const noexcept { return perturbation_; }
  /// All that a later trainer needs to go on as this one would, on the CPU.
  [[nodiscard]] TensorMap state() const;
  /// Goes on from what state() gave. \param steps  how many were done
  /// \throws Error{kModel} where it is of another kind of training
  void restore(const TensorMap& state, std::int64_t steps);

 private:
  QualityModel& model_;
  UniversalTraining how_;
  at::Tensor perturbation_;
  std::optional<AdamMoments> moments_;
};

}  // namespace robiq
