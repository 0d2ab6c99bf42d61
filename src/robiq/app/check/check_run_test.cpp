#include "robiq/app/check/check_run.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "robiq/attack/filters/picture_filter.h"
#include "robiq/attack/universal_file.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/stop.h"
#include "robiq/data/synthetic/scene/scene.h"
#include "robiq/model/weights/weights.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/errors.h"

namespace robiq {
namespace check_run_test {

/// A small CNNIQA and a picture on disk.
class Gaming : public testing::Test {
 protected:
  Gaming() {
    const auto model = Registry<QualityModel>::instance().make(
        parse_spec("cnniqa:hidden=8,filters=4", "test"), "test");
    WeightsCard card;
    card.model = "cnniqa";
    card.options = {{"hidden", "8"}, {"filters", "4"}};
    card.scale = {0, 1};
    save_weights(*model, card, folder_.path() / "w.safetensors");
    write_png(folder_.path() / "p.png", det::image({"gaming", 64, 72}));
    request_.pictures = {folder_.path() / "p.png"};
    request_.weights = folder_.path() / "w.safetensors";
    request_.compute.threads = 1;
    request_.perturbation = "none";  // a fit takes seconds
  }

  TemporaryFolder folder_;
  GamingRequest request_;
};

TEST_F(Gaming, TriesEveryFilterAndJudgesByTheEditsThatKeepThePicture) {
  request_.figure = folder_.path() / "f.svg";
  const GamingResult result = run_gaming_check(request_);
  EXPECT_GT(result.edits.size(), 30U);
  double most = -1e9;
  for (const EditResult& edit : result.edits) {
    EXPECT_LE(edit.ssim, 1 + 1e-6) << edit.edit;
    if (edit.ssim >= request_.similarity) most = std::max(most, edit.gain);
  }
  EXPECT_EQ(result.most.gain, most);
  EXPECT_EQ(result.gamed, most >= request_.gain);
  EXPECT_NE(result.verdict.find(result.most.edit), std::string::npos) << result.verdict;
  const std::string figure = read_file(request_.figure, 1 << 24);
  EXPECT_EQ(std::count(figure.begin(), figure.end(), '\n') > 30, true);
  EXPECT_TRUE(figure.starts_with("<svg"));
}

TEST_F(Gaming, AFigureReplacesNothingThatRobiqDidNotDraw) {
  const auto refused = [&](const std::string& figure, const std::string& what) {
    request_.figure = figure;
    expect_error(ErrorKind::kUsage, {what, "--figure", "*"},
                 [&] { static_cast<void>(run_gaming_check(request_)); });
  };
  const std::string picture = request_.pictures.front();
  const std::string before = read_file(picture, 1 << 24);
  refused(picture, "has another ending");
  refused(folder_.path() / "none" / "f.svg", "there is no folder");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "none"));
  std::filesystem::create_symlink(picture, folder_.path() / "link.svg");
  request_.force = true;
  refused(folder_.path() / "link.svg", "which is read");
  EXPECT_EQ(read_file(picture, 1 << 24), before);
  request_.force = false;
  write_file(folder_.path() / "f.svg", "<svg>drawn by hand</svg>");
  refused(folder_.path() / "f.svg", "robiq did not draw it");
  request_.force = true;
  EXPECT_NO_THROW(check_figure_file(request_, {}));
  write_file(folder_.path() / "f.svg", gaming_figure({}, {}));
  request_.force = false;
  EXPECT_NO_THROW(check_figure_file(request_, {}));
}

TEST_F(Gaming, AListOnStandardInputServesTheCheckAndItsFigure) {
  std::istringstream lines(request_.pictures.front() + "\n");
  request_.pictures = {"-"};
  request_.figure = folder_.path() / "f.svg";
  std::streambuf* const kept = std::cin.rdbuf(lines.rdbuf());
  const GamingResult result = run_gaming_check(request_);
  std::cin.rdbuf(kept);
  EXPECT_EQ(result.pictures, 1);
  EXPECT_TRUE(std::filesystem::exists(request_.figure));
}

TEST_F(Gaming, APerturbationIsFittedToTheModelUnlessNoneIsWanted) {
  const auto tried = [&] {
    std::vector<double> gains;
    for (const EditResult& edit : run_gaming_check(request_).edits) {
      if (edit.edit == kPerturbationEdit) gains.push_back(edit.gain);
    }
    return gains;
  };
  request_.perturbation = "fit";
  request_.weights = "shipped:cnniqa";
  const synthetic::Planes scene = synthetic::render_scene(5, 1, 128);
  write_png(folder_.path() / "p.png",
            (at::tensor(scene.values).view({3, 128, 128}) * 255).round().to(at::kByte));
  const std::vector<double> gains = tried();
  ASSERT_EQ(gains.size(), 4U);
  EXPECT_GT(gains.front(), 5) << "it raises the score of a scene that it has not seen";
  request_.perturbation = "none";
  EXPECT_TRUE(tried().empty());
}

