#include <ATen/ATen.h>

#include "robiq/model/net_model.h"
#include "robiq/net/dbcnn_net.h"

namespace robiq {
namespace {

constexpr std::int64_t kLeastSide = 32;

struct DbcnnOptions {
  std::string crop = "448";
  static OptionTable<DbcnnOptions> options() {
    using O = DbcnnOptions;
    return {{"crop",
             &O::crop,
             "side of the training crops, pixels; none: whole pictures, which must "
             "then have one size",
             {"448", "none"}}};
  }
};

/// DBCNN (Zhang et al., TCSVT 2020): two convolutional networks, one for authentic and one for
/// synthetic distortions, bilinearly pooled.
class Dbcnn final : public NetModel {
 public:
  static constexpr const char* kName = "dbcnn";
  static constexpr const char* kSummary = "VGG-16 and S-CNN, bilinear pooling; whole pictures";
  static constexpr const char* kPaper =
      "Zhang et al., Blind Image Quality Assessment Using a Deep Bilinear Convolutional Neural "
      "Network, IEEE TCSVT 2020";
  using Options = DbcnnOptions;

  explicit Dbcnn(const Options& options) : Dbcnn(options, std::make_shared<DbcnnNet>()) {}

  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    std::vector<at::Tensor> backbone = net_->features1->parameters();
    for (const at::Tensor& tensor : net_->features2->parameters()) backbone.push_back(tensor);
    return {{"backbone", backbone}, {"head", net_->fc->parameters()}};
  }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    return net_->forward(normalized(images));
  }

 private:
  Dbcnn(const Options& options, std::shared_ptr<DbcnnNet> net)
      : NetModel(make_card(options), net), net_(std::move(net)) {}

  static ModelCard make_card(const Options& options) {
    ModelCard card{.name = kName, .paper = kPaper, .title = "DBCNN"};
    card.scale = {0, 100};
    card.min_side = kLeastSide;
    card.views = {.kind = ViewPolicy::Kind::kWhole};
    card.paper_views = card.views;
    card.recipe = recipe();
    card.recipe.crop_side = options.crop == "none" ? 0 : std::stoll(options.crop);
    card.official_recipe = official(card.recipe);
    card.parts = {{.name = "vgg16",
                   .source = "VGG-16 of torchvision",
                   .prefix = "features1.",
                   .rules = {{"features.", "features1."}},
                   .dropped = {"classifier."}},
                  {.name = "scnn",
                   .source = "S-CNN of DBCNN's authors (scnn.pkl)",
                   .prefix = "features2.",
                   .rules = {{"features.", "features2."}},
                   .dropped = {"projection.", "classifier."}}};
    return card;
  }

  /// The last layer alone, then everything from its best epoch.
  static TrainingRecipe recipe() {
    TrainingRecipe recipe;
    recipe.loss = "mse";
    recipe.learning_rate = 1e-5;
    recipe.weight_decay = 5e-4;
    recipe.epochs = 50;
    recipe.batch_size = 6;
    recipe.flip = true;
    recipe.first_phases = {{.name = "fc alone",
                            .groups = {"head"},
                            .optimizer = OptimizerKind::kSgd,
                            .learning_rate = 1e-3,
                            .weight_decay = 5e-4,
                            .running_statistics = true}};
    return recipe;
  }

  /// The code freezes S-CNN but leaves its normalisation in training mode, and keeps the epochs
  /// that test best.
  static TrainingRecipe official(TrainingRecipe recipe) {
    recipe.first_phases.front().running_statistics = false;
    recipe.select_on_test = true;
    recipe.nt_batchnorm = NtBatchnorm::kOfficial;
    return recipe;
  }

  std::shared_ptr<DbcnnNet> net_;
};

ROBIQ_REGISTER(QualityModel, Dbcnn);

}  // namespace
}  // namespace robiq
