// What the program prints when all is well: results on stdout, everything else on stderr.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "robiq/app/tools/catalog.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/io/table/csv.h"
#include "support/json_lines.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::Finished;
using test::json_lines;
using test::Workbench;
using testing::HasSubstr;
using testing::SizeIs;

Finished run(const std::string& arguments, const std::string& input = "") {
  return Workbench::get().run_well(arguments, input);
}

/// The one JSON value on stdout.
Json run_json(const std::string& arguments) { return Json::parse(run(arguments).out); }

TEST(Help, IsGivenOnEveryLevel) {
  const std::string top = run("--help").out;
  for (const std::string command : {"demo", "score", "train", "attack", "evaluate", "metrics",
                                    "report", "data", "list", "describe", "bench"}) {
    EXPECT_THAT(top, HasSubstr("\n  " + command));
    const Finished help = run(command + " --help");
    EXPECT_THAT(help.out, HasSubstr("Usage: "));
    EXPECT_EQ(help.err, "");
  }
  for (const std::string command :
       {"data list", "data synthesize", "bench nt-step", "bench score", "bench side-by-side"}) {
    EXPECT_THAT(run(command + " --help").out, HasSubstr("--format"));
  }
  EXPECT_THAT(run("train --help").out, HasSubstr("--nt-weight"));
}

TEST(Version, IsOneLine) {
  EXPECT_EQ(run("--version").out, "robiq " + std::string(version()) + "\n");
}

TEST(Catalog, EveryKindAndEveryEntryCanBeListedAndDescribed) {
  for (const std::string& kind : catalog_kinds()) {
    const Json listed = Json::parse(run("list " + kind + " --format json").out);
    const Json rows = listed.is_array() ? listed : Json::array({listed});
    ASSERT_EQ(rows.size(), list_entries(kind).size()) << kind;
    for (const Json& row : rows) EXPECT_NE(row.at("summary"), "") << row;
    const auto name = rows.front().at("name").get<std::string>();
    EXPECT_THAT(run("describe " + kind + " " + name).out, HasSubstr(name + ": "));
  }
  const Json step = run_json("describe attack ifgsm --format json");
  ASSERT_TRUE(step.is_array());
  EXPECT_EQ(step[0].at("option"), "epsilon");
  EXPECT_EQ(step[0].at("type"), "number");
}

TEST(Formats, HoldTheSameRows) {
  const std::string score = "score pictures --weights w.safetensors --threads 1 --format ";
  const Json whole = run_json(score + "json");
  const std::vector<Json> lines = json_lines(run(score + "jsonl").out);
  const CsvTable csv = parse_csv(run(score + "csv").out, "stdout");
  const std::string table = run(score + "table").out;
  ASSERT_THAT(whole, SizeIs(5));
  ASSERT_THAT(lines, SizeIs(5));
  ASSERT_THAT(csv.rows, SizeIs(5));
  EXPECT_THAT(split(table, '\n'), SizeIs(8)) << "header, rule, five rows, end";
  const std::vector<double> scores = csv.numbers("score");
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(whole[i], lines[i]);
    EXPECT_EQ(whole[i].at("image"), "pictures/p" + std::to_string(i) + ".png");
    EXPECT_EQ(whole[i].at("score").get<double>(), scores[i]);
    EXPECT_EQ(whole[i].at("model"), "cnniqa");
    EXPECT_EQ(whole[i].at("scale"), (Json{{"worst", 0.0}, {"best", 100.0}}));
    EXPECT_EQ(whole[i].at("weights"), "w.safetensors");
    EXPECT_THAT(whole[i].at("weights_sha256").get<std::string>(), SizeIs(64));
    EXPECT_TRUE(whole[i].contains("robiq_version"));
  }
}

TEST(Streams, ResultsGoToStdoutAndTheRestToStderr) {
  const std::string train =
      std::string("train --epochs 1 --format jsonl") + test::kTinyTraining + "--out ";
  const Finished loud = run(train + "loud"), quiet = run(train + "quiet --quiet");
  EXPECT_THAT(json_lines(loud.out), SizeIs(1));
  EXPECT_THAT(loud.err, HasSubstr("info: epoch 1: "));
  EXPECT_EQ(quiet.err, "");
  const Json row = json_lines(quiet.out).front();
  EXPECT_EQ(row.at("best"), "quiet/checkpoints/best.safetensors");
  EXPECT_EQ(row.at("steps"), 7);
  for (const char* file :
       {"config.toml", "history.csv", "split.csv", "log.txt", "results.sqlite"}) {
    EXPECT_TRUE(fs::exists(Workbench::get().path("quiet") / file)) << file;
  }
}