TEST_F(Gaming, AModelThatTakesNoPaintedSceneIsCheckedWithoutAPerturbation) {
  const auto model = Registry<QualityModel>::instance().make(
      parse_spec("cnniqa:hidden=8,filters=4,patch=280", "test"), "test");
  WeightsCard card;
  card.model = "cnniqa";
  card.options = {{"hidden", "8"}, {"filters", "4"}, {"patch", "280"}};
  card.scale = {0, 1};
  save_weights(*model, card, folder_.path() / "large.safetensors");
  write_png(folder_.path() / "large.png", det::image({"gaming", 280, 290}));
  request_.pictures = {folder_.path() / "large.png"};
  request_.weights = folder_.path() / "large.safetensors";
  request_.perturbation = "fit";
  testing::internal::CaptureStderr();
  const GamingResult result = run_gaming_check(request_);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("no universal perturbation is tried"), std::string::npos) << said;
  EXPECT_GT(result.edits.size(), 30U);
  for (const EditResult& edit : result.edits) EXPECT_NE(edit.edit, kPerturbationEdit);
}

TEST_F(Gaming, APerturbationIsTriedAtStrengthsOfItsLargestChange) {
  request_.perturbation = folder_.path() / "u.safetensors";
  // Half of what its bound allows: strengths are of the values, not of the bound.
  write_universal(request_.perturbation, {at::full({1, 3, 16, 16}, 0.05F), 0.1}, "test");
  std::vector<std::string> strengths;
  GamingResult result = run_gaming_check(request_);
  std::sort(result.edits.begin(), result.edits.end(),
            [](const EditResult& a, const EditResult& b) { return a.strength < b.strength; });
  for (const EditResult& edit : result.edits) {
    if (edit.edit != kPerturbationEdit) continue;
    strengths.push_back(edit.strength_text());
    // Constant, but for samples that are white already.
    EXPECT_GE(edit.psnr_db, -20 * std::log10(edit.strength) - 1e-3);
    EXPECT_LT(edit.psnr_db, -20 * std::log10(edit.strength) + 3);
  }
  EXPECT_EQ(strengths, (std::vector<std::string>{"2/255", "4/255", "8/255", "16/255"}));
}

TEST(GamingRows, BeginWithTheEditsThatGameAndSayWhereNothingChanged) {
  GamingResult result;
  result.edits = {{"weak", 1, 2, 0.99, 40, 1, true},
                  {"coarse", 1, 30, 0.2, 20, 1, true},
                  {"less", 1, 6, 0.95, 30, 1, true},
                  {"most", 1, 9, 0.95, 30, 1, true},
                  {"none", 1, 0, 1, 99, 1, false}};
  judge_edits({}, result);
  std::vector<std::string> order;
  for (const EditResult& edit : result.edits) order.push_back(edit.edit);
  EXPECT_EQ(order, (std::vector<std::string>{"most", "less", "coarse", "weak", "none"}));
  const auto rows = EditResult::columns().cells(result.edits, OutputFormat::kTable);
  EXPECT_EQ(rows.back().at("note"), "changes no pixel");
  result.edits = {{.edit = "blur", .gain = 3, .pictures = 1, .changed = 1, .damages = true},
                  {.edit = "jpeg", .gain = -3, .pictures = 1, .changed = 1, .damages = true}};
  const auto damage = EditResult::columns().cells(result.edits, OutputFormat::kTable);
  EXPECT_EQ(damage.front().at("note"), "rewards damage");
  EXPECT_FALSE(damage.back().contains("note"));
  EXPECT_FALSE(rows.front().contains("note"));
}

TEST(GamingCurves, AreOneForEachSideOfAFiltersIdentity) {
  GamingResult result;
  result.edits = {{"gamma", 0.8, 3, 0.95, 30, 1, 1, 1},
                  {"gamma", 0.5, 4, 0.85, 25, 1, 1, 1},
                  {"gamma", 1.25, -2, 0.94, 30, 1, 1, 1},
                  {"blur", 2, 9, 0.8, 30, 1, 1, 0},
                  {kPerturbationEdit, 0.1, 50, 0.95, 30, 1, 1, 0}};
  judge_edits({}, result);
  ASSERT_TRUE(result.curves.has_value());
  EXPECT_EQ(result.curves->gamed_by, "gamma below 1");
  // A line from (0, 0) to (0.05, 3), then one towards (0.15, 4), cut at 0.1.
  EXPECT_NEAR(result.curves->gamed, (0.05 * 1.5 + 0.05 * (3 + 3.5) / 2) / 0.1, 1e-9);
  EXPECT_EQ(result.curves->largest_by, "gamma below 1");
  EXPECT_NEAR(result.curves->largest_gain, 3, 1e-9);
  EXPECT_EQ(result.curves->short_curves, (std::vector<std::string>{"gamma above 1"}));
  EXPECT_EQ(result.weighed(),
            "Between SSIM 1 and 0.9 gamma below 1 gains most for its damage, 2.4 points on "
            "average; at SSIM 0.95 gamma below 1, 3.0 points");
  const nlohmann::ordered_json row =
      GamingResult::columns().cells(std::vector<GamingResult>{result}, OutputFormat::kJson).front();
  EXPECT_EQ(row.at("mean_gain_by"), "gamma below 1");
  EXPECT_NEAR(row.at("largest_gain").get<double>(), 3, 1e-9);
}

