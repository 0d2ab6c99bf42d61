#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/model/net_model.h"
#include "robiq/tensor/random.h"
#include "robiq/train/trainer.h"
#include "support/numbered_pictures.h"

namespace robiq {
namespace training_phases_test {

namespace fs = std::filesystem;
using test::copied;
using test::NumberedPictures;
using test::phase_of;
using test::same_weights;

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
        OptimizerOptions{.kind = OptimizerKind::kSgd, .learning_rate = 1e-3, .weight_decay = 0.1},
        groups);
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
  NumberedPictures data;
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

}  // namespace training_phases_test
}  // namespace robiq
