#include <ATen/ATen.h>

#include "robiq/model/net_model.h"
#include "robiq/net/hyper_net.h"

namespace robiq {
namespace {

/// torchvision's resnet50 files, either version of the weights, or the ResNet-50 of a
/// korhonen-substitute: where no pretrained one can be had, that model learns to see first.
ModelPart backbone_part() {
  return {.name = "backbone",
          .source =
              "ResNet-50 of torchvision (resnet50-19c8e357.pth, resnet50-0676ba61.pth), or a "
              "korhonen-substitute",
          .prefix = "res.",
          .rules = {{"backbone.", "res."},
                    {"conv1.", "res.conv1."},
                    {"bn1.", "res.bn1."},
                    {"layer", "res.layer"}},
          .dropped = {"fc."},
          .not_in_file = {"res.lda"}};
}

/// IQA-PyTorch's files; its scores were trained on MOS / 100.
NameLayout pyiqa_layout() {
  NameLayout layout{.name = "pyiqa",
                    .rules = {{"base_model.", "res."},
                              {"lda_modules.3.2.", "res.lda4_fc."},
                              {"fc_w_modules.4.2.", "fc5w_fc."}},
                    .scale = ScoreScale{.worst = 0, .best = 1}};
  for (int i = 0; i < 5; ++i) {
    const std::string from = std::to_string(i) + ".", to = std::to_string(i + 1);
    if (i < 3) {
      layout.rules.push_back({"lda_modules." + from + "0.", "res.lda" + to + "_pool.0."});
      layout.rules.push_back({"lda_modules." + from + "3.", "res.lda" + to + "_fc."});
    }
    if (i < 4) layout.rules.push_back({"fc_w_modules." + from, "fc" + to + "w_conv."});
    layout.rules.push_back({"fc_b_modules." + from + "2.", "fc" + to + "b_fc."});
  }
  return layout;
}

/// HyperIQA (Su et al., CVPR 2020).
class HyperIqa final : public NetModel {
 public:
  static constexpr const char* kName = "hyperiqa";
  static constexpr const char* kSummary =
      "ResNet-50 that makes the weights of a small network for each picture";
  static constexpr const char* kPaper =
      "Su et al., Blindly Assess Image Quality in the Wild Guided by a Self-Adaptive Hyper "
      "Network, CVPR 2020";
  using Options = NoOptions;

  explicit HyperIqa(const Options& /*options*/) : HyperIqa(HyperNet()) {}

  /// The authors' two: the ResNet with its branches, and what follows.
  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    std::vector<ParamGroup> groups{{"backbone", {}}, {"head", {}}};
    for (const auto& item : net_->named_parameters()) {
      groups[item.key().starts_with("res.") ? 0 : 1].tensors.push_back(item.value());
    }
    return groups;
  }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    return net_->forward(normalized(images)).score;
  }

 private:
  explicit HyperIqa(HyperNet net) : NetModel(make_card(), net.ptr()), net_(std::move(net)) {}

  static ModelCard make_card() {
    constexpr std::int64_t kSide = 224, kCrops = 25;
    ModelCard card{.name = kName, .paper = kPaper, .title = "HyperIQA"};
    card.scale = {.worst = 0, .best = 100};
    card.min_side = kSide;
    card.fixed_side = true;
    card.views = {.kind = ViewPolicy::Kind::kGrid, .side = kSide, .rows = 5, .columns = 5};
    card.paper_views = {.kind = ViewPolicy::Kind::kRandom, .side = kSide, .count = kCrops};
    card.recipe = {.loss = "l1",
                   .optimizer = OptimizerKind::kAdam,
                   .learning_rate = 2e-4,
                   .group_rates = {{"backbone", 0.1}},
                   .weight_decay = 5e-4,
                   .schedule = ScheduleKind::kStep,
                   .step_epochs = 6,
                   .nt_weight = 1e-3,
                   .epochs = 16,
                   .batch_size = 16,
                   .crop_side = kSide,
                   .crops_per_image = kCrops,
                   .flip = true,
                   .sizes = {{"koniq10k", {.height = 384, .width = 512}},
                             {"bid", {.height = 512, .width = 512}}}};
    card.official_recipe = official(card.recipe);
    card.parts = {backbone_part()};
    card.layouts = {pyiqa_layout()};
    return card;
  }

  /// The code loses the head's parameters after an epoch, makes a new Adam for each, lets the
  /// backbone's rate be, mixes up height and width, and keeps the epoch that tests best.
  static TrainingRecipe official(TrainingRecipe recipe) {
    recipe.first_epoch_only = {"head"};
    recipe.unscheduled = {"backbone"};
    recipe.new_optimizer_every_epoch = true;
    recipe.select_on_test = true;
    recipe.sizes["koniq10k"] = {.height = 512, .width = 384};
    recipe.nt_batchnorm = NtBatchnorm::kOfficial;
    return recipe;
  }

  HyperNet net_;
};

ROBIQ_REGISTER(QualityModel, HyperIqa);

}  // namespace
}  // namespace robiq
