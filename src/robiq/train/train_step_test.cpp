// Steps in pieces: what changes and what must not. The NT schemes are compared with the authors'
// way in app/tools/official_nt_step_test.cpp.
#include "robiq/train/train_step.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <cctype>

#include "robiq/model/net_model.h"
#include "robiq/tensor/random.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace train_step_test {

/// Two columns, and batch normalisation: what schemes must be careful with.
struct PairNet : torch::nn::Module {
  PairNet()
      : bn(register_module("bn", torch::nn::BatchNorm2d(3))),
        fc(register_module("fc", torch::nn::Linear(3 * 64, 2))) {}
  torch::nn::BatchNorm2d bn;
  torch::nn::Linear fc;
};

class PairModel final : public NetModel {
 public:
  explicit PairModel(bool two_columns) : PairModel(std::make_shared<PairNet>(), two_columns) {}
  /// Passes so far, with a graph and without.
  int with_graph = 0, without_graph = 0;

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    return both(images).select(1, 0);
  }
  [[nodiscard]] at::Tensor forward_training(const at::Tensor& images) override {
    const at::Tensor outputs = both(images);
    return two_columns_ ? outputs : outputs.narrow(1, 0, 1);
  }

 private:
  PairModel(std::shared_ptr<PairNet> net, bool two_columns)
      : NetModel(ModelCard{.name = "pair"}, net), net_(std::move(net)), two_columns_(two_columns) {}

  at::Tensor both(const at::Tensor& images) {
    ++(at::GradMode::is_enabled() ? with_graph : without_graph);
    return net_->fc(at::tanh(net_->bn(images)).flatten(1)) * 10;
  }

  std::shared_ptr<PairNet> net_;
  bool two_columns_;
};

struct Case {
  std::string defense = "none", loss = "l1";
  bool two_columns = false;
  friend void PrintTo(const Case& of_case, std::ostream* out) {
    *out << of_case.loss << ", " << of_case.defense << (of_case.two_columns ? ", two columns" : "");
  }
};

/// One step's gradients and what it said; weights stay as they are.
struct Outcome {
  StepResult result;
  std::vector<at::Tensor> gradients;
  TensorMap state;
  int with_graph = 0, without_graph = 0;
};

Outcome outcome_of(const Case& of_case, const StepOptions& how, std::int64_t pictures = 5) {
  seed_torch_globals(Rng(1));
  PairModel model(of_case.two_columns);
  model.convert_to(at::kDouble);
  model.set_training(true);
  const auto defense =
      Registry<Defense>::instance().make(parse_spec(of_case.defense, "test"), "test");
  const auto loss = Registry<Loss>::instance().make(of_case.loss, {});
  Optimizer optimizer({OptimizerKind::kSgd, 0.0, {}, 0}, model.parameter_groups());
  const at::Tensor images =
      uniform_tensor(Rng(3), {pictures, 3, 8, 8}, 0, 1, c10::kCPU).to(at::kDouble);
  const at::Tensor mos = at::arange(pictures, at::kDouble) * 7 - 3;
  Outcome out;
  out.result = train_step({model, *loss, *defense, optimizer, how}, {images, mos}, Rng(2));
  for (const at::Tensor& parameter : optimizer.parameters()) {
    out.gradients.push_back(parameter.grad());
  }
  for (const auto& [name, tensor] : model.state()) out.state[name] = tensor.detach().clone();
  out.with_graph = model.with_graph;
  out.without_graph = model.without_graph;
  return out;
}

void expect_equal_gradients(const Outcome& got, const Outcome& want) {
  ASSERT_EQ(got.gradients.size(), want.gradients.size());
  double scale = 0;
  for (const at::Tensor& gradient : want.gradients) {
    scale = std::max(scale, gradient.abs().max().item<double>());
  }
  for (std::size_t i = 0; i < want.gradients.size(); ++i) {
    EXPECT_LE((got.gradients[i] - want.gradients[i]).abs().max().item<double>(), 1e-10 * scale)
        << "parameter " << i;
  }
  EXPECT_NEAR(got.result.loss, want.result.loss, 1e-10);
  EXPECT_NEAR(got.result.penalty, want.result.penalty, 1e-9 * want.result.penalty);
  EXPECT_NEAR(got.result.gradient_norm, want.result.gradient_norm,
              1e-9 * want.result.gradient_norm);
}

