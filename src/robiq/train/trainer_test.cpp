#include "robiq/train/trainer.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/model/net_model.h"
#include "robiq/tensor/random.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace trainer_test {

namespace fs = std::filesystem;

/// Pictures made from their number; one label may be NaN.
class Numbered final : public Dataset {
 public:
  Numbered() {
    card_.name = "numbered";
    for (int i = 0; i < 10; ++i) {
      ImageRecord record;
      record.id = "picture" + std::to_string(i);
      record.mos = 10.0 * i;
      records_.push_back(record);
    }
  }
  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }
  [[nodiscard]] at::Tensor read(const ImageRecord& record) const override {
    return det::image({record.id, 20, 20});
  }
  std::vector<ImageRecord> records_;

 private:
  DatasetCard card_;
};

TrainPhase phase_of(const StepParts& step, std::int64_t epochs) {
  TrainPhase phase{.step = step};
  phase.epochs = epochs;
  return phase;
}

/// Everything that a run needs, on TinyIQA: 10 pictures in batches of 4, so 3 steps an epoch.
struct Bench {
  explicit Bench(const fs::path& folder, const std::string& defense_spec = "none") {
    plan.checkpoints = folder / "checkpoints";
    plan.history_file = folder / "history.csv";
    plan.config_sha256 = "config";
    defense = Registry<Defense>::instance().make(parse_spec(defense_spec, "test"), "test");
    loss = Registry<Loss>::instance().make("l1", {});
    optimizer = std::make_unique<Optimizer>(OptimizerOptions{}, model.parameter_groups());
  }
  RunState run(bool resume = false) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < data.records_.size(); ++i) all.push_back(i);
    Loader loader(data, all, {16, 1, true}, {.batch_size = batch_size, .least_batch = least_batch},
                  Rng(1));
    const TrainParts parts{{phase_of({model, *loss, *defense, *optimizer}, 3)},
                           loader,
                           [&](QualityModel&) {
                             before_validation();
                             if (!validates) return std::map<std::string, double>();
                             return std::map<std::string, double>{{"srocc", validation}};
                           },
                           [&](const RunState&, bool best) { bests.push_back(best); },
                           [&] { return stop_after >= 0 && polls++ >= stop_after; }};
    return train(plan, parts, Rng(7), resume);
  }

  test::TinyIqa model;
  Numbered data;
  TrainPlan plan;
  std::unique_ptr<Defense> defense;
  std::unique_ptr<Loss> loss;
  std::unique_ptr<Optimizer> optimizer;
  double validation = 0.5;
  bool validates = true;
  std::function<void()> before_validation = [] {};
  std::vector<bool> bests;
  int stop_after = -1, polls = 0;
  std::int64_t batch_size = 4, least_batch = 1;
};

TrainBatch batch() {
  return {at::cat({det::picture({"a", 16, 16}), det::picture({"b", 16, 16})}),
          at::tensor({20.0F, 70.0F})};
}

StepResult one_step(Bench& bench, TrainBatch pictures = batch()) {
  return train_step({bench.model, *bench.loss, *bench.defense, *bench.optimizer},
                    std::move(pictures), Rng(1));
}

bool same_weights(const TensorMap& a, const TensorMap& b) {
  for (const auto& [name, tensor] : a) {
    if (!at::equal(tensor, b.at(name))) return false;
  }
  return true;
}

TensorMap copied(const TensorMap& tensors) {
  TensorMap copy;
  for (const auto& [name, tensor] : tensors) copy[name] = tensor.detach().clone();
  return copy;
}

TEST(TrainStep, SpendsOneForwardPassAndTheTwinTwo) {
  const TemporaryFolder folder;
  Bench baseline(folder.path()), twin(folder.path(), "gradient-norm:weight=1");
  baseline.model.set_training(true);
  twin.model.set_training(true);
  const StepResult plain = one_step(baseline), regularised = one_step(twin);
  EXPECT_EQ(baseline.model.forwards, 1);
  EXPECT_EQ(twin.model.forwards, 2);
  EXPECT_EQ(plain.penalty, 0);
  EXPECT_EQ(plain.gradient_norm, 0);
  EXPECT_GT(regularised.penalty, 0);
  EXPECT_GT(regularised.gradient_norm, 0);
  EXPECT_EQ(plain.loss, regularised.loss) << "the same weights and pictures";
  EXPECT_FALSE(same_weights(baseline.model.state(), twin.model.state()));
}

