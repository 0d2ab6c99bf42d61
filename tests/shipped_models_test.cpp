// The models that come with robiq: found without --weights, honest about themselves, and made again
// with the same bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "robiq/app/run/flag_parts.h"
#include "robiq/attack/filters/picture_filter.h"
#include "robiq/core/files/files.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/model/weights/shipped_weights.h"
#include "robiq/model/weights/weights.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/errors.h"
#include "support/places.h"
#include "support/program.h"
#include "support/shell.h"
#include "support/test_files.h"

namespace robiq {
namespace shipped_models_test {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(ShippedModels, AreABaselineAndItsTwinWithCards) {
  EXPECT_THAT(shipped_weights(), testing::ElementsAre("cnniqa", "cnniqa-nt"));
  const fs::path assets = fs::path(test::source_folder()) / "assets" / "models";
  for (const std::string& name : shipped_weights()) {
    const std::string file = find_weights(parse_spec("cnniqa", "test"), "shipped:" + name);
    const WeightsCard card = read_weights_card(file);
    EXPECT_EQ(card.model, "cnniqa");
    EXPECT_EQ(card.defense == "none", name == "cnniqa") << card.defense;
    EXPECT_GT(card.validation.at("srocc"), 0.7);
    // The card for people says which file it speaks of.
    EXPECT_THAT(read_file(assets / (name + ".md"), 1 << 16), HasSubstr(sha256_of_file(file)));
  }
}

TEST(ShippedModels, AreTakenWhereNoWeightsAreNamedAndSaidToBe) {
  const TemporaryFolder folder;
  write_png(folder.path() / "p.png", det::image({"shipped", 64, 80}));
  const test::Finished plain = test::run_program(folder.path(), "score p.png --format json");
  EXPECT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_THAT(plain.err, HasSubstr("no --weights: the model is the cnniqa that comes with robiq"));
  const test::Finished named =
      test::run_program(folder.path(), "score p.png --weights shipped:cnniqa --format json");
  EXPECT_EQ(plain.out, named.out);
  const test::Finished twin =
      test::run_program(folder.path(), "score p.png --weights shipped:cnniqa-nt --format json");
  EXPECT_NE(plain.out, twin.out);
  const test::Finished none = test::run_program(folder.path(), "score p.png --weights shipped:x");
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("shipped:cnniqa-nt"));
}

/// The commands that `robiq` alone shows for a picture of one's own.
std::vector<std::string> first_commands(const std::string& shown) {
  std::vector<std::string> commands;
  std::istringstream lines(shown);
  for (std::string line; std::getline(lines, line);) {
    const bool other = line.find("run/") != std::string::npos;
    if (!line.starts_with("  robiq ") || line.find("photo.jpg") == std::string::npos || other) {
      continue;
    }
    const std::size_t begin = std::string("  robiq ").size();
    commands.push_back(line.substr(begin, line.find("  ", begin) - begin));
  }
  return commands;
}

TEST(ShippedModels, ServeTheFirstStepsThatRobiqShows) {
  const TemporaryFolder folder;
  write_png(folder.path() / "photo.jpg", det::image({"first", 64, 80}));
  const std::vector<std::string> commands =
      first_commands(test::run_program(folder.path(), "").out);
  ASSERT_EQ(commands.size(), 3U);
  for (const std::string& command : commands) {
    const test::Finished done = test::run_program(folder.path(), command);
    EXPECT_EQ(done.exit_code, 0) << command << "\n" << done.err;
  }
  EXPECT_FALSE(fs::is_empty(folder.path() / "attacked"));
}

TEST(ShippedModels, LetTheQuickDemoTrainNothing) {
  const TemporaryFolder folder;
  const test::Finished demo = test::run_program(
      folder.path(),
      "demo --quick --out d --limit 2 --data builtin:scenes=5,size=64,seed=9 --format json");
  EXPECT_EQ(demo.exit_code, 0) << demo.err;
  EXPECT_THAT(demo.out, HasSubstr("\"nt\""));
  EXPECT_TRUE(fs::exists(folder.path() / "d/report/index.html"));
  EXPECT_FALSE(fs::exists(folder.path() / "d/base/checkpoints"));
  EXPECT_EQ(test::run_program(folder.path(), "demo --quick --epochs 2").exit_code, 2);
}

TEST(ShippedModels, ScoreAPhotographLowerTheMoreJpegItHasGoneThrough) {
  const fs::path photographs = test::shared_path("data/photos");
  if (photographs.empty()) GTEST_SKIP() << "the shared photographs are not here";
  const auto jpeg = Registry<PictureFilter>::instance().make("jpeg", {});
  for (const std::string& name : shipped_weights()) {
    const std::string weights = find_weights(parse_spec("cnniqa", "test"), "shipped:" + name);
    const LoadedModel loaded = load_model_flag("cnniqa", weights, "", "cpu");
    const PictureScorer scorer(*loaded.model);
    for (const char* photograph : {"kodim03.png", "kodim04.png", "kodim07.png", "maniqa_dog.jpg"}) {
      const at::Tensor bytes = read_picture(photographs / photograph);
      const at::Tensor whole = to_float(bytes.slice(1, 0, 384).slice(2, 0, 384)).unsqueeze(0);
      double before = scorer.ensemble(384, 384, Rng(0))->score(whole).item<double>();
      for (const double quality : {60, 30, 10}) {
        const at::Tensor coded = jpeg->apply(whole, quality, {});
        const double now = scorer.ensemble(384, 384, Rng(0))->score(coded).item<double>();
        EXPECT_LT(now, before - 1) << name << " " << photograph << " at quality " << quality;
        before = now;
      }
    }
  }
}

TEST(ShippedModels, AreMadeAgainWithTheSameBytes) {
  const TemporaryFolder folder;
  const std::string line =
      "SCENES=4 STAGES=\"64:1 96:0\" EPOCHS=1 '" + test::source_folder() + "/scripts/models.sh' ";
  const test::Finished first = test::run_shell(folder.path(), line + "a \"$robiq\""),
                       second = test::run_shell(folder.path(), line + "b \"$robiq\"");
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.out, second.out);
  EXPECT_NE(sha256_of_file(folder.path() / "a/cnniqa.safetensors"),
            sha256_of_file(folder.path() / "a/cnniqa-nt.safetensors"));
}

}  // namespace shipped_models_test
}  // namespace robiq