TEST(Score, OneBadPictureDoesNotStopTheOthers) {
  fs::copy(Workbench::get().path("pictures"), Workbench::get().path("mixed"));
  write_file(Workbench::get().path("mixed/p2.png"), "no picture");
  const Finished got =
      Workbench::get().run("score mixed --weights w.safetensors --format jsonl --threads 1");
  EXPECT_EQ(got.exit_code, 3);
  EXPECT_THAT(json_lines(got.out), SizeIs(4));
  EXPECT_THAT(got.err, HasSubstr("  at    mixed/p2.png"));
}

TEST(Score, JsonOfAFolderIsAnArrayHoweverManyPicturesAreScored) {
  const auto scored = [](const std::string& folder, std::size_t good, std::size_t bad) {
    const fs::path path = Workbench::get().path(folder);
    fs::create_directory(path);
    for (std::size_t i = 0; i < good; ++i) {
      fs::copy_file(Workbench::get().path("pictures/p0.png"),
                    path / std::to_string(i).append(".png"));
    }
    for (std::size_t i = 0; i < bad; ++i) {
      write_file(path / ("bad" + std::to_string(i) + ".png"), "no picture");
    }
    return Json::parse(Workbench::get()
                           .run("score " + folder +
                                " --format json --quiet --threads 1 --weights "
                                "w.safetensors")
                           .out);
  };
  for (const auto& [good, bad] : {std::pair{1, 0}, {1, 1}, {0, 2}}) {
    const Json rows = scored("of" + std::to_string(good) + std::to_string(bad), good, bad);
    ASSERT_TRUE(rows.is_array());
    EXPECT_THAT(rows, SizeIs(good));
  }
}

TEST(Score, ReadsPathsFromStandardInput) {
  const std::string score = "score --weights w.safetensors --threads 1 --format jsonl ";
  const Finished piped = run(score + "-", "pictures/p1.png\n\npictures/p0.png\n");
  EXPECT_EQ(piped.out, run(score + "pictures/p1.png pictures/p0.png").out);
  EXPECT_THAT(json_lines(piped.out), SizeIs(2));
}

TEST(Score, SensitivityBoundsTheScoreToFirstOrder) {
  const std::string score =
      "score pictures/p0.png --weights w.safetensors --threads 1 --format json";
  const Json plain = run_json(score), row = run_json(score + " --sensitivity 0.02");
  EXPECT_FALSE(plain.contains("gradient_l1"));
  EXPECT_NEAR(plain.at("score").get<double>(), row.at("score").get<double>(), 1e-5);
  const auto norm = row.at("gradient_l1").get<double>();
  EXPECT_GT(norm, 0);
  EXPECT_DOUBLE_EQ(row.at("score_bound").get<double>(), 0.02 * norm);
  // A step of the attack along the gradient's sign gains what the bound says, for a small epsilon.
  const Json tiny = run_json(
      "attack fgsm:epsilon=0.0001,loss=up pictures/p0.png --weights w.safetensors --threads 1 "
      "--level image --out tiny --format json");
  const double gain = tiny.at("after").get<double>() - tiny.at("before").get<double>();
  EXPECT_NEAR(gain, 0.0001 * norm, 0.1 * 0.0001 * norm);
}

TEST(Score, ScaleViewsAndFitDoWhatTheySay) {
  const std::string weights = " --weights w.safetensors --threads 1 --format json";
  const Json scaled = run_json("score pictures/p0.png --scale 9:1" + weights);
  EXPECT_EQ(scaled.at("scale"), (Json{{"worst", 9.0}, {"best", 1.0}}));
  EXPECT_TRUE(run_json("score small.png --fit" + weights).at("score").is_number());
  EXPECT_TRUE(run_json("score pictures/p0.png --purify resize:scale=0.3 --fit" + weights)
                  .at("score")
                  .is_number())
      << "what the purifier leaves is enlarged";
  EXPECT_NE(run_json("score pictures/p0.png --views 1" + weights).at("score"),
            run_json("score pictures/p0.png" + weights).at("score"));
}

class AttackCommand : public testing::TestWithParam<std::string> {};

