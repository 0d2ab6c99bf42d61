#include "robiq/train/trainer.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/tensor/random.h"
#include "support/errors.h"
#include "support/numbered_pictures.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace trainer_test {

namespace fs = std::filesystem;
using test::copied;
using test::NumberedPictures;
using test::phase_of;
using test::same_weights;

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
  NumberedPictures data;
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

TEST(Training, KilledInAnyValidationItGoesOnToTheSameEnd) {
  const TemporaryFolder folder;
  for (const std::int64_t max_steps : {0, 2, 5}) {
    const fs::path at = folder.path() / std::to_string(max_steps);
    Bench whole(at / "whole");
    whole.plan.max_steps = max_steps;
    const RunState wanted = whole.run();
    for (std::size_t epoch = 1; epoch <= wanted.history.size(); ++epoch) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, std::to_string(epoch));
      const fs::path killed = at / std::to_string(epoch);
      Bench first(killed);
      first.plan.max_steps = max_steps;
      first.plan.save_every_seconds = 0;
      std::size_t validations = 0;
      first.before_validation = [&] {
        if (++validations == epoch) throw std::runtime_error("killed");
      };
      EXPECT_THROW(first.run(), std::runtime_error);
      Bench second(killed);
      second.plan.max_steps = max_steps;
      const RunState state = second.run(true);
      EXPECT_EQ(state.step, wanted.step);
      EXPECT_EQ(state.best_epoch, wanted.best_epoch);
      EXPECT_EQ(state.history.size(), wanted.history.size());
      EXPECT_TRUE(same_weights(whole.model.state(), second.model.state()));
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
