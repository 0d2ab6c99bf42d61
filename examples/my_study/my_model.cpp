// A model: robiq --plugin libmy_study.so train --model edge-iqa --data builtin --out trained
#include <ATen/ATen.h>
#include <robiq/model/net_model.h>
#include <torch/nn/modules/linear.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace {

struct EdgeIqaOptions {
  std::int64_t hidden = 32, levels = 3;
  static robiq::OptionTable<EdgeIqaOptions> options() {
    using O = EdgeIqaOptions;
    return {{"hidden", &O::hidden, "width of the hidden layer", 1, 4096},
            {"levels", &O::levels, "sizes at which edges are measured, each half the one before", 1,
             4}};
  }
};

constexpr std::int64_t kFeaturesOfLevel = 4;

/// Names of the state dict: hidden, score.
struct EdgeIqaNet : torch::nn::Module {
  explicit EdgeIqaNet(const EdgeIqaOptions& o)
      : hidden(register_module("hidden", torch::nn::Linear(kFeaturesOfLevel * o.levels, o.hidden))),
        score(register_module("score", torch::nn::Linear(o.hidden, 1))) {}

  torch::nn::Linear hidden, score;
};

/// How strong the edges of a picture are at several sizes, and a network of two layers that turns
/// these few numbers into a score. Trains in seconds.
class EdgeIqa final : public robiq::NetModel {
 public:
  static constexpr const char* kName = "edge-iqa";
  static constexpr const char* kSummary = "strength of edges at several sizes, and two layers";
  static constexpr const char* kPaper = "";
  using Options = EdgeIqaOptions;

  explicit EdgeIqa(const Options& options)
      : EdgeIqa(options, std::make_shared<EdgeIqaNet>(options)) {}

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    at::Tensor grey = images.mean(1, /*keepdim=*/true);
    std::vector<at::Tensor> features;
    for (std::int64_t level = 0; level < levels_; ++level) {
      if (level > 0) grey = at::avg_pool2d(grey, 2);
      for (const std::int64_t side : {2, 3}) {
        const at::Tensor step = grey.diff(1, side);
        // The small number keeps the gradient finite where a picture is flat.
        const at::Tensor energy = (step.square() + 1e-6).sqrt();
        features.push_back(energy.mean({1, 2, 3}).log());
        features.push_back(energy.square().mean({1, 2, 3}).sqrt().log());
      }
    }
    const at::Tensor hidden = at::tanh(net_->hidden(at::stack(features, 1)));
    return 50 + 50 * net_->score(hidden).squeeze(1);
  }

 private:
  EdgeIqa(const Options& options, std::shared_ptr<EdgeIqaNet> net)
      : NetModel(make_card(options), net), levels_(options.levels), net_(std::move(net)) {}

  static robiq::ModelCard make_card(const Options& options) {
    robiq::ModelCard card{.name = kName, .paper = kPaper, .title = "EdgeIQA"};
    card.mean = {0, 0, 0};
    card.stddev = {1, 1, 1};
    card.min_side = std::int64_t{2} << options.levels;
    card.recipe.learning_rate = 0.01;
    card.recipe.schedule = robiq::ScheduleKind::kCosine;
    card.recipe.epochs = 8;
    card.recipe.batch_size = 16;
    card.recipe.crop_side = 64;
    return card;
  }

  std::int64_t levels_;
  std::shared_ptr<EdgeIqaNet> net_;
};

ROBIQ_REGISTER(robiq::QualityModel, EdgeIqa);

}  // namespace