const char* const kFrozenNt = "gradient-norm:weight=0.1,batchnorm=frozen";

class MicroBatch : public testing::TestWithParam<Case> {};

TEST_P(MicroBatch, GivesTheGradientOfTheWholeBatch) {
  const Outcome whole = outcome_of(GetParam(), {.scheme = StepScheme::kShared});
  EXPECT_EQ(whole.result.pieces, 1);
  EXPECT_EQ(whole.without_graph, 0);
  for (const std::int64_t size : {1, 2, 4, 5, 9}) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, "pieces of " + std::to_string(size));
    const Outcome split =
        outcome_of(GetParam(), {.micro_batch = size, .scheme = StepScheme::kShared});
    EXPECT_EQ(split.result.pieces, size >= 5 ? 1 : (5 + size - 1) / size);
    EXPECT_FALSE(split.result.unit);
    expect_equal_gradients(split, whole);
  }
}

TEST_P(MicroBatch, OfOnePictureMayBeTakenByUnitBackward) {
  const Outcome whole = outcome_of(GetParam(), {.scheme = StepScheme::kShared});
  const Outcome unit = outcome_of(GetParam(), {.micro_batch = 1, .scheme = StepScheme::kAuto});
  EXPECT_EQ(unit.result.unit, !GetParam().two_columns);
  expect_equal_gradients(unit, whole);
}

INSTANTIATE_TEST_SUITE_P(
    Losses, MicroBatch,
    testing::Values(Case{kFrozenNt, "l1"}, Case{kFrozenNt, "mse"}, Case{kFrozenNt, "norm-in-norm"},
                    Case{kFrozenNt, "norm-in-norm", true}, Case{kFrozenNt, "l1", true},
                    Case{std::string(kFrozenNt) + ",form=abs", "mse"},
                    Case{std::string(kFrozenNt) + ",scale=label", "l1"},
                    Case{std::string(kFrozenNt) + ",scale=label", "norm-in-norm"}),
    [](const auto& which) {
      std::string name;
      for (const char c : which.param.loss + "_" + which.param.defense) {
        if (std::isalnum(c) != 0) name += c;
      }
      return name + (which.param.two_columns ? "_two" : "");
    });

TEST(MicroBatchPasses, AreGatheredOnlyForWhatLooksAtTheWholeBatch) {
  const StepOptions pairs{.micro_batch = 2};
  EXPECT_EQ(outcome_of({"none", "l1"}, pairs).without_graph, 0);
  EXPECT_EQ(outcome_of({"none", "norm-in-norm"}, pairs).without_graph, 3);
  EXPECT_EQ(outcome_of({"gradient-norm:scale=label", "l1"}, pairs).without_graph, 3);
  EXPECT_EQ(outcome_of({"none", "norm-in-norm"}, {}).without_graph, 0);
}

TEST(MicroBatchPasses, ARestThatIsTooSmallForTheModelJoinsThePieceBeforeIt) {
  EXPECT_EQ(outcome_of({"none", "l1"}, {.micro_batch = 2, .least_rows = 2}).result.pieces, 2);
  EXPECT_EQ(outcome_of({"none", "l1"}, {.micro_batch = 3, .least_rows = 2}).result.pieces, 2);
}

