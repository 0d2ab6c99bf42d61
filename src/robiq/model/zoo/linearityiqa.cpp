#include <ATen/ATen.h>

#include "robiq/core/error.h"
#include "robiq/model/net_model.h"
#include "robiq/net/linearity_net.h"

namespace robiq {
namespace {

/// torchvision's resnet34 files, either version of the weights.
ModelPart resnext_part() {
  ModelPart part{
      .name = "backbone",
      .source = "ResNet-34 of torchvision (resnet34-333f7ec4.pth, resnet34-b627a593.pth)",
      .prefix = "features.",
      .rules = {{"conv1.", "features.0."}, {"bn1.", "features.1."}},
      .dropped = {"fc."}};
  for (int layer = 1; layer <= 4; ++layer) {
    part.rules.push_back(
        {"layer" + std::to_string(layer) + ".", "features." + std::to_string(layer + 3) + "."});
  }
  return part;
}

/// LinearityIQA (Li, Jiang and Jiang, ACM MM 2020) with a ResNet-34. Its loss does not see the
/// scale of what it is given, so the score is k times the raw output plus b, fitted after training;
/// the state holds k and b, float64 [3], for the outputs [final, level6, level7].
class LinearityIqa final : public NetModel {
 public:
  static constexpr const char* kName = "linearityiqa";
  static constexpr const char* kSummary =
      "ResNet-34 on the whole picture, trained for linear agreement with MOS";
  static constexpr const char* kPaper =
      "Li et al., Norm-in-Norm Loss with Faster Convergence and Better Performance for Image "
      "Quality Assessment, ACM MM 2020";
  using Options = NoOptions;

  explicit LinearityIqa(const Options& /*options*/) : LinearityIqa(LinearityNet()) {}

  /// The network's parameters; k and b are fitted, not trained.
  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    std::vector<ParamGroup> groups{{"backbone", {}}, {"head", {}}};
    for (const auto& item : net_->named_parameters()) {
      groups[item.key().starts_with("features.") ? 0 : 1].tensors.push_back(item.value());
    }
    return groups;
  }

  [[nodiscard]] TensorMap state() const override {
    TensorMap tensors = NetModel::state();
    // Other tensors on the same memory: convert_to() leaves k and b what they are.
    tensors.emplace("k", k_.detach());
    tensors.emplace("b", b_.detach());
    return tensors;
  }

  void move_to(c10::Device device) override {
    NetModel::move_to(device);
    k_ = k_.to(device);
    b_ = b_.to(device);
  }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    const at::Tensor raw = outputs(images).final;
    return (raw.to(at::kDouble) * k_[0] + b_[0]).to(raw.scalar_type());
  }

  /// Raw, [N,3]: final, level6, level7, the order of k and b.
  [[nodiscard]] at::Tensor forward_training(const at::Tensor& images) override {
    const LinearityNetOutputs out = outputs(images);
    return at::stack({out.final, out.level6, out.level7}, 1);
  }

 private:
  explicit LinearityIqa(LinearityNet net)
      : NetModel(make_card(), net.ptr()),
        net_(std::move(net)),
        k_(at::ones({3}, at::kDouble)),
        b_(at::zeros({3}, at::kDouble)) {}

  [[nodiscard]] LinearityNetOutputs outputs(const at::Tensor& images) {
    if (images.size(0) == 1 && net_->normalises_by_batch()) {
      throw Error(ErrorKind::kData,
                  {"one picture has no batch statistics to be normalised by", kName,
                   "train with at least 2 pictures a step (4 or more learn better), or with "
                   "running statistics"});
    }
    return net_->forward(normalized(images));
  }

  static ModelCard make_card() {
    ModelCard card{.name = kName, .paper = kPaper, .title = "LinearityIQA"};
    card.scale = {.worst = 0, .best = 100};
    card.min_side = 32;
    card.views = {.resize_height = 498, .resize_width = 664};
    card.paper_views = card.views;
    card.recipe = {.loss = "norm-in-norm",
                   .optimizer = OptimizerKind::kAdam,
                   .learning_rate = 1e-4,
                   .group_rates = {{"backbone", 0.1}},
                   .schedule = ScheduleKind::kStep,
                   .nt_weight = 1e-3,
                   .epochs = 30,
                   .batch_size = 4,
                   .sizes = {{"", {.height = 498, .width = 664}}},
                   .least_batch = 2,
                   .linear_mapping = true};
    // Its code takes the magnitude of the correlation: an epoch that ranks backwards may win.
    card.official_recipe = card.recipe;
    card.official_recipe->select_by = "abs-srocc";
    card.official_recipe->nt_batchnorm = NtBatchnorm::kOfficial;
    card.parts = {resnext_part()};
    card.optional_names = {"k", "b"};
    return card;
  }

  LinearityNet net_;
  at::Tensor k_, b_;
};

ROBIQ_REGISTER(QualityModel, LinearityIqa);

}  // namespace
}  // namespace robiq
