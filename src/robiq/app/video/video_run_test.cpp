#include "robiq/app/video/video_run.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/stop.h"
#include "robiq/model/weights/weights.h"
#include "support/errors.h"
#include "support/script_module.h"

namespace robiq {
namespace video_run_test {

std::vector<FrameScore> frames_of(const std::vector<double>& scores) {
  std::vector<FrameScore> frames;
  for (const double score : scores) frames.push_back({std::ssize(frames), score});
  return frames;
}

TEST(PooledScores, AreTheMeansThatLibvmafTakes) {
  const PooledScores pooled = pool_scores(frames_of({1, 3, 7}));
  EXPECT_DOUBLE_EQ(pooled.mean.value(), 11 / 3.0);
  EXPECT_DOUBLE_EQ(pooled.least.value(), 1);
  EXPECT_DOUBLE_EQ(pooled.most.value(), 7);
  EXPECT_DOUBLE_EQ(pooled.harmonic_mean.value(), 3 / (1 / 2.0 + 1 / 4.0 + 1 / 8.0) - 1);
  EXPECT_DOUBLE_EQ(pooled.percentile_5.value(), 1.2);
}

TEST(PooledScores, AreNoneWhereTheyMeanNothing) {
  EXPECT_FALSE(pool_scores({}).mean.has_value());
  EXPECT_FALSE(pool_scores(frames_of({-1, 3})).harmonic_mean.has_value());
}

/// A small CNNIQA and a video of six frames, 40 x 36, that grow noisier.
class ScoredVideo : public testing::Test {
 protected:
  ScoredVideo() {
    const auto model = Registry<QualityModel>::instance().make(
        parse_spec("cnniqa:hidden=8,filters=4", "test"), "test");
    WeightsCard card;
    card.model = "cnniqa";
    card.options = {{"hidden", "8"}, {"filters", "4"}};
    save_weights(*model, card, folder_.path() / "w.safetensors");
    std::string video = "YUV4MPEG2 W40 H36 F25:1 C420\n";
    for (int i = 0; i < 6; ++i) {
      video += "FRAME\n";
      for (int s = 0; s < 40 * 36; ++s) {
        video += static_cast<char>(100 + (s * 7919 % 64) * i / 6);
      }
      video += std::string(2 * 20 * 18, static_cast<char>(128));
    }
    write_file(folder_.path() / "v.y4m", video);
    write_file(folder_.path() / "cut.y4m", video.substr(0, video.size() - 9));
    request_.video = folder_.path() / "v.y4m";
    request_.weights = folder_.path() / "w.safetensors";
    request_.compute.threads = 1;
  }
  [[nodiscard]] VideoScores scores() const {
    return score_video(request_, [](const FrameRow&) {});
  }

