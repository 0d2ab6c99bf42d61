// Adversarial training steps against the authors' attack and loss.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "robiq/defense/defense_chain.h"
#include "robiq/defense/task_ascent.h"
#include "robiq/metric/distance/ssim.h"
#include "robiq/model/net_model.h"
#include "robiq/train/train_step.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace adversarial_step_test {

using Json = nlohmann::json;

/// TinyIQA, with batch normalisation between the first convolution and its ReLU where asked.
struct TinyNet : torch::nn::Module {
  explicit TinyNet(bool batch_norm) {
    conv1 = register_module(
        "conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 8, 3).stride(2).padding(1)));
    if (batch_norm) bn1 = register_module("bn1", torch::nn::BatchNorm2d(8));
    conv2 = register_module(
        "conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(8, 16, 3).stride(2).padding(1)));
    fc = register_module("fc", torch::nn::Linear(16, 1));
    const at::NoGradGuard no_grad;
    const auto fill = [](const std::string& name, const at::Tensor& tensor) {
      if (tensor.is_floating_point()) tensor.copy_(det::weight(name, tensor.sizes()));
    };
    for (const auto& entry : named_parameters()) fill(entry.key(), entry.value());
    for (const auto& entry : named_buffers()) fill(entry.key(), entry.value());
  }
  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr};
  torch::nn::Linear fc{nullptr};
};

class TinyModel final : public NetModel {
 public:
  explicit TinyModel(bool batch_norm) : TinyModel(std::make_shared<TinyNet>(batch_norm)) {}

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    at::Tensor x = net_->conv1->forward(normalized(images));
    if (!net_->bn1.is_empty()) x = net_->bn1->forward(x);
    const at::Tensor pooled = at::relu(net_->conv2->forward(at::relu(x))).mean({2, 3});
    return 100 * at::sigmoid(8 * net_->fc->forward(pooled).squeeze(1) - 1.6);
  }

 private:
  explicit TinyModel(const std::shared_ptr<TinyNet>& net)
      : NetModel(ModelCard{.name = "tiny"}, net), net_(net) {}
  std::shared_ptr<TinyNet> net_;
};

const Json& fixture() {
  static const Json json = test::read_json(test::fixture_path("attacks/adversarial_training.json"));
  return json;
}

std::unique_ptr<Defense> defense_of(const std::string& spec) {
  return Registry<Defense>::instance().make(parse_spec(spec, "test"), "test");
}

std::unique_ptr<Loss> loss_of(const std::string& fixture_name) {
  return Registry<Loss>::instance().make(fixture_name == "mae" ? "l1" : fixture_name, {});
}

std::string spec_of(const Json& c) {
  const std::string labels = c.at("label_strategy").get<std::string>();
  std::string spec = "adversarial:epsilon=" + c.at("eps").dump() +
                     ",mode=" + c.at("attack_mode").get<std::string>();
  spec += labels == "none" ? ",labels=keep" : labels == "5" ? ",labels=fixed" : ",labels=" + labels;
  const Json& range = fixture().at("label_range");
  if (labels != "none") spec += ",range=" + range[0].dump() + ":" + range[1].dump();
  return spec;
}

TrainBatch batch_of(const Json& c) {
  std::vector<at::Tensor> pictures;
  for (const Json& spec : c.at("images")) pictures.push_back(det::picture(det::image_spec(spec)));
  const auto labels = c.at("labels").get<std::vector<double>>();
  return {at::cat(pictures), at::tensor(labels, at::kDouble).to(at::kFloat)};
}

StepTask task_of_loss(const Loss& loss) {
  return {[&loss](const at::Tensor& outputs, const at::Tensor& mos) {
            return loss.value(outputs, mos);
          },
          loss.is_mean_over_pictures()};
}

void expect_pictures(const at::Tensor& attacked, const at::Tensor& clean, const Json& wanted) {
  const double tolerance = fixture().at("tolerance").at("sample").get<double>();
  const at::Tensor flat = attacked.flatten();
  for (std::size_t i = 0; i < wanted.at("sample").size(); ++i) {
    const double got = flat[wanted.at("sample_index_nchw")[i].get<std::int64_t>()].item<double>();
    EXPECT_NEAR(got, wanted.at("sample")[i].get<double>(), tolerance) << i;
  }
  const at::Tensor linf = (attacked - clean).abs().amax({1, 2, 3});
  for (std::size_t i = 0; i < wanted.at("linf").size(); ++i) {
    EXPECT_NEAR(linf[static_cast<std::int64_t>(i)].item<double>(),
                wanted.at("linf")[i].get<double>(), tolerance);
  }
}

void expect_near(const at::Tensor& got, const Json& wanted, double tolerance,
                 const std::string& what) {
  const at::Tensor flat = got.detach().to(at::kDouble).flatten();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(flat[static_cast<std::int64_t>(i)].item<double>(), wanted[i].get<double>(),
                tolerance)
        << what << " " << i;
  }
}

