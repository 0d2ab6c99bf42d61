#include <ATen/core/grad_mode.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>

#include "robiq/model/net_model.h"
#include "robiq/tensor/precision.h"
#include "robiq/tensor/random.h"
#include "robiq/tensor/row_extremes.h"

namespace robiq {
namespace {

struct CnniqaOptions {
  std::int64_t patch = 32, patches = 16, filters = 50, kernel = 7, window = 7, hidden = 800;
  double dropout = 0.5;
  static OptionTable<CnniqaOptions> options() {
    using O = CnniqaOptions;
    return {{"patch", &O::patch, "side of a patch", 16, 1024, "pixels"},
            {"patches", &O::patches, "random patches an image and epoch in training", 1, 4096},
            {"filters", &O::filters, "filters of the convolution", 1, 4096},
            {"kernel", &O::kernel, "side of the filters", 1, 15, "pixels"},
            {"window", &O::window, "side of the window of contrast normalisation, odd", 3, 15,
             "pixels"},
            {"hidden", &O::hidden, "width of the two hidden layers", 1, 65536},
            {"dropout", &O::dropout, "probability of dropping a unit of the second", 0, 0.95}};
  }
};

/// Names of the state dict: conv1, fc1, fc2, fc3.
struct CnniqaNet : torch::nn::Module {
  explicit CnniqaNet(const CnniqaOptions& o)
      : conv1(register_module("conv1",
                              torch::nn::Conv2d(torch::nn::Conv2dOptions(1, o.filters, o.kernel)))),
        fc1(register_module("fc1", torch::nn::Linear(2 * o.filters, o.hidden))),
        fc2(register_module("fc2", torch::nn::Linear(o.hidden, o.hidden))),
        fc3(register_module("fc3", torch::nn::Linear(o.hidden, 1))) {}

  torch::nn::Conv2d conv1;
  torch::nn::Linear fc1, fc2, fc3;
};

/// Rec. 601 luma in 0..255. \return [N,H,W]
at::Tensor luma_255(const at::Tensor& images) {
  const at::Tensor weights =
      at::tensor({0.299F * 255, 0.587F * 255, 0.114F * 255}, images.options().requires_grad(false));
  return (images * weights.view({1, 3, 1, 1})).sum(1);
}

/// The mean over `window` neighbours in one dimension, edges replicated, as a matrix [side,side].
at::Tensor window_mean_matrix(std::int64_t side, std::int64_t window, const at::Tensor& like) {
  const at::Tensor matrix = at::zeros({side, side}, at::kFloat);
  auto entries = matrix.accessor<float, 2>();
  for (std::int64_t i = 0; i < side; ++i) {
    for (std::int64_t d = -(window / 2); d <= window / 2; ++d) {
      entries[i][std::clamp<std::int64_t>(i + d, 0, side - 1)] += 1.0F / static_cast<float>(window);
    }
  }
  return matrix.to(like.device(), like.scalar_type());
}

/// (I - mean) / (sqrt(variance + 1) + 1) over a uniform window. The 1 under the root keeps the
/// gradient finite in flat patches. The means are matrix products: on a CPU four times as fast,
/// forward and backward, as padding and pooling.
at::Tensor normalized_contrast(const at::Tensor& luma, std::int64_t window) {
  // Around the middle of the range, so that E[x^2] - E[x]^2 loses fewer digits.
  const at::Tensor centred = luma - 127.5F;
  const at::Tensor down = window_mean_matrix(luma.size(1), window, luma);
  const at::Tensor across = window_mean_matrix(luma.size(2), window, luma).t();
  const at::Tensor moments =
      at::matmul(at::matmul(down, at::stack({centred, centred.square()}, 1)), across);
  const at::Tensor mean = moments.select(1, 0);
  const at::Tensor variance = (moments.select(1, 1) - mean.square()).clamp_min(0);
  return (centred - mean) / ((variance + 1).sqrt() + 1);
}

/// Largest and smallest response of every filter over the picture, [N,2K]. Where they lie is found
/// without a graph; only those 2K windows are then computed with one. So the backward pass touches
/// 2K windows instead of every position, which for 32 x 32 patches makes it several times as fast.
at::Tensor extreme_responses(const at::Tensor& picture, const at::Tensor& weight,
                             const at::Tensor& bias) {
  const std::int64_t filters = weight.size(0), side = weight.size(2), width = picture.size(2);
  at::Tensor index;
  {
    const at::NoGradGuard no_grad;
    const at::Tensor maps = at::conv2d(picture.unsqueeze(1), weight).flatten(2);
    const RowExtremes places = row_extremes(maps);
    const at::Tensor at_extreme = at::cat({places.largest, places.smallest}, 1);
    const std::int64_t columns = width - side + 1;
    const at::Tensor corner =
        at::div(at_extreme, columns, "floor") * width + at::remainder(at_extreme, columns);
    const at::Tensor along = at::arange(side, at_extreme.options());
    const at::Tensor offsets = (along.unsqueeze(1) * width + along).flatten();
    index = (corner.unsqueeze(2) + offsets).flatten(1);
  }
  const at::Tensor windows =
      picture.flatten(1).gather(1, index).view({picture.size(0), 2 * filters, side * side});
  const at::Tensor twice = at::cat({weight, weight}).flatten(1);
  return (windows * twice).sum(2) + at::cat({bias, bias});
}

/// CNNIQA (Kang, Ye, Li and Doermann, CVPR 2014).
class Cnniqa final : public NetModel {
 public:
  static constexpr const char* kName = "cnniqa";
  static constexpr const char* kSummary =
      "one convolution, min and max pooling; trains on a laptop";
  static constexpr const char* kPaper =
      "Kang et al., Convolutional Neural Networks for No-Reference Image Quality Assessment, CVPR "
      "2014";
  using Options = CnniqaOptions;