  TemporaryFolder folder_;
  VideoRequest request_;
};

TEST_F(ScoredVideo, EveryFrameHasTheScoreItHasAlone) {
  const VideoScores all = scores();
  ASSERT_EQ(all.frames.size(), 6U);
  EXPECT_EQ(all.damage, "");
  EXPECT_EQ(all.frames_per_second, 25);
  request_.choice.start = 1;
  request_.choice.every = 2;
  request_.choice.frames = 2;
  const VideoScores some = scores();
  ASSERT_EQ(some.frames.size(), 2U);
  EXPECT_EQ(some.frames[0].number, 1);
  EXPECT_EQ(some.frames[1].number, 3);
  EXPECT_EQ(some.frames[1].score, all.frames[3].score);
}

nlohmann::ordered_json cells_of(const VideoScores& scores, OutputFormat format) {
  return VideoScores::columns().cells(std::vector<VideoScores>{scores}, format).front();
}

TEST_F(ScoredVideo, TheLogHasTheKeysOfLibvmaf) {
  const nlohmann::ordered_json log = cells_of(scores(), OutputFormat::kJson);
  EXPECT_EQ(log.at("frames").size(), 6U);
  EXPECT_EQ(log.at("scale").at("best"), 100);
  EXPECT_EQ(log.at("frames").at(2).at("frameNum"), 2);
  EXPECT_TRUE(log.at("frames").at(2).at("metrics").at("cnniqa").is_number());
  EXPECT_TRUE(log.at("pooled_metrics").at("cnniqa").at("harmonic_mean").is_number());
  EXPECT_FALSE(log.contains("note"));
  EXPECT_FALSE(log.contains("mean"));
}

TEST_F(ScoredVideo, TheLogNamesTheModelAndItsWeights) {
  const nlohmann::ordered_json log = cells_of(scores(), OutputFormat::kJson);
  EXPECT_EQ(log.at("model"), "cnniqa");
  EXPECT_EQ(log.at("weights"), request_.weights);
  EXPECT_EQ(log.at("weights_sha256"), sha256_of_file(request_.weights));
}

TEST_F(ScoredVideo, AStopLeavesTheFramesThatAreDone) {
  int scored = 0;
  const VideoScores some =
      score_video(request_, [&](const FrameRow&) { set_stop_requested(++scored == 2); });
  set_stop_requested(false);
  EXPECT_TRUE(some.interrupted);
  EXPECT_EQ(some.frames.size(), 2U);
  EXPECT_TRUE(some.pooled.mean.has_value());
  EXPECT_EQ(cells_of(some, OutputFormat::kJson).at("note"), "interrupted after 2 frames");
  EXPECT_EQ(cells_of(some, OutputFormat::kTable).at("note"), "interrupted after 2 frames");
  set_stop_requested(true);
  EXPECT_THROW(static_cast<void>(scores()), Interrupted);
  set_stop_requested(false);
}

TEST_F(ScoredVideo, OnATerminalItIsOneLine) {
  const VideoScores all = scores();
  const nlohmann::ordered_json line = cells_of(all, OutputFormat::kTable);
  EXPECT_EQ(line.at("frames"), 6);
  EXPECT_EQ(line.at("mean"), all.pooled.mean.value());
  EXPECT_EQ(line.at("model"), "cnniqa");
  EXPECT_FALSE(line.contains("pooled_metrics"));
}

TEST(FrameRows, AreNamedAsInLibvmafsLogs) {
  const FrameRow row{"cnniqa", {7, 1.5}};
  const auto json = FrameRow::columns().cells(std::vector<FrameRow>{row}, OutputFormat::kJsonLines);
  EXPECT_EQ(json.dump(), R"([{"frameNum":7,"metrics":{"cnniqa":1.5}}])");
  const std::vector<FrameLine> lines{{row}};
  EXPECT_EQ(render_results(lines, OutputFormat::kCsv), "Frame,cnniqa\n7,1.5\n");
}

TEST_F(ScoredVideo, WhatBreaksOffIsScoredUpToThere) {
  request_.video = folder_.path() / "cut.y4m";
  const VideoScores cut = scores();
  EXPECT_EQ(cut.frames.size(), 5U);
  EXPECT_NE(cut.damage.find("frame 5 is cut off"), std::string::npos) << cut.damage;
  EXPECT_TRUE(cells_of(cut, OutputFormat::kJson).contains("note"));
  request_.choice.start = 10;
  expect_error(ErrorKind::kData, {"frame 5", "cut.y4m", "--start"},
               [&] { static_cast<void>(scores()); });
}

TEST_F(ScoredVideo, AFrameThatCannotBeScoredEndsItAndIsNamed) {
  // Another network in its place: NaN from frame 3 on, and -1 before.
  request_.model =
      "torchscript:" + test::save_script(folder_.path() / "late.pt",
                                         "    m = x.mean([1, 2, 3])\n"
                                         "    nan = m * float('nan')\n"
                                         "    return torch.where(m > 0.45, nan, m * 0 - 1)\n");
  request_.weights = "";
  const VideoScores some = scores();
  ASSERT_GT(some.frames.size(), 1U);
  ASSERT_LT(some.frames.size(), 6U);
  const std::string frame = "frame " + std::to_string(some.frames.size());
  EXPECT_TRUE(some.damage.starts_with(frame + " cannot be scored: ")) << some.damage;
  EXPECT_EQ(some.damage_kind, ErrorKind::kNumeric);
  const nlohmann::ordered_json log = cells_of(some, OutputFormat::kJson);
  EXPECT_EQ(log.at("note"), some.damage + "; no harmonic mean: a score is -1 or below");
  request_.choice.start = std::ssize(some.frames);
  expect_error(ErrorKind::kNumeric, {frame + " cannot be scored", "v.y4m", "*"},
               [&] { static_cast<void>(scores()); });
}

TEST_F(ScoredVideo, WithoutItsFramesTheRestIsOneLine) {
  VideoScores last = scores();
  last.frames.clear();
  const nlohmann::ordered_json line = cells_of(last, OutputFormat::kJsonLines);
  EXPECT_FALSE(line.contains("frames"));
  EXPECT_TRUE(line.contains("pooled_metrics") && line.contains("weights_sha256"));
  EXPECT_TRUE(line.contains("robiq_version"));
}

}  // namespace video_run_test
}  // namespace robiq