void expect_gradients(const TensorMap& state, const Json& wanted) {
  double largest = 0;
  for (const auto& [name, golden] : wanted.items()) {
    largest = std::max(largest, golden.at("l2").get<double>());
  }
  const double slack = largest * fixture().at("tolerance").at("param_grad_l2_rel").get<double>();
  for (const auto& [name, golden] : wanted.items()) {
    const at::Tensor gradient = state.at(name).grad();
    EXPECT_NEAR(gradient.norm().item<double>(), golden.at("l2").get<double>(), slack) << name;
    expect_near(gradient, golden.at("first4"), slack, name);
  }
}

/// Weights after Adam. A bias before batch statistics has a gradient of rounding alone, whose sign
/// Adam follows: it is left out.
void expect_weights(const TensorMap& state, const Json& c) {
  for (const auto& [name, wanted] : c.at("param_after_adam").items()) {
    if (name == "conv1.bias" && c.at("batch_norm").get<bool>()) continue;
    expect_near(state.at(name), wanted, 2e-5, name);
  }
}

void expect_running(const TensorMap& state, const Json& c, const std::string& when) {
  const double tolerance = fixture().at("tolerance").at("running").get<double>();
  expect_near(state.at("bn1.running_mean"), c.at("running_mean_" + when), tolerance, when);
  expect_near(state.at("bn1.running_var"), c.at("running_var_" + when), tolerance, when);
}

void expect_step(const StepResult& result, const TensorMap& state, const Json& c) {
  const double loss = c.at("training_loss").get<double>();
  EXPECT_NEAR(result.loss, loss, loss * fixture().at("tolerance").at("loss_rel").get<double>());
  expect_gradients(state, c.at("param_grad"));
  expect_weights(state, c);
}

/// The attack of the case, on a model of its own.
void expect_prepared(const Json& c) {
  TinyModel model(c.at("batch_norm").get<bool>());
  model.set_training(true);
  const auto loss = loss_of(c.at("loss").get<std::string>());
  const auto defense = defense_of(spec_of(c));
  const TrainBatch clean = batch_of(c);
  const std::int64_t count = clean.images.size(0);
  defense->see_task(task_of_loss(*loss));
  const TrainBatch batch = defense->prepare(model, clean, Rng(0));
  EXPECT_TRUE(model.training());
  // Attacked and clean rows take turns, where there are clean ones.
  const std::int64_t turn = batch.images.size(0) / count;
  const auto rows_from = [&](const at::Tensor& rows, std::int64_t from) {
    return rows.slice(0, from, rows.size(0), turn);
  };
  expect_pictures(rows_from(batch.images, 0), clean.images, c.at("adversarial"));
  if (c.at("batch_norm").get<bool>()) expect_running(model.state(), c, "after_attack");
  if (c.at("label_strategy") == "none") {
    EXPECT_EQ(batch.images.size(0), count);
    return;
  }
  EXPECT_TRUE(at::equal(rows_from(batch.images, 1), clean.images));
  EXPECT_TRUE(at::equal(rows_from(batch.mos, 1), clean.mos));
  expect_near(at::cat({rows_from(batch.mos, 0), rows_from(batch.mos, 1)}), c.at("adjusted_labels"),
              fixture().at("tolerance").at("label").get<double>(), "label");
}

TEST(AdversarialStep, AgreesWithTheAuthorsAttackAndLoss) {
  int number = -1;
  for (const Json& c : fixture().at("cases")) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, std::to_string(++number));
    if (!c.at("start").is_null()) continue;
    expect_prepared(c);
    TinyModel model(c.at("batch_norm").get<bool>());
    model.set_training(true);
    const auto loss = loss_of(c.at("loss").get<std::string>());
    const auto defense = defense_of(spec_of(c));
    Optimizer optimizer(OptimizerOptions{}, model.parameter_groups());
    const StepResult result = train_step({model, *loss, *defense, optimizer}, batch_of(c), Rng(0));
    expect_step(result, model.state(), c);
    if (c.at("batch_norm").get<bool>()) expect_running(model.state(), c, "after_step");
  }
  EXPECT_EQ(number, 6);
}

TEST(AdversarialStep, AgreesForAGivenStartAndTheBallAroundIt) {
  const Json& c = fixture().at("cases").back();
  TinyModel model(false);
  model.set_training(true);
  const auto loss = loss_of(c.at("loss").get<std::string>());
  const TrainBatch clean = batch_of(c);
  const double epsilon = c.at("eps").get<double>();
  const at::Tensor start =
      det::noise(c.at("start").get<std::string>(), -epsilon, epsilon, clean.images.sizes());
  const StepTask task = task_of_loss(*loss);
  TaskAscent ascent{.epsilon = epsilon, .step_size = 1.25 * epsilon, .around_start = true};
  const at::Tensor attacked = ascend_task(model, task, clean, ascent, start, Rng(0));
  expect_pictures(attacked, clean.images, c.at("adversarial"));
  const Json& range = fixture().at("label_range");
  const at::Tensor labels = lowered_labels(clean.mos, 1 - unpadded_ssim(attacked, clean.images), 1,
                                           {range[0].get<double>(), range[1].get<double>()});
  expect_near(labels, c.at("adjusted_labels"), fixture().at("tolerance").at("label").get<double>(),
              "label");
  const auto none = defense_of("none");
  Optimizer optimizer(OptimizerOptions{}, model.parameter_groups());
  const TrainBatch joined{at::cat({attacked, clean.images}), at::cat({labels, clean.mos})};
  expect_step(train_step({model, *loss, *none, optimizer}, joined, Rng(0)), model.state(), c);
  // The projection on the clean ball keeps the budget.
  ascent.around_start = false;
  const at::Tensor inside = ascend_task(model, task, clean, ascent, start, Rng(0));
  EXPECT_LE((inside - clean.images).abs().max().item<double>(), epsilon + 1e-6);
  EXPECT_GT((attacked - clean.images).abs().max().item<double>(), 1.5 * epsilon);
}