TEST(MicroBatchPasses, GatheringLeavesRunningStatisticsAlone) {
  const StepOptions pairs{.micro_batch = 2};
  const TensorMap gathered = outcome_of({"none", "norm-in-norm"}, pairs).state;
  const TensorMap plain = outcome_of({"none", "l1"}, pairs).state;
  EXPECT_TRUE(at::equal(gathered.at("bn.running_mean"), plain.at("bn.running_mean")));
  // One update a piece.
  EXPECT_EQ(plain.at("bn.num_batches_tracked").item<std::int64_t>(), 3);
}

TEST(UnitScheme, TakesTwoPassesAPictureAndIsExactForOnePictureWithBatchStatistics) {
  const Case nt{"gradient-norm:weight=0.1", "l1"};
  const Outcome shared = outcome_of(nt, {.scheme = StepScheme::kShared}, 1);
  const Outcome unit = outcome_of(nt, {}, 1);
  EXPECT_TRUE(unit.result.unit);
  EXPECT_EQ(unit.with_graph, 2);
  expect_equal_gradients(unit, shared);
  for (const auto& [name, tensor] : shared.state) {
    EXPECT_TRUE(at::equal(unit.state.at(name), tensor)) << name;
  }
}

TEST(UnitScheme, WhenNamedTakesABatchPictureByPicture) {
  const Case nt{kFrozenNt, "mse"};
  const Outcome unit = outcome_of(nt, {.scheme = StepScheme::kUnit});
  EXPECT_EQ(unit.result.pieces, 5);
  EXPECT_TRUE(unit.result.unit);
  expect_equal_gradients(unit, outcome_of(nt, {}));
}

TEST(UnitScheme, IsRefusedWhereItIsNotExact) {
  const StepOptions unit{.scheme = StepScheme::kUnit};
  expect_error(ErrorKind::kUsage, {"ties the pictures together", "scheme=unit", "batchnorm=frozen"},
               [&] {
                 outcome_of({"gradient-norm", "l1"}, unit);
               });
  expect_error(ErrorKind::kUsage,
               {"cannot be taken by unit backward passes", "scheme=unit", "square or abs"}, [&] {
                 outcome_of({"gradient-norm:form=exact", "l1"}, unit);
               });
  expect_error(ErrorKind::kUsage,
               {"a model with 2 training outputs", "scheme=unit", "scheme=shared"}, [&] {
                 outcome_of({kFrozenNt, "l1", true}, unit);
               });
}

TEST(LabelScale, MultipliesSlopesByTheRatioOfSpreads) {
  const Outcome raw = outcome_of({kFrozenNt, "l1"}, {});
  const Outcome label = outcome_of({std::string(kFrozenNt) + ",scale=label", "l1"}, {});
  EXPECT_NEAR(label.result.gradient_norm, raw.result.gradient_norm, 1e-12);
  seed_torch_globals(Rng(1));
  PairModel model(false);
  model.convert_to(at::kDouble);
  model.set_training(true);
  model.set_batch_statistics(false);
  const at::Tensor images = uniform_tensor(Rng(3), {5, 3, 8, 8}, 0, 1, c10::kCPU).to(at::kDouble);
  const double ratio =
      (at::std(at::arange(5, at::kDouble) * 7) / at::std(model.score(images))).item<double>();
  EXPECT_NEAR(label.result.penalty, raw.result.penalty * ratio * ratio,
              1e-9 * label.result.penalty);
}

TEST(LabelScale, NeedsTwoPicturesAStepAndPassesOverALastBatchOfOne) {
  const auto defense =
      Registry<Defense>::instance().make(parse_spec("gradient-norm:scale=label", "test"), "test");
  const PairModel model(false);
  check_step_options({}, model, *defense, 2);
  expect_error(ErrorKind::kUsage,
               {"a batch of one picture has none", "scale=label", "at least 2 pictures"},
               [&] { check_step_options({}, model, *defense, 1); });
  const Outcome one = outcome_of({"gradient-norm:scale=label", "l1"}, {}, 1);
  EXPECT_EQ(one.result.penalty, 0);
  EXPECT_GT(one.result.gradient_norm, 0);
}

}  // namespace train_step_test
}  // namespace robiq