TEST(TrainStep, LowersTheLossInTheEnd) {
  const TemporaryFolder folder;
  Bench bench(folder.path());
  const double first = one_step(bench).loss;
  double last = 0;
  for (int i = 0; i < 100; ++i) last = one_step(bench).loss;
  EXPECT_LT(last, first);
}

TEST(TrainStep, ALossThatIsNotFiniteChangesNothing) {
  const TemporaryFolder folder;
  Bench bench(folder.path());
  const TensorMap before = copied(bench.model.state());
  TrainBatch bad = batch();
  bad.mos[1] = NAN;
  expect_error(ErrorKind::kNumeric, {"the loss is nan", "", "learning rate"},
               [&] { one_step(bench, bad); });
  EXPECT_TRUE(same_weights(before, bench.model.state()));
}

TEST(Training, ANanNamesEpochStepAndPictures) {
  const TemporaryFolder folder;
  Bench bench(folder.path());
  bench.data.records_[3].mos = NAN;
  try {
    bench.run();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
    EXPECT_THAT(error.what(), testing::ContainsRegex("training epoch 1, step [123], on picture"));
  }
}

TEST(Training, CountsStepsAndWritesItsHistory) {
  const TemporaryFolder folder;
  Bench bench(folder.path());
  const RunState state = bench.run();
  EXPECT_EQ(state.epoch, 3);
  EXPECT_EQ(state.step, 9);
  EXPECT_EQ(state.best_epoch, 1) << "of equals the first";
  EXPECT_THAT(bench.bests, testing::ElementsAre(true, false, false));
  const CsvTable history = read_csv(bench.plan.history_file);
  EXPECT_EQ(history.numbers("step"), (std::vector<double>{3, 6, 9}));
  EXPECT_EQ(checkpoints_in(bench.plan.checkpoints).size(), 2U) << "the last two are kept";
}

TEST(Training, MostStepsEndTheRunWithinAnEpoch) {
  const TemporaryFolder folder;
  Bench bench(folder.path());
  bench.plan.max_steps = 4;
  const RunState state = bench.run();
  EXPECT_EQ(state.step, 4);
  EXPECT_EQ(state.epoch, 2);
}

TEST(Training, StoppedAnywhereItResumesToTheSameWeights) {
  const TemporaryFolder folder;
  for (const std::string spec : {"none", "gradient-norm:weight=0.01"}) {
    Bench whole(folder.path() / spec / "whole", spec);
    const RunState wanted = whole.run();
    for (const int steps : {0, 1, 3, 4, 8}) {
      const fs::path at = folder.path() / spec / std::to_string(steps);
      Bench first(at, spec);
      first.stop_after = steps;
      EXPECT_THROW(first.run(), Interrupted);
      const auto saved = checkpoints_in(first.plan.checkpoints);
      ASSERT_FALSE(saved.empty());
      const bool within = saved.front().filename().string().find("-step-") != std::string::npos;
      EXPECT_EQ(within, steps % 4 != 0) << "it is asked once more at the end of an epoch";
      Bench second(at, spec);
      const RunState state = second.run(true);
      EXPECT_TRUE(same_weights(whole.model.state(), second.model.state())) << steps;
      ASSERT_EQ(state.history.size(), wanted.history.size());
      for (std::size_t i = 0; i < state.history.size(); ++i) {
        EXPECT_EQ(state.history[i].loss, wanted.history[i].loss);
        EXPECT_EQ(state.history[i].gradient_norm, wanted.history[i].gradient_norm);
      }
    }
  }
}

