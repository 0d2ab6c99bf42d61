#pragma once
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>

#include <array>

#include "robiq/net/resnet.h"

namespace robiq {

/// What LinearityNet computes on its way, for N pictures.
struct LinearityNetOutputs {
  at::Tensor stem;                   ///< [N,64,h,w]
  std::array<at::Tensor, 4> stages;  ///< of the ResNet-34
  std::array<at::Tensor, 2> pooled;  ///< [N,256] and [N,512], means over the last two stages
  std::array<at::Tensor, 2> codes;   ///< [N,64] each
  at::Tensor level6, level7, final;  ///< [N] each, raw scores
};

/// LinearityIQA's network (Li et al., ACM MM 2020): a ResNet-34 whose last two stages are pooled,
/// coded in 64 numbers each and regressed apart and together. Names are the authors'; heads begin
/// as torch's defaults. In training mode a batch must have more than one picture.
class LinearityNetImpl : public torch::nn::Module {
 public:
  LinearityNetImpl();
  /// \param images  [N,3,H,W], normalised
  [[nodiscard]] LinearityNetOutputs forward(const at::Tensor& images);
  /// Whether the normalisations after the pooling use the batch's statistics.
  [[nodiscard]] bool normalises_by_batch() const;

 private:
  /// Three linear layers, each followed by a batch normalisation, and one ReLU at the end.
  struct Coder {
    std::array<torch::nn::Linear, 3> linears{nullptr, nullptr, nullptr};
    std::array<torch::nn::BatchNorm1d, 3> norms{nullptr, nullptr, nullptr};
    [[nodiscard]] at::Tensor code(at::Tensor x);
  };
  [[nodiscard]] Coder make_coder(const std::string& name, std::int64_t in);

  ResNet features_;
  std::array<Coder, 2> coders_;
  std::array<torch::nn::Linear, 2> level_{nullptr, nullptr};
  torch::nn::Linear regression_{nullptr};
};
TORCH_MODULE(LinearityNet);

}  // namespace robiq