/// Means of the loss before and after an attack.
double loss_at(QualityModel& model, const Loss& loss, const at::Tensor& images,
               const at::Tensor& mos) {
  const at::NoGradGuard no_grad;
  return loss.value(model.training_outputs(images), mos).item<double>();
}

TEST(AdversarialStep, ApgdClimbsFurtherThanOneStepAndKeepsTheBudget) {
  const Json& c = fixture().at("cases").back();
  TinyModel model(false);
  const TrainBatch clean = batch_of(c);
  for (const char* const name : {"mse", "norm-in-norm"}) {
    const auto loss = loss_of(name);
    const StepTask task = task_of_loss(*loss);
    const double epsilon = 4.0 / 255;
    const auto climbed = [&](std::int64_t steps) {
      return ascend_task(model, task, clean, {.epsilon = epsilon, .steps = steps}, {}, Rng(0));
    };
    const at::Tensor one = climbed(0), many = climbed(20);
    EXPECT_LE((many - clean.images).abs().max().item<double>(), epsilon + 1e-6);
    EXPECT_GT(loss_at(model, *loss, many, clean.mos), loss_at(model, *loss, one, clean.mos))
        << name;
  }
}

TEST(AdversarialStep, PiecesAndOtherRowsDoNotChangeTheAttack) {
  const Json& c = fixture().at("cases").front();
  TinyModel model(true);
  const TrainBatch clean = batch_of(c);
  const auto prepared = [&](const std::string& loss_name, std::int64_t micro_batch,
                            const TrainBatch& batch) {
    const auto loss = loss_of(loss_name);
    StepTask task = task_of_loss(*loss);
    task.micro_batch = micro_batch;
    const auto defense = defense_of("adversarial:start=uniform,method=apgd,steps=5");
    defense->see_task(task);
    return defense->prepare(model, batch, Rng(3)).images;
  };
  for (const char* const name : {"mse", "norm-in-norm"}) {
    const at::Tensor whole = prepared(name, 0, clean), pieces = prepared(name, 3, clean);
    EXPECT_GT(at::isclose(whole, pieces, 0, 1e-6).to(at::kDouble).mean().item<double>(), 0.999)
        << name;
  }
  const at::Tensor whole = prepared("mse", 0, clean);
  const TrainBatch second{clean.images.narrow(0, 1, 1), clean.mos.narrow(0, 1, 1), 1, 4};
  const at::Tensor alone = prepared("mse", 0, second);
  const std::int64_t turn = whole.size(0) / clean.images.size(0);  // attacked, clean, attacked, ...
  const at::Tensor same = at::isclose(whole[turn], alone[0], 0, 1e-6);
  EXPECT_GT(same.to(at::kDouble).mean().item<double>(), 0.999);
}

TEST(AdversarialStep, RunningStatisticsOfThePhaseAreKeptInUse) {
  const Json& c = fixture().at("cases").front();
  TinyModel model(true);
  model.set_training(true);
  model.set_batch_statistics(false);
  const at::Tensor before = model.state().at("bn1.running_mean").clone();
  const auto loss = loss_of("mse");
  const auto defense = defense_of("adversarial");
  Optimizer optimizer(OptimizerOptions{}, model.parameter_groups());
  StepParts parts{model, *loss, *defense, optimizer};
  parts.options.running_statistics = true;
  static_cast<void>(train_step(parts, batch_of(c), Rng(0)));
  EXPECT_TRUE(at::equal(before, model.state().at("bn1.running_mean")));
}

TEST(AdversarialStep, StatisticsThatNtFreezesAreLeftAloneByTheAttackToo) {
  const Json& c = fixture().at("cases").front();
  for (const char* const mode : {"train", "eval"}) {
    TinyModel model(true);
    model.set_training(true);
    const at::Tensor before = model.state().at("bn1.running_mean").clone();
    const auto loss = loss_of("mse");
    const auto defense =
        make_defense("adversarial:mode=" + std::string(mode) + "+gradient-norm:batchnorm=frozen");
    Optimizer optimizer(OptimizerOptions{}, model.parameter_groups());
    StepParts parts{model, *loss, *defense, optimizer};
    for (std::uint64_t step = 0; step < 2; ++step) {
      static_cast<void>(train_step(parts, batch_of(c), Rng(step)));
      EXPECT_TRUE(at::equal(before, model.state().at("bn1.running_mean"))) << mode << step;
    }
  }
}

}  // namespace adversarial_step_test
}  // namespace robiq
