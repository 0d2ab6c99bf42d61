// A model, a defense, a purifier and a black-box attack that robiq does not know, from one plugin
// outside the tree: trained, evaluated and reported, each in its place in every table and figure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/results_store.h"
#include "support/installed.h"
#include "support/workbench.h"

namespace robiq {
namespace plugin_study_test {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::shell;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kNames = {"edge-iqa", "noise-augment", "box-blur", "sign-noise"};

fs::path path(const std::string& name) { return test::Workbench::get().path(name); }
std::string text_of(const fs::path& file) { return read_file(file, 64U << 20U); }

std::string plugin() {
  return std::string(test::kInstalledRobiq) + "--plugin my_study/libmy_study.so ";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, text.npos) << from;
  return place == text.npos ? text : text.replace(place, from.size(), to);
}

/// The texts of a column, as they stand.
std::vector<std::string> column(const std::string& table, const std::string& name) {
  const CsvTable csv = read_csv(path("study/report/tables/" + table + ".csv"));
  std::vector<std::string> texts;
  for (const auto& row : csv.rows) texts.push_back(row[csv.column(name)]);
  return texts;
}

std::vector<std::string> without_repeats(const std::vector<std::string>& texts) {
  std::vector<std::string> kept;
  for (const std::string& text : texts) {
    if (std::find(kept.begin(), kept.end(), text) == kept.end()) kept.push_back(text);
  }
  return kept;
}

/// examples/my_study, built against an installation; its study, shrunk to seconds; and its report,
/// which is written without the plugin. Made once.
class PluginStudy : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    test::install_this_build();
    test::build_example("my_study");
    std::string study = text_of(test::source_folder() + "/examples/my_study/study.toml");
    study = replaced(study, "scenes=16,size=96", "scenes=6,size=64");
    study = replaced(study, "epochs = 4", "epochs = 1");
    study = replaced(study, "limit = 24", "limit = 8\nbootstrap = 20");
    write_file(path("study.toml"), study);
    shell(plugin() + "experiment run study.toml --out study --threads 1 --quiet");
    shell(std::string(test::kInstalledRobiq) + "report study --quiet");
  }
};

TEST_F(PluginStudy, TheTreeNamesNoneOfThem) {
  for (const char* folder : {"/src", "/assets", "/cmake", "/experiments"}) {
    for (const auto& entry : fs::recursive_directory_iterator(test::source_folder() + folder)) {
      if (!entry.is_regular_file()) continue;
      const std::string text = text_of(entry.path());
      for (const std::string& name : kNames) EXPECT_EQ(text.find(name), text.npos) << entry.path();
    }
  }
}

TEST_F(PluginStudy, TheAttackIsABlackBoxByItsTitleInThePlaceOfItsRank) {
  const std::vector<std::string> attacks{"FGSM", "Random signs* epsilon=0.01",
                                         "Random signs* epsilon=0.03"};
  EXPECT_EQ(column("attacks", "attack"), attacks);
  EXPECT_THAT(column("attacks", "made_on"), ElementsAre("the attacked model", "", ""));
  for (const char* table : {"rmse", "srocc", "s6", "cost"}) {
    EXPECT_EQ(without_repeats(column(table, "attack")), attacks) << table;
  }
  EXPECT_THAT(column("s7", "attacks"), Contains(HasSubstr("Black box")));
}

TEST_F(PluginStudy, TheModelHasTheTitleOfItsCard) {
  for (const char* table : {"clean", "summary", "lambda", "cost"}) {
    EXPECT_THAT(without_repeats(column(table, "model")),
                testing::UnorderedElementsAre("EdgeIQA", "CNNIQA"))
        << table;
  }
}

TEST_F(PluginStudy, TheDefenseIsTitledAndSweptByItsCard) {
  EXPECT_THAT(without_repeats(column("clean", "defense")),
              ElementsAre("base", "+NT", "+Noise 0.02", "+Noise 0.05"));
  EXPECT_THAT(without_repeats(column("lambda", "reach")), ElementsAre("0", "0.02", "0.05"));
  EXPECT_THAT(text_of(path("study/report/tables/lambda.md")), HasSubstr("The reach of Noise"));
}

