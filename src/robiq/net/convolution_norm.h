#pragma once
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include <memory>

namespace robiq {

class PackedConvolution;

/// Whether networks compute exactly as they were trained, without folding. Off at the start; of the
/// whole process, to be set before the first computation (`--exact`).
void set_exact_networks(bool exact);
[[nodiscard]] bool exact_networks();

/// A convolution and the batch normalisation after it. In evaluation, where no gradient by the
/// weights is wanted, the normalisation is an affine map that joins the convolution: one pass over
/// the numbers instead of two. The joined weights are made in float64, kept beside the modules and
/// made again when a tensor of either has changed. They are no part of the state.
///
/// Unfolded is what trains, what has parameters that want a gradient while gradients are recorded,
/// what is neither float32 nor float64, what runs in bfloat16, and what is asked to be exact.
class ConvolutionNorm {
 public:
  /// Both are shared: whoever owns them registers them under names of its own.
  ConvolutionNorm(torch::nn::Conv2d convolution, torch::nn::BatchNorm2d norm);
  ~ConvolutionNorm();
  ConvolutionNorm(ConvolutionNorm&&) noexcept;
  ConvolutionNorm& operator=(ConvolutionNorm&&) noexcept;

  /// [N,in,H,W] -> [N,out,h,w]; the result is new memory that nothing else needs, so that what
  /// follows may work in place. Several threads may call it at once.
  [[nodiscard]] at::Tensor forward(const at::Tensor& x);

  /// max(0, forward(x)). Folded it is one pass of oneDNN, in which a NaN of x becomes 0
  /// (net/packed_convolution.h): for layers that something goes around, which keeps it.
  [[nodiscard]] at::Tensor rectified(const at::Tensor& x);

 private:
  struct Folded;

  [[nodiscard]] bool may_fold(const at::Tensor& x) const;
  [[nodiscard]] std::shared_ptr<const PackedConvolution> packed_for(const at::Tensor& x);

  torch::nn::Conv2d convolution_;
  torch::nn::BatchNorm2d norm_;
  std::unique_ptr<Folded> folded_;
};

}  // namespace robiq
