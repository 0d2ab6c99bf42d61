#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/model/quality_model.h"
#include "robiq/tensor/tensor_map.h"

namespace robiq {

/// The standard normal noise of draw k, float32 of `shape` = [3,H,W].
using NoiseDraw = std::function<at::Tensor(std::int64_t draw, at::IntArrayRef shape)>;

/// Pictures [N,3,H,W] to pictures of the same shape, not clipped afterwards.
using Denoiser = std::function<at::Tensor(const at::Tensor& images)>;

/// Draw k from rng.child(k): more samples can be added without drawing the first ones anew.
/// \param rng  of the certificate and the picture, as Rng(seed).child("certify").child(id)
[[nodiscard]] NoiseDraw normal_draws(const Rng& rng);

/// What smoothed scores are made of.
struct NoisySampling {
  double sigma = 0.12;          ///< standard deviation of the noise, units of [0,1]
  std::int64_t samples = 1000;  ///< n
  std::int64_t first = 0;       ///< number of the first draw
  std::int64_t chunk = 10;      ///< copies scored together; bounds memory
  Denoiser denoise{};           ///< none: the model sees the noise
  std::function<bool()> stop = [] { return false; };  ///< asked between chunks
};

/// The native scores of n noisy copies, f(denoise(clip(x + sigma N_k))) for k = first, first+1, ...
/// The result does not depend on the chunk.
/// \param image  [1,3,H,W] in [0,1]
/// \throws Error{kUsage} for values out of range, Error{kModel} for a denoiser that changes the
///         shape, Interrupted when stop() says so
[[nodiscard]] std::vector<double> noisy_scores(QualityModel& model, const at::Tensor& image,
                                               const NoiseDraw& noise,
                                               const NoisySampling& sampling);

/// DnCNN for colour pictures (Zhang et al., TIP 2017) as certified quality scores use it: 17
/// convolutions of 64 channels, 3x3, with batch normalisation between; it predicts the noise.
class DnCnn {
 public:
  /// \param state  "dncnn.0.weight" and ".bias"; "dncnn.<2+3i>.weight" and "dncnn.<3+3i>.weight",
  ///               ".bias", ".running_mean", ".running_var" for i = 0..14; "dncnn.47.weight".
  ///               "num_batches_tracked" may be there too
  /// \throws Error{kModel} naming the first tensor that is missing, left over or misshapen
  explicit DnCnn(TensorMap state);

  /// images - noise, not clipped. \param images  [N,3,H,W]   \return the same shape
  [[nodiscard]] at::Tensor operator()(const at::Tensor& images) const;

 private:
  TensorMap state_;
};

}  // namespace robiq
