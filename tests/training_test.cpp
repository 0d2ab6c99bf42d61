// Training the models by their recipes, from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/io/csv.h"
#include "robiq/model/weights.h"
#include "support/workbench.h"

namespace robiq {
namespace {

using test::Finished;
using test::Workbench;

Finished run(const std::string& arguments) {
  Finished got = Workbench::get().run(arguments);
  EXPECT_EQ(got.exit_code, 0) << got.err;
  return got;
}

CsvTable history(const std::string& out) {
  return read_csv(Workbench::get().path(out + "/history.csv"));
}

TEST(KorhonenSubstitute, LearnsLabelsInTheUnitRange) {
  run("train --quiet --model korhonen-substitute --data builtin:scenes=4,size=64 --limit 24 "
      "--epochs 3 --learning-rate 0.01 --out substitute");
  const std::vector<double> loss = history("substitute").numbers("loss");
  ASSERT_EQ(loss.size(), 3U);
  EXPECT_LT(loss.front(), 0.5) << "half a squared distance of numbers in [0,1]";
  EXPECT_LT(loss.back(), loss.front());
  const auto best = Workbench::get().path("substitute/checkpoints/best.safetensors");
  const LoadedModel loaded =
      load_model(parse_spec("korhonen-substitute", "test"), best, std::nullopt, c10::kCPU);
  EXPECT_EQ(loaded.model->card().scale, (ScoreScale{0, 1}));
}

TEST(KorhonenSubstitute, IsASurrogate) {
  run("train --quiet --model korhonen-substitute --data builtin:scenes=4,size=64 --max-steps 1 "
      "--out stand-in");
  const Finished got =
      run("evaluate --quiet --weights w.safetensors --data builtin:scenes=4,size=64 --limit 2 "
          "--attack fgsm --surrogate korhonen-substitute --surrogate-weights "
          "stand-in/checkpoints/best.safetensors --out transferred --format json");
  EXPECT_THAT(got.out, testing::HasSubstr("rmse"));
}

}  // namespace
}  // namespace robiq
