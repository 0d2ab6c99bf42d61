#include "robiq/model/net_model.h"
#include "robiq/net/maniqa_net.h"
#include "robiq/net/transformers/vit.h"

namespace robiq {
namespace {

struct ManiqaOptions {
  double scale = 0.8, dropout = 0.1, drop_path = 0.1;
  static OptionTable<ManiqaOptions> options() {
    using O = ManiqaOptions;
    return {{"scale", &O::scale, "of what a Swin layer adds; 0.13 for pyiqa's PIPAL weights", 0, 1},
            {"dropout", &O::dropout, "probability of dropping a unit in training", 0, 0.95},
            {"drop_path", &O::drop_path, "probability of skipping the last Swin block in training",
             0, 0.95}};
  }
};

/// MANIQA (Yang et al., CVPR workshops 2022): a vision transformer's tokens, attention of channels
/// and of windows, and a score and a weight for every position.
class Maniqa final : public NetModel {
 public:
  static constexpr const char* kName = "maniqa";
  static constexpr const char* kSummary =
      "ViT-B/8 with channel and window attention; 224x224 views";
  static constexpr const char* kPaper =
      "Yang et al., MANIQA: Multi-dimension Attention Network for No-Reference Image Quality "
      "Assessment, CVPR Workshops 2022";
  using Options = ManiqaOptions;

  explicit Maniqa(const Options& options)
      : Maniqa(std::make_shared<ManiqaNet>(
            ScaledSwinOptions{options.scale, options.dropout, options.drop_path})) {}

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    return net_->forward(normalized(images));
  }

 private:
  explicit Maniqa(std::shared_ptr<ManiqaNet> net)
      : NetModel(make_card(), net), net_(std::move(net)) {}

  static ModelCard make_card() {
    ModelCard card{.name = kName, .paper = kPaper, .title = "MANIQA"};
    card.scale = {0, 1};
    card.mean = {0.5, 0.5, 0.5};
    card.stddev = {0.5, 0.5, 0.5};
    card.min_side = VitImpl::kSide;
    card.fixed_side = true;
    card.views = {.kind = ViewPolicy::Kind::kGrid, .side = VitImpl::kSide, .rows = 4, .columns = 5};
    card.paper_views = {.kind = ViewPolicy::Kind::kRandom, .side = VitImpl::kSide, .count = 20};
    card.recipe = recipe();
    card.official_recipe = official(card.recipe);
    card.pixels_at_once = 4 * VitImpl::kSide * VitImpl::kSide;  // 0.9 GB a view with gradients
    card.parts = {{.name = "backbone",
                   .source =
                       "ViT-B/8 at 224 pixels: timm's vit_base_patch8_224, or the AugReg .npz "
                       "that it was made from",
                   .prefix = "vit.",
                   .rules = {{"", "vit."}},
                   .convert = [](const TensorMap& tensors) {
                     return is_vit_of_jax(tensors) ? vit_from_jax(tensors) : tensors;
                   }}};
    card.constant_names = {".attn_mask", ".relative_position_index"};
    return card;
  }

  static TrainingRecipe recipe() {
    TrainingRecipe recipe;
    recipe.loss = "mse";
    recipe.learning_rate = 1e-5;
    recipe.weight_decay = 1e-5;
    recipe.schedule = ScheduleKind::kCosineEpochs;
    recipe.epochs = 30;
    recipe.batch_size = 1;
    recipe.crop_side = VitImpl::kSide;
    recipe.crops_per_image = 20;
    recipe.flip = true;
    recipe.labels = LabelRange::kUnit;
    recipe.select_by = "srocc+plcc";
    return recipe;
  }

  /// The code flips along the height, in 7 of 10 cases; it moves its cosine, made for 50 epochs,
  /// at every step; it scales labels by the part at hand; it never draws the last offsets; and it
  /// drops a last batch that is not full.
  static TrainingRecipe official(TrainingRecipe recipe) {
    recipe.flip = false;
    recipe.upside_down = 0.7;
    recipe.schedule = ScheduleKind::kCosineWave;
    recipe.labels = LabelRange::kSplitUnit;
    recipe.exclusive_crops = true;
    recipe.least_batch = 0;
    recipe.nt_batchnorm = NtBatchnorm::kOfficial;
    return recipe;
  }

  std::shared_ptr<ManiqaNet> net_;
};

ROBIQ_REGISTER(QualityModel, Maniqa);

}  // namespace
}  // namespace robiq
