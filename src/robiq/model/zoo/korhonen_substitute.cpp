#include <ATen/ATen.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include "robiq/model/net_model.h"
#include "robiq/net/resnet.h"

namespace robiq {
namespace {

constexpr std::int64_t kFeatures = 2048;
constexpr double kDropout = 0.25, kHeadDeviation = 0.01;

/// ResNet-50, global average pooling, dropout, one linear layer, sigmoid.
class SubstituteNet : public torch::nn::Module {
 public:
  SubstituteNet()
      : backbone(register_module("backbone", ResNet(resnet50()))),
        fc(register_module("fc", torch::nn::Linear(kFeatures, 1))),
        dropout_(register_module("dropout", torch::nn::Dropout(kDropout))) {
    torch::nn::init::normal_(fc->weight, 0, kHeadDeviation);
    torch::nn::init::zeros_(fc->bias);
  }

  /// \param images  [N,3,H,W], normalised   \return [N,1] in (0, 1)
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) {
    const at::Tensor maps = backbone->stages(backbone->stem(images))[3];
    return at::sigmoid(fc->forward(dropout_->forward(maps.mean({2, 3}))));
  }

  ResNet backbone;
  torch::nn::Linear fc;

 private:
  torch::nn::Dropout dropout_;
};

/// torchvision's resnet50 files, either version of the weights.
ModelPart resnet_part() {
  return {.name = "backbone",
          .source = "ResNet-50 of torchvision (resnet50-19c8e357.pth, resnet50-0676ba61.pth)",
          .prefix = "backbone.",
          .rules = {{"conv1.", "backbone.conv1."},
                    {"bn1.", "backbone.bn1."},
                    {"layer", "backbone.layer"}},
          .dropped = {"fc."}};
}

/// The model that Korhonen and You attack in place of their targets. Their MATLAB network takes the
/// mean picture from its input; this one torchvision's mean and deviation, as its weights want.
class KorhonenSubstitute final : public NetModel {
 public:
  static constexpr const char* kName = "korhonen-substitute";
  static constexpr const char* kSummary =
      "ResNet-50 with a sigmoid head; stands in for unknown models under attack";
  static constexpr const char* kPaper =
      "Korhonen and You, Adversarial Attacks Against Blind Image Quality Assessment Models, "
      "QoEVMA 2022";
  using Options = NoOptions;

  explicit KorhonenSubstitute(const Options& /*options*/)
      : KorhonenSubstitute(std::make_shared<SubstituteNet>()) {}

  /// By the rates that the original gives them; layer2 and layer3 share one.
  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    std::vector<ParamGroup> groups{
        {"stem", {}}, {"layer1", {}}, {"layer2-3", {}}, {"layer4", {}}, {"head", {}}};
    for (const auto& item : net_->backbone->named_parameters()) {
      const std::string& name = item.key();
      const int layer = name.starts_with("layer") ? name[5] - '0' : 0;
      constexpr std::array<std::size_t, 5> kGroups = {0, 1, 2, 2, 3};
      groups[kGroups.at(static_cast<std::size_t>(layer))].tensors.push_back(item.value());
    }
    groups[4].tensors = net_->fc->parameters();
    return groups;
  }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    return net_->forward(normalized(images)).squeeze(1);
  }

 private:
  explicit KorhonenSubstitute(std::shared_ptr<SubstituteNet> net)
      : NetModel(make_card(), net), net_(std::move(net)) {}

  static ModelCard make_card() {
    ModelCard card{.name = kName, .paper = kPaper, .title = "Kor. substitute"};
    card.scale = {.worst = 0, .best = 1};
    card.min_side = 32;
    card.views = {.kind = ViewPolicy::Kind::kWhole};
    card.paper_views = card.views;
    card.recipe = {.loss = "half-mse",
                   .optimizer = OptimizerKind::kSgd,
                   .learning_rate = 5e-4,
                   .group_rates = {{"stem", 0.25},
                                   {"layer1", 0.5},
                                   {"layer2-3", 0.75},
                                   {"layer4", 1},
                                   {"head", 2}},
                   .weight_decay = 0.01,
                   .epochs = 2,
                   .batch_size = 16,
                   .sizes = {{"koniq10k", {.height = 384, .width = 512}}},
                   .labels = LabelRange::kUnit};
    card.parts = {resnet_part()};
    return card;
  }

  std::shared_ptr<SubstituteNet> net_;
};

ROBIQ_REGISTER(QualityModel, KorhonenSubstitute);

}  // namespace
}  // namespace robiq