TEST(Training, KilledWithinAnEpochItGoesOnFromTheLastCheckpointOnTheWay) {
  const TemporaryFolder folder;
  Bench whole(folder.path() / "whole");
  whole.run();
  Bench first(folder.path() / "killed");
  first.plan.save_every_seconds = 0;
  first.before_validation = [] { throw std::runtime_error("killed"); };
  EXPECT_THROW(first.run(), std::runtime_error);
  const auto saved = checkpoints_in(first.plan.checkpoints);
  ASSERT_EQ(saved.size(), 2U) << "the last two are kept";
  EXPECT_THAT(saved.front().filename().string(), testing::HasSubstr("step-000003"));
  Bench second(folder.path() / "killed");
  EXPECT_EQ(second.run(true).step, 9);
  EXPECT_TRUE(same_weights(whole.model.state(), second.model.state()));
}

TEST(Training, ACheckpointOfAnotherConfigurationIsRefused) {
  const TemporaryFolder folder;
  Bench first(folder.path());
  first.run();
  Bench second(folder.path());
  second.plan.config_sha256 = "other";
  expect_error(ErrorKind::kUsage, {"another configuration", "epoch-0003", "another --out"},
               [&] { second.run(true); });
}

TEST(Training, TheLastEpochIsTheBestWithoutPicturesToValidateOn) {
  const TemporaryFolder folder;
  Bench bench(folder.path());
  bench.validates = false;
  EXPECT_EQ(bench.run().best_epoch, 3);
  EXPECT_THAT(bench.bests, testing::ElementsAre(true, true, true));
}

TEST(Training, AnUndefinedValidationMeasureIsNeverBetter) {
  const TemporaryFolder folder;
  Bench bench(folder.path());
  bench.plan.select_by = "plcc";  // which validate() does not give
  EXPECT_EQ(bench.run().best_epoch, 1);
}

/// A body with batch normalisation and a head, in groups of their own.
struct TwoPartNet : torch::nn::Module {
  TwoPartNet()
      : conv(register_module("conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 4, 3)))),
        bn(register_module("bn", torch::nn::BatchNorm2d(4))),
        fc(register_module("fc", torch::nn::Linear(4, 1))) {}
  torch::nn::Conv2d conv;
  torch::nn::BatchNorm2d bn;
  torch::nn::Linear fc;
};

class TwoPart final : public NetModel {
 public:
  TwoPart() : TwoPart(seeded()) {}
  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override {
    std::vector<at::Tensor> body = net_->conv->parameters();
    for (const at::Tensor& tensor : net_->bn->parameters()) body.push_back(tensor);
    return {{"body", body}, {"head", net_->fc->parameters()}};
  }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    return net_->fc(at::relu(net_->bn(net_->conv(images))).mean({2, 3})).squeeze(1);
  }

 private:
  static std::shared_ptr<TwoPartNet> seeded() {
    seed_torch_globals(Rng(5));
    return std::make_shared<TwoPartNet>();
  }
  explicit TwoPart(std::shared_ptr<TwoPartNet> net)
      : NetModel(ModelCard{.name = "two-part"}, net), net_(std::move(net)) {}
  std::shared_ptr<TwoPartNet> net_;
};

/// A first phase for the head, two epochs of SGD, and a main one, two of Adam; 3 steps an epoch.
struct PhasedBench {
  explicit PhasedBench(const fs::path& folder) {
    plan.checkpoints = folder / "checkpoints";
    plan.history_file = folder / "history.csv";
    plan.config_sha256 = "config";
    const std::vector<ParamGroup> groups = model.parameter_groups();
    sgd = std::make_unique<Optimizer>(
        OptimizerOptions{.name = "sgd", .learning_rate = 1e-3, .weight_decay = 0.1}, groups);
    adam = std::make_unique<Optimizer>(OptimizerOptions{.learning_rate = 0.01}, groups);
    phases.push_back(phase_of({model, *loss, *defense, *sgd}, 2));
    phases[0].groups = {"head"};
    phases[0].running_statistics = true;
    phases.push_back(phase_of({model, *loss, *defense, *adam}, 2));
  }
  /// Leaves the first phase out.
  void main_phase_alone() {
    phases.clear();
    phases.push_back(phase_of({model, *loss, *defense, *adam}, 2));
  }
  RunState run(bool resume = false) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < data.records_.size(); ++i) all.push_back(i);
    Loader loader(data, all, {16, 1, true}, {.batch_size = 4}, Rng(1));
    const TrainParts parts{phases, loader,
                           [&](QualityModel&) {
                             const double value = values.at(after.size());
                             return std::map<std::string, double>{{"srocc", value}};
                           },
                           [&](const RunState&, bool) { after.push_back(copied(model.state())); },
                           [&] { return stop_after >= 0 && polls++ >= stop_after; }};
    return train(plan, parts, Rng(7), resume);
  }

  TwoPart model;
  Numbered data;
  TrainPlan plan;
  std::unique_ptr<Defense> defense = Registry<Defense>::instance().make("none", {});
  std::unique_ptr<Loss> loss = Registry<Loss>::instance().make("l1", {});
  std::unique_ptr<Optimizer> sgd, adam;
  std::vector<TrainPhase> phases;
  std::vector<double> values = std::vector<double>(8, 0.5);  ///< of validation, an epoch each
  std::vector<TensorMap> after;                              ///< the state after every epoch
  int stop_after = -1, polls = 0;
};

