// One training step of every model that has a golden, as the trainer takes it.
#include "support/step_golden.h"

#include <gtest/gtest.h>

namespace robiq::golden {
namespace step_golden_test {

/// `nt`, where it has a mode of this name.
void expect_nt_block(const Golden& golden, const Step& step, const QualityModel& model,
                     const char* mode, Precision precision, bool batch_statistics) {
  const Tolerance tolerance = golden.tolerance(precision);
  expect_nt(step, model, golden.json.at("nt").at(mode), tolerance,
            batch_statistics ? tolerance.nt_batch : tolerance.nt);
}

class StepGolden : public testing::TestWithParam<std::tuple<std::string, Precision>> {
 protected:
  [[nodiscard]] Precision precision() const { return std::get<1>(GetParam()); }
  Golden golden_{std::get<0>(GetParam())};
};

TEST_P(StepGolden, BatchStatistics) {
  const auto model = filled_model(golden_, precision());
  const Json& block = golden_.json.at("train_step");
  const double relative = precision() == Precision::kDouble ? 1e-7 : 1e-3;
  expect_running_statistics(*model, block, "before", relative);
  // The two ways to keep running statistics, one in each precision.
  const bool official = precision() == Precision::kDouble;
  const Step step = take_step(*model, block, official ? "official" : "clean", precision());
  expect_step(golden_, step, block, precision(), true);
  expect_nt_block(golden_, step, *model, "train_bn", precision(), true);
  expect_running_statistics(*model, block,
                            official ? "after_official_3_forwards" : "after_1_forward", relative);
}

TEST_P(StepGolden, RunningStatistics) {
  const auto model = filled_model(golden_, precision());
  const Json& block = golden_.json.at("train_step_frozen_bn");
  const Step step = take_step(*model, block, "frozen", precision());
  expect_step(golden_, step, block, precision(), false);
  expect_nt_block(golden_, step, *model, "eval_bn", precision(), false);
  expect_running_statistics(*model, block, "after_official_3_forwards", 1e-7);
}

INSTANTIATE_TEST_SUITE_P(Models, StepGolden,
                         testing::Combine(testing::Values("hyperiqa", "linearityiqa"),
                                          testing::Values(Precision::kDouble, Precision::kFloat)),
                         [](const auto& which) {
                           return std::get<0>(which.param) +
                                  (std::get<1>(which.param) == Precision::kDouble ? "_float64"
                                                                                  : "_float32");
                         });

}  // namespace step_golden_test
}  // namespace robiq::golden