  explicit Cnniqa(const Options& options)
      : Cnniqa(options, std::make_shared<CnniqaNet>(checked(options))) {}

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    const at::Tensor pooled = extremes(images);
    const at::Tensor hidden = at::relu(net_->fc2(at::relu(net_->fc1(pooled))));
    return net_->fc3(row_dropout(hidden, options_.dropout, net_->is_training())).squeeze(1);
  }

 private:
  /// [N,2K]. Variances are differences of large numbers, and extremes must lie where they are
  /// found: neither is for bfloat16.
  [[nodiscard]] at::Tensor extremes(const at::Tensor& images) {
    const ScopedFullPrecision full;
    const at::Tensor contrast = normalized_contrast(luma_255(images), options_.window);
    return extreme_responses(contrast, net_->conv1->weight, net_->conv1->bias);
  }

  Cnniqa(const Options& options, std::shared_ptr<CnniqaNet> net)
      : NetModel(make_card(options), net), options_(options), net_(std::move(net)) {}

  static const Options& checked(const Options& options) {
    if (options.window % 2 == 1 && options.kernel <= options.patch) return options;
    throw Error(ErrorKind::kUsage, {"cnniqa cannot have window=" + std::to_string(options.window) +
                                        " and kernel=" + std::to_string(options.kernel),
                                    "cnniqa", "the window must be odd"});
  }

  static ModelCard make_card(const Options& options) {
    ModelCard card{.name = kName, .paper = kPaper, .title = "CNNIQA"};
    card.mean = {0, 0, 0};
    card.stddev = {1, 1, 1};
    card.min_side = options.patch;
    card.views = {.kind = ViewPolicy::Kind::kTiles, .side = options.patch};
    card.paper_views = card.views;
    card.recipe.crop_side = options.patch;
    card.recipe.crops_per_image = options.patches;
    // The paper trains with SGD for many hours; this trains in minutes. lambda: see
    // docs/results.md.
    card.recipe.learning_rate = 2e-3;
    card.recipe.schedule = ScheduleKind::kCosine;
    card.recipe.epochs = 8;
    card.recipe.batch_size = 48;
    card.recipe.nt_weight = 6e-6;
    return card;
  }

  Options options_;
  std::shared_ptr<CnniqaNet> net_;
};

ROBIQ_REGISTER(QualityModel, Cnniqa);

}  // namespace
}  // namespace robiq