const std::vector<std::string> kBody = {"conv.weight", "conv.bias", "bn.weight", "bn.bias"};
const std::vector<std::string> kStatistics = {"bn.running_mean", "bn.running_var"};

bool same(const TensorMap& a, const TensorMap& b, const std::vector<std::string>& names) {
  return std::ranges::all_of(
      names, [&](const std::string& name) { return at::equal(a.at(name), b.at(name)); });
}

TEST(Phases, OnlyTheNamedGroupsLearnAndStatisticsStay) {
  const TemporaryFolder folder;
  PhasedBench bench(folder.path());
  const TensorMap before = copied(bench.model.state());
  const RunState state = bench.run();
  ASSERT_EQ(bench.after.size(), 4U);
  EXPECT_TRUE(same(before, bench.after[1], kBody)) << "weight decay included";
  EXPECT_TRUE(same(before, bench.after[1], kStatistics));
  EXPECT_FALSE(same(before, bench.after[0], {"fc.weight"}));
  EXPECT_FALSE(same(bench.after[1], bench.after[2], kBody));
  EXPECT_FALSE(same(bench.after[1], bench.after[2], kStatistics));
  EXPECT_EQ(state.phase, 1);
  const CsvTable history = read_csv(bench.plan.history_file);
  EXPECT_EQ(history.numbers("phase"), (std::vector<double>{1, 1, 2, 2}));
  EXPECT_EQ(history.numbers("learning_rate"), (std::vector<double>{1e-3, 1e-3, 0.01, 0.01}));
  for (const ParamGroup& group : bench.model.parameter_groups()) {
    for (const at::Tensor& tensor : group.tensors) EXPECT_TRUE(tensor.requires_grad());
  }
}

TEST(Phases, WithBatchStatisticsAFrozenBodyDrifts) {
  const TemporaryFolder folder;
  PhasedBench bench(folder.path());
  bench.phases[0].running_statistics = false;
  const TensorMap before = copied(bench.model.state());
  bench.run();
  EXPECT_TRUE(same(before, bench.after[1], kBody));
  EXPECT_FALSE(same(before, bench.after[1], kStatistics));
}

TEST(Phases, TheNextOneBeginsWithTheBestWeightsAndChoosesItsOwn) {
  const TemporaryFolder folder;
  PhasedBench bench(folder.path());
  Optimizer still({.learning_rate = 0}, bench.model.parameter_groups());
  bench.phases.pop_back();
  bench.phases.push_back(phase_of({bench.model, *bench.loss, *bench.defense, still}, 2));
  bench.phases[1].running_statistics = true;
  bench.values = {0.9, 0.8, 0.1, 0.2};
  const RunState state = bench.run();
  EXPECT_FALSE(same_weights(bench.after[0], bench.after[1]));
  EXPECT_TRUE(same_weights(bench.after[0], bench.after[2]));
  EXPECT_EQ(state.best_epoch, 4) << "better epochs of an earlier phase do not count";
}