TEST_F(PluginStudy, EveryTableAndFigureUsesTheTitles) {
  std::size_t tables = 0, figures = 0;
  for (const auto& entry : fs::directory_iterator(path("study/report/tables"))) {
    const std::string stem = entry.path().stem();
    // These are for programs, and hold the names.
    if (stem == "measures" || stem == "runs" || stem == "flags") continue;
    ++tables;
    const std::string text = text_of(entry.path());
    for (const std::string& name : kNames) EXPECT_EQ(text.find(name), text.npos) << entry.path();
  }
  for (const auto& entry : fs::directory_iterator(path("study/report/figures"))) {
    if (!entry.path().string().ends_with(".vl.json")) continue;
    ++figures;
    const std::string text = text_of(entry.path());
    for (const std::string& name : kNames) EXPECT_EQ(text.find(name), text.npos) << entry.path();
    const bool of_another = entry.path().filename() == "training-cnniqa.vl.json";
    EXPECT_EQ(text.find("EdgeIQA") == text.npos, of_another) << entry.path();
  }
  EXPECT_GT(tables, 20U);
  EXPECT_GT(figures, 6U);
  const std::string page = text_of(path("study/report/index.html"));
  for (const char* title : {"EdgeIQA", "+Noise 0.05", "Random signs* epsilon=0.03"}) {
    EXPECT_THAT(page, HasSubstr(title));
  }
}

TEST_F(PluginStudy, ThePurifierStandsBetweenPictureAndModel) {
  const std::string weights =
      "--weights study/train/edge-iqa/none/seed0/checkpoints/best.safetensors --threads 1 ";
  const auto score = [&](const std::string& more) {
    return Json::parse(shell(plugin() + "score pictures/p0.png --model edge-iqa --format json " +
                             weights + more))
        .at("score")
        .get<double>();
  };
  EXPECT_NE(score("--purify box-blur:side=5"), score(""));
  EXPECT_EQ(score("--purify box-blur:side=1"), score(""));
  shell(plugin() + "evaluate --model edge-iqa " + weights +
        "--data builtin:scenes=6,size=64 --attack sign-noise:tries=2 --level image --limit 6 "
        "--bootstrap 0 --purify box-blur:side=5 --out purified --quiet");
  shell(std::string(test::kInstalledRobiq) + "report purified --quiet");
  EXPECT_THAT(text_of(path("purified/report/tables/clean.csv")), HasSubstr("EdgeIQA"));
  EXPECT_THAT(text_of(path("purified/report/tables/clean.csv")), HasSubstr("box-blur"));
}

TEST_F(PluginStudy, OptionsOfTheAttackCountInTheIdentityOfAnEvaluation) {
  const auto runs_after = [&](const std::string& attack) {
    shell(plugin() + "evaluate --weights w.safetensors --data builtin:scenes=4,size=64 --attack " +
          attack + " --level image --limit 4 --bootstrap 0 --threads 1 --out counted --quiet");
    return ResultsStore(path("counted/results.sqlite"), ResultsStore::Access::kRead).runs().size();
  };
  EXPECT_EQ(runs_after("sign-noise:tries=2"), 1U);
  EXPECT_EQ(runs_after("sign-noise:tries=3"), 2U) << "another option is another evaluation";
  EXPECT_EQ(runs_after("sign-noise:tries=2"), 2U) << "the same one goes on";
}

TEST_F(PluginStudy, OptionsOfTheDefenseCountInTheIdentityOfATraining) {
  const std::string train =
      plugin() +
      "train --out defended --epochs 1 --threads 1 --quiet --resume --model edge-iqa "
      "--data builtin:scenes=4,size=64 --defense noise-augment:reach=";
  shell(train + "0.02");
  shell(train + "0.02");
  shell(train + "0.03 2> why; test $? = 2");
  EXPECT_THAT(text_of(path("why")), HasSubstr("another configuration"));
}

}  // namespace plugin_study_test
}  // namespace robiq