TEST_P(AttackCommand, TheSavedPicturesScoreWhatItSays) {
  const std::string out = "attacked-" + GetParam();
  const Json row =
      run_json("attack ifgsm:steps=3 pictures/p0.png --weights w.safetensors --level " +
               GetParam() + " --threads 1 --format json --out " + out);
  const Json scored =
      run_json("score " + out + " --weights w.safetensors --threads 1 --format json");
  const Json all = scored.is_array() ? scored : Json::array({scored});
  ASSERT_EQ(all.size(), row.at("files").get<std::size_t>());
  double sum = 0;
  for (const Json& one : all) sum += one.at("score").get<double>();
  EXPECT_NEAR(row.at("after_8bit").get<double>(), sum / static_cast<double>(all.size()), 1e-4);
  EXPECT_LE(row.at("linf").get<double>(), 0.01 + 1e-6);
  EXPECT_GT(row.at("linf").get<double>(), 0);
  EXPECT_GT(row.at("psnr_db").get<double>(), 38) << "10 log10 (1 / 0.01^2) = 40";
  EXPECT_LE(row.at("ssim").get<double>(), 1);
  EXPECT_EQ(row.at("level"), GetParam());
  const at::Tensor clean = read_picture(Workbench::get().path("pictures/p0.png"));
  if (GetParam() == "image") {
    const at::Tensor saved = read_picture(Workbench::get().path(out) / "p0.png");
    EXPECT_LE((saved.to(at::kInt) - clean.to(at::kInt)).abs().max().item<int>(), 3);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, AttackCommand, testing::Values("view", "image"),
                         [](const auto& level) { return level.param; });

TEST(AttackNames, PicturesOfOneNameAreSavedUnderDifferentOnes) {
  for (const char* name : {"a/x.png", "b/x.png", "b/x.2.png"}) {
    fs::create_directories(Workbench::get().path(name).parent_path());
    fs::copy(Workbench::get().path("pictures/p0.png"), Workbench::get().path(name));
  }
  const Finished got =
      run("attack fgsm a/x.png b/x.png b/x.2.png --weights w.safetensors --level image --threads 1 "
          "--format jsonl --out names");
  std::set<std::string> files;
  for (const Json& row : json_lines(got.out)) files.insert(row.at("first_file"));
  EXPECT_THAT(files, SizeIs(3));
}

TEST(Metrics, TheMeasuresOfATableComeAsOneObject) {
  write_file(Workbench::get().path("s.csv"), "mos,before,after\n1,2,3\n2,3,4\n4,3.5,1\n");
  const Json all = run_json("metrics s.csv --bootstrap 0 --format json");
  EXPECT_EQ(all.at("n"), 3);
  EXPECT_EQ(all.at("mos_before").at("srocc"), 1.0);
  EXPECT_EQ(all.at("mos_after").at("srocc"), -0.5);
  EXPECT_TRUE(all.contains("before_after"));
  EXPECT_THAT(run("metrics s.csv --bootstrap 0").out, HasSubstr("before_after"));
}

TEST(EvaluateAndReport, MeasureAndTabulate) {
  const std::string evaluate =
      "evaluate --weights w.safetensors --data builtin:scenes=4,size=64 --limit 6 --threads 1 "
      "--attack fgsm ifgsm:steps=2 --bootstrap 20 --out evaluated --format ";
  const std::vector<Json> rows = json_lines(run(evaluate + "jsonl").out);
  ASSERT_THAT(rows, SizeIs(5)) << "clean, then both blocks of both attacks";
  for (const Json& row : rows) {
    EXPECT_EQ(row.at("n"), 6);
    for (const char* key : {"rmse", "srocc", "krocc", "plcc", "r", "srocc_low", "srocc_high"}) {
      const bool needs_after = std::string(key) == "r" && row.at("block") != "before_after";
      EXPECT_EQ(row.contains(key), !needs_after) << key;
    }
  }
  const CsvTable csv = parse_csv(run(evaluate + "csv").out, "stdout");
  EXPECT_TRUE(csv.has_column("r")) << "which only some rows have";
  const std::vector<Json> files = json_lines(run("report evaluated --format jsonl").out);
  ASSERT_FALSE(files.empty());
  for (const Json& file : files) {
    EXPECT_TRUE(fs::exists(Workbench::get().path(file.at("file").get<std::string>()))) << file;
  }
}

TEST(Configuration, TheOneThatWasWrittenCanBeGivenBack) {
  run("train --config trained/config.toml --out again --quiet");
  EXPECT_EQ(sha256_of_file(Workbench::get().path("again/checkpoints/best.safetensors")),
            sha256_of_file(Workbench::get().path("w.safetensors")));
}

TEST(Bench, NamesItsRatio) {
  const Json row = run_json(
      "bench nt-step --model cnniqa:hidden=16,filters=8 --batch 4 --steps 2 "
      "--format json");
  EXPECT_GT(row.at("ratio").get<double>(), 0);
  EXPECT_GT(row.at("peak_bytes").get<double>(), 0);
}

}  // namespace
}  // namespace robiq