TEST_F(Gaming, AStopLeavesTheEditsThatAreDone) {
  int scored = 0;
  const GamingResult result =
      run_gaming_check(request_, [&] { set_stop_requested(++scored == 3); });
  set_stop_requested(false);
  EXPECT_EQ(result.edits.size(), 3U);
  EXPECT_TRUE(result.note.starts_with("interrupted after 3 of ")) << result.note;
  set_stop_requested(true);
  EXPECT_THROW(static_cast<void>(run_gaming_check(request_)), Interrupted);
  set_stop_requested(false);
}

TEST(GamingFigure, HoldsAnyVerdictAndTellsTheFiltersApart) {
  GamingResult result;
  result.model = "a<b\x01";
  for (int line = 0; line < 20; ++line) result.verdict += "gains nothing ";
  std::set<std::string> colours;
  for (const auto& [name, entry] : Registry<PictureFilter>::instance().entries()) {
    result.edits.push_back({name, 1, 2, 0.95, 30});
  }
  const std::string figure = gaming_figure(result, {});
  EXPECT_NE(figure.find("a&lt;b\\x01: gains"), std::string::npos);
  EXPECT_EQ(figure.find('\x01'), std::string::npos);
  const std::string mark = "cx=\"640\"", fill = "fill=\"";
  for (std::size_t dot = figure.find(mark); dot != figure.npos; dot = figure.find(mark, dot + 1)) {
    colours.insert(figure.substr(figure.find(fill, dot) + fill.size(), 7));
  }
  EXPECT_EQ(colours.size(), result.edits.size());
}

TEST_F(Gaming, IsARowWithItsEditsInside) {
  const std::vector<GamingResult> results{run_gaming_check(request_)};
  const auto row = GamingResult::columns().cells(results, OutputFormat::kJson).front();
  EXPECT_EQ(row.at("model"), "cnniqa");
  EXPECT_EQ(row.at("weights"), request_.weights);
  EXPECT_EQ(row.at("weights_sha256"), sha256_of_file(request_.weights));
  EXPECT_EQ(row.at("verdict"), results.front().verdict);
  ASSERT_EQ(row.at("edits").size(), results.front().edits.size());
  EXPECT_EQ(row.at("edits").at(0).at("gain"), results.front().edits.front().gain);
}

std::vector<double> gains_of(const GamingResult& result) {
  std::vector<double> gains;
  for (const EditResult& edit : result.edits) gains.push_back(edit.gain);
  return gains;
}

TEST_F(Gaming, APictureHasTheSameNumbersWhereverItLies) {
  const std::vector<double> here = gains_of(run_gaming_check(request_));
  make_folder(folder_.path() / "elsewhere");
  std::filesystem::copy_file(folder_.path() / "p.png", folder_.path() / "elsewhere/q.png");
  request_.pictures = {folder_.path() / "elsewhere/q.png"};
  EXPECT_EQ(gains_of(run_gaming_check(request_)), here);
}

/// A video of grey frames of so many levels each.
/// Frames of stripes, so that a model that looks at contrast alone tells them apart.
std::string striped_video(const std::vector<int>& levels) {
  std::string video = "YUV4MPEG2 W64 H64 F25:1 C420jpeg\n";
  for (const int level : levels) {
    video += "FRAME\n";
    for (int row = 0; row < 64; ++row) {
      video += std::string(64, static_cast<char>(row % 8 < 4 ? 100 : level));
    }
    video += std::string(2 * 32 * 32, static_cast<char>(128));
  }
  return video;
}

TEST_F(Gaming, FramesAreSpreadOverTheWholeVideo) {
  const auto before = [&](const std::vector<int>& levels) {
    write_file(folder_.path() / "v.y4m", striped_video(levels));
    request_.pictures = {folder_.path() / "v.y4m"};
    request_.frames = 4;
    const GamingResult result = run_gaming_check(request_);
    EXPECT_EQ(result.pictures, 4);
    return result.before;
  };
  const double dark = before({50, 50, 50, 50});
  const double bright = before({200, 200, 200, 200});
  EXPECT_NE(dark, bright);
  EXPECT_NEAR(before({50, 50, 50, 200, 200, 200, 200}), (dark + bright) / 2, 1e-4)
      << "frames 0, 1, 3 and 5";
}

TEST_F(Gaming, TheThresholdsDecide) {
  request_.gain = 0;
  request_.similarity = -1;
  const GamingResult loose = run_gaming_check(request_);
  EXPECT_TRUE(loose.gamed) << loose.verdict;
  request_.gain = 100;
  EXPECT_FALSE(run_gaming_check(request_).gamed);
}

TEST_F(Gaming, IsAFunctionOfTheSeed) {
  const GamingResult a = run_gaming_check(request_), b = run_gaming_check(request_);
  for (std::size_t i = 0; i < a.edits.size(); ++i) EXPECT_EQ(a.edits[i].gain, b.edits[i].gain);
}

}  // namespace check_run_test
}  // namespace robiq
