#pragma once
#include <ATen/core/ivalue.h>
#include <torch/nn/modules/conv.h>

#include <cstdint>
#include <vector>

namespace robiq {

/// A convolution with fixed weights followed by a rectifier, on a CPU: both are one pass of oneDNN,
/// and the weights lie as it wants them, so that they are not laid out anew for every picture. The
/// gradient is that by the pictures. A rectifier of oneDNN turns NaN into 0; whoever must see a NaN
/// keeps the two apart.
class PackedConvolution {
 public:
  /// Whether this LibTorch has such convolutions, and x is what they take: float32 on a CPU.
  [[nodiscard]] static bool takes(const at::Tensor& x);

  /// \param weight [out,in/groups,k,k]   \param bias [out]; neither wants a gradient
  /// \param like has the stride, padding, dilation and groups
  /// \param sizes [N,in,H,W], of the inputs to come: others give the same, in more time
  PackedConvolution(const at::Tensor& weight, const at::Tensor& bias,
                    const torch::nn::Conv2dImpl& like, at::IntArrayRef sizes);

  /// Whether it was made for pictures of this height and width.
  [[nodiscard]] bool is_for(at::IntArrayRef sizes) const;

  /// max(0, convolution), [N,in,H,W] -> [N,out,h,w], new memory; the same numbers with a graph and
  /// without. Several threads may call it at once.
  [[nodiscard]] at::Tensor rectified(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  std::vector<std::int64_t> stride_, padding_, dilation_;
  std::int64_t groups_ = 1;
  c10::IValue packed_;
  std::int64_t height_ = 0, width_ = 0;
};

}  // namespace robiq