TEST(Phases, GroupsOfTheFirstEpochStayAfterIt) {
  const TemporaryFolder folder;
  PhasedBench bench(folder.path());
  bench.main_phase_alone();
  bench.phases[0].first_epoch_only = {"head"};
  const TensorMap before = copied(bench.model.state());
  bench.run();
  EXPECT_FALSE(same(before, bench.after[0], {"fc.weight", "fc.bias"}));
  EXPECT_TRUE(same(bench.after[0], bench.after[1], {"fc.weight", "fc.bias"}));
  EXPECT_FALSE(same(bench.after[0], bench.after[1], kBody));
}

TEST(Phases, ANewOptimizerEveryEpochIsAnotherWalk) {
  const TemporaryFolder folder;
  PhasedBench kept(folder.path() / "kept"), renewed(folder.path() / "renewed");
  for (PhasedBench* bench : {&kept, &renewed}) bench->main_phase_alone();
  renewed.phases[0].new_optimizer_every_epoch = true;
  kept.run();
  renewed.run();
  EXPECT_TRUE(same_weights(kept.after[0], renewed.after[0]));
  EXPECT_FALSE(same_weights(kept.after[1], renewed.after[1]));
}

TEST(Phases, StoppedAnywhereTheyResumeToTheSameWeights) {
  const TemporaryFolder folder;
  const auto set = [](PhasedBench& bench) {
    bench.values = {0.9, 0.8, 0.1, 0.2};
    bench.phases[1].new_optimizer_every_epoch = true;
    bench.phases[1].first_epoch_only = {"head"};
  };
  PhasedBench whole(folder.path() / "whole");
  set(whole);
  const RunState wanted = whole.run();
  for (int steps = 0; steps < 15; ++steps) {  // it is not asked after the last step
    const fs::path at = folder.path() / std::to_string(steps);
    PhasedBench first(at);
    set(first);
    first.stop_after = steps;
    EXPECT_THROW(first.run(), Interrupted);
    PhasedBench second(at);
    set(second);
    second.after.resize(first.after.size());
    const RunState state = second.run(true);
    EXPECT_TRUE(same_weights(whole.model.state(), second.model.state())) << steps;
    EXPECT_EQ(state.best_epoch, wanted.best_epoch);
    ASSERT_EQ(state.history.size(), wanted.history.size());
    for (std::size_t i = 0; i < state.history.size(); ++i) {
      EXPECT_EQ(state.history[i].loss, wanted.history[i].loss) << steps;
      EXPECT_EQ(state.history[i].phase, wanted.history[i].phase);
      EXPECT_EQ(state.history[i].learning_rate, wanted.history[i].learning_rate);
    }
  }
}

TEST(Phases, MostStepsCountOverAllOfThem) {
  const TemporaryFolder folder;
  PhasedBench bench(folder.path());
  bench.plan.max_steps = 7;
  const RunState state = bench.run();
  EXPECT_EQ(state.step, 7);
  EXPECT_EQ(state.phase, 1);
  EXPECT_EQ(state.epoch, 3);
}

TEST(Training, LabelsAreMappedBeforeTheLoss) {
  const TemporaryFolder folder;
  Bench plain(folder.path() / "plain"), mapped(folder.path() / "mapped");
  plain.plan.max_steps = mapped.plan.max_steps = 1;
  mapped.plan.labels = {.factor = 0, .offset = 1000};  // far above every score
  const double loss = mapped.run().history.front().loss;
  EXPECT_GT(loss, 900);
  EXPECT_LT(loss, 1000);
  EXPECT_LT(plain.run().history.front().loss, 100);
}

TEST(Training, WithoutABatchThereIsNothingToDo) {
  const TemporaryFolder folder;
  Bench bench(folder.path());
  bench.batch_size = bench.least_batch = 16;
  expect_error(ErrorKind::kUsage, {"too few training pictures", "", "--batch-size"},
               [&] { bench.run(); });
}

}  // namespace trainer_test
}  // namespace robiq
