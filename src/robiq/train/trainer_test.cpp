#include "robiq/train/trainer.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "robiq/core/files.h"
#include "robiq/io/csv.h"
#include "support/errors.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace {

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

/// Everything that a run needs, on TinyIQA: 10 pictures in batches of 4, so 3 steps an epoch.
struct Bench {
  explicit Bench(const fs::path& folder, const std::string& defense_spec = "none") {
    plan.epochs = 3;
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
    Loader loader(data, all, {16, 1, true}, {.batch_size = 4}, Rng(1));
    const TrainParts parts{{model, *loss, *defense, *optimizer},
                           loader,
                           [&](QualityModel&) {
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
  std::vector<bool> bests;
  int stop_after = -1, polls = 0;
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

}  // namespace
}  // namespace robiq
