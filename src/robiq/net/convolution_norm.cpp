#include "robiq/net/convolution_norm.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <torch/nn/functional/conv.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <tuple>
#include <utility>

#include "robiq/net/packed_convolution.h"
#include "robiq/tensor/compat.h"

namespace robiq {
namespace {

std::atomic<bool> exact_is_on = false;

/// A tensor's memory, and how often it had been written. Held, so that no other tensor can come to
/// lie where it lay.
struct Written {
  at::Tensor memory;
  std::int64_t times = 0;

  bool operator==(const Written& other) const {
    if (memory.defined() != other.memory.defined() || times != other.times) return false;
    return !memory.defined() || memory.data_ptr() == other.memory.data_ptr();
  }
};

Written written(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  return {tensor.detach(), static_cast<std::int64_t>(tensor._version())};
}

using Key = std::array<Written, 6>;

Key key_of(torch::nn::Conv2dImpl& convolution, torch::nn::BatchNorm2dImpl& norm) {
  return {written(convolution.weight), written(convolution.bias),  written(norm.weight),
          written(norm.bias),          written(norm.running_mean), written(norm.running_var)};
}

/// The weight and the bias of the one convolution.
std::pair<at::Tensor, at::Tensor> fold(torch::nn::Conv2dImpl& convolution,
                                       torch::nn::BatchNorm2dImpl& norm) {
  const at::NoGradGuard no_grad;
  const auto exact = [](const at::Tensor& tensor) { return tensor.detach().to(at::kDouble); };
  const at::Tensor scale =
      exact(norm.weight) / (exact(norm.running_var) + norm.options.eps()).sqrt();
  at::Tensor shift = -exact(norm.running_mean);
  if (convolution.bias.defined()) shift = shift + exact(convolution.bias);
  const at::Tensor& weight = convolution.weight;
  return {(exact(weight) * scale.view({-1, 1, 1, 1})).to(weight.scalar_type()),
          (exact(norm.bias) + shift * scale).to(weight.scalar_type())};
}

}  // namespace

void set_exact_networks(bool exact) { exact_is_on = exact; }

bool exact_networks() { return exact_is_on; }

struct ConvolutionNorm::Folded {
  std::mutex mutex;
  Key key;
  at::Tensor mean, variance;  ///< that it was made with
  at::Tensor weight, bias;
  bool finite = false;  ///< both of them: else a rectifier of oneDNN would hide what is not
  std::shared_ptr<const PackedConvolution> packed;  ///< made when first wanted

  /// Running statistics may be put back without a count of it, so that their values are compared.
  [[nodiscard]] bool is_of(const Key& now, const torch::nn::BatchNorm2dImpl& norm) const {
    return weight.defined() && now == key && at::equal(mean, norm.running_mean) &&
           at::equal(variance, norm.running_var);
  }

  /// Folds anew if a tensor has changed.
  void refresh(torch::nn::Conv2dImpl& convolution, torch::nn::BatchNorm2dImpl& norm) {
    const Key now = key_of(convolution, norm);
    if (is_of(now, norm)) return;
    const c10::InferenceMode outside(false);  // what is kept here may serve a gradient later
    std::tie(weight, bias) = fold(convolution, norm);
    finite = at::isfinite(weight).all().item<bool>() && at::isfinite(bias).all().item<bool>();
    packed.reset();
    mean = norm.running_mean.clone();
    variance = norm.running_var.clone();
    key = now;
  }
};

ConvolutionNorm::ConvolutionNorm(torch::nn::Conv2d convolution, torch::nn::BatchNorm2d norm)
    : convolution_(std::move(convolution)),
      norm_(std::move(norm)),
      folded_(std::make_unique<Folded>()) {}

ConvolutionNorm::~ConvolutionNorm() = default;
ConvolutionNorm::ConvolutionNorm(ConvolutionNorm&&) noexcept = default;
ConvolutionNorm& ConvolutionNorm::operator=(ConvolutionNorm&&) noexcept = default;

bool ConvolutionNorm::may_fold(const at::Tensor& x) const {
  // The convolution knows whether the network trains, even where its normalisations are held still:
  // NT then subtracts scores from one another, and all of them must come from one arithmetic.
  if (convolution_->is_training() || norm_->is_training() || exact_networks()) return false;
  const at::ScalarType type = convolution_->weight.scalar_type();
  if (x.scalar_type() != type || (type != at::kFloat && type != at::kDouble)) return false;
  if (compat::autocast(x.device().type()).on) return false;
  if (!at::GradMode::is_enabled()) return true;
  return !convolution_->weight.requires_grad() && !norm_->weight.requires_grad();
}

at::Tensor ConvolutionNorm::forward(const at::Tensor& x) {
  if (!may_fold(x)) return norm_->forward(convolution_->forward(x));
  at::Tensor weight, bias;
  {
    const std::lock_guard lock(folded_->mutex);
    folded_->refresh(*convolution_, *norm_);
    weight = folded_->weight;
    bias = folded_->bias;
  }
  const auto& options = convolution_->options;
  return torch::nn::functional::conv2d(x, weight,
                                       torch::nn::functional::Conv2dFuncOptions()
                                           .bias(bias)
                                           .stride(options.stride())
                                           .padding(options.padding())
                                           .dilation(options.dilation())
                                           .groups(options.groups()));
}

std::shared_ptr<const PackedConvolution> ConvolutionNorm::packed_for(const at::Tensor& x) {
  if (!PackedConvolution::takes(x) || !may_fold(x)) return nullptr;
  const std::lock_guard lock(folded_->mutex);
  folded_->refresh(*convolution_, *norm_);
  if (!folded_->finite) return nullptr;
  std::shared_ptr<const PackedConvolution>& packed = folded_->packed;
  if (!packed || !packed->is_for(x.sizes())) {
    packed = std::make_shared<const PackedConvolution>(folded_->weight, folded_->bias,
                                                       *convolution_, x.sizes());
  }
  return packed;
}

at::Tensor ConvolutionNorm::rectified(const at::Tensor& x) {
  if (const auto packed = packed_for(x)) return packed->rectified(x);
  return forward(x).relu_();
}

}  // namespace robiq
