// What an evaluation keeps and what it makes anew: pictures, weights and files that were remade
// under their names, pictures of one name in two folders, folders that others work in or remove.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::Program;
using test::Workbench;
using testing::HasSubstr;
using testing::Not;

fs::path at(const std::string& name) { return Workbench::get().path(name); }

Finished robiq(const std::string& arguments) { return Workbench::get().run(arguments); }

std::string evaluation(const std::string& out, const std::string& options) {
  return "evaluate --weights w.safetensors --threads 1 --bootstrap 0 --out " + out + " " + options;
}

/// Four pictures, two of them called 1.png.
void make_set(const std::string& folder) {
  for (const char* name : {"a/1", "b/1", "a/2", "b/3"}) {
    write_png(at(folder) / (std::string(name) + ".png"), det::image({folder + name, 48, 64}));
  }
  write_file(at(folder) / "set.csv", "image,mos\na/1.png,10\nb/1.png,40\na/2.png,70\nb/3.png,90\n");
}

std::string set_of(const std::string& folder) {
  return "--split all --data csv:" + folder + "/set.csv ";
}

/// Scores under an attack by picture, of the newest run.
std::map<std::string, ScoreRow> rows_in(const std::string& out, const std::string& attack) {
  const ResultsStore store(at(out) / "results.sqlite", ResultsStore::Access::kRead);
  std::map<std::int64_t, std::string> names;
  for (const ImageRow& image : store.images()) names[image.id] = image.name;
  std::map<std::string, ScoreRow> rows;
  for (const ScoreRow& row : store.scores(store.runs().back().id)) {
    if (row.attack == attack) rows[names.at(row.image)] = row;
  }
  return rows;
}

/// Evaluates twice, with `change` between: the second time names what changed, and its rows are
/// another run's. Then a third time: all is there already.
void expect_scored_anew(const std::string& out, const std::string& options,
                        const std::function<void()>& change, const std::string& what) {
  const Finished first = robiq(evaluation(out, options));
  ASSERT_EQ(first.exit_code, 0) << first.err;
  change();
  const Finished second = robiq(evaluation(out, options));
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("changed since an earlier evaluation with these options: "));
  EXPECT_THAT(second.err, HasSubstr(what));
  EXPECT_THAT(second.err, Not(HasSubstr("are there already")));
  EXPECT_NE(second.out, first.out);
  const Finished third = robiq(evaluation(out, options));
  EXPECT_THAT(third.err, HasSubstr("are there already"));
  EXPECT_EQ(third.out, second.out);
}

TEST(RemadeInputs, APictureIsScoredAnew) {
  make_set("remade-picture");
  expect_scored_anew(
      "out-picture", set_of("remade-picture") + "--attack fgsm",
      [] {
        write_png(at("remade-picture/b/1.png"), det::image({"another", 48, 64}));
      },
      "the pictures");
}

TEST(RemadeInputs, AFolderOfAttackedPicturesIsReadAnew) {
  make_set("remade-folder");
  for (const char* name : {"a/1", "b/1", "a/2", "b/3"}) {
    write_png(at("shown") / (std::string(name) + ".png"), det::image({name, 48, 64}));
  }
  expect_scored_anew(
      "out-folder", set_of("remade-folder") + "--attack files:shown",
      [] {
        write_png(at("shown/a/2.png"), det::image({"another", 48, 64}));
      },
      "the pictures of files:shown");
}

TEST(RemadeInputs, APerturbationIsReadAnew) {
  make_set("remade-uap");
  const auto fit = [](const std::string& steps) {
    const Finished finished = robiq(
        "uap --weights w.safetensors --data builtin:scenes=4,size=64 --threads 1 --out "
        "u.safetensors "
        "--batch-size 2 --max-steps " +
        steps);
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
  };
  fit("1");
  expect_scored_anew(
      "out-uap", set_of("remade-uap") + "--attack uap:u.safetensors,scale=0.1", [&] { fit("30"); },
      "'u.safetensors' of the attack uap");
}

TEST(RemadeInputs, WeightsOfTheModelAndOfTheSurrogateAreReadAnew) {
  make_set("remade-weights");
  fs::copy(at("w.safetensors"), at("s.safetensors"));
  const std::string other = "other-training/checkpoints/best.safetensors";
  const Finished training =
      robiq(std::string("train --out other-training --epochs 1 --seed 7") + test::kTinyTraining);
  ASSERT_EQ(training.exit_code, 0) << training.err;
  expect_scored_anew(
      "out-surrogate",
      set_of("remade-weights") +
          "--attack korhonen:most_steps=3,least_steps=3 --surrogate cnniqa --surrogate-weights "
          "s.safetensors",
      [&] { fs::copy_file(at(other), at("s.safetensors"), fs::copy_options::overwrite_existing); },
      "the surrogate's weights");
}

TEST(RemadeInputs, RestoredOnesAreTheNewestAgain) {
  make_set("restored");
  const std::string options = set_of("restored") + "--attack fgsm";
  const auto score = [&] {
    const Finished finished = robiq(evaluation("out-restored", options));
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return rows_in("out-restored", "fgsm").at("b/1.png").after;
  };
  const double first = score();
  const at::Tensor kept = read_picture(at("restored/b/1.png"));
  write_png(at("restored/b/1.png"), det::image({"another", 48, 64}));
  EXPECT_NE(score(), first);
  write_png(at("restored/b/1.png"), kept);
  EXPECT_EQ(score(), first);
  EXPECT_THAT(robiq(evaluation("out-restored", options)).err, HasSubstr("are there already"));
}

TEST(RemadeInputs, WhatIsTheSameUnderNewDatesIsKept) {
  make_set("touched");
  const std::string options = set_of("touched") + "--attack fgsm";
  ASSERT_EQ(robiq(evaluation("out-touched", options)).exit_code, 0);
  write_png(at("touched/b/1.png"), read_picture(at("touched/b/1.png")));
  EXPECT_THAT(robiq(evaluation("out-touched", options)).err,
              HasSubstr("8 scores are there already"));
}

TEST(OneNameInTwoFolders, IsNotGuessed) {
  make_set("doubtful");
  write_png(at("bare/1.png"), det::image({"x", 48, 64}));
  for (const char* name : {"2", "3"}) {
    write_png(at("bare") / (std::string(name) + ".png"), det::image({name, 48, 64}));
  }
  const Finished finished =
      robiq(evaluation("out-doubtful", set_of("doubtful") + "--attack files:bare"));
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err, HasSubstr("'1.png' could stand for 'a/1.png' or 'b/1.png'"));
  EXPECT_THAT(finished.err, HasSubstr("a%2F1.png.png"));
}

TEST(OneNameInTwoFolders, SavedPicturesAreTwoAndCanBeShownAgain) {
  make_set("saved");
  const Finished made = robiq(evaluation(
      "out-saved", set_of("saved") + "--attack fgsm:epsilon=0.05 --level image --save -1"));
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto saved = rows_in("out-saved", "fgsm");
  EXPECT_NE(saved.at("a/1.png").artifact, saved.at("b/1.png").artifact);
  const std::string folder = fs::path(saved.at("a/1.png").artifact).parent_path().string();
  const Finished shown =
      robiq(evaluation("out-shown", set_of("saved") + "--attack files:out-saved/" + folder));
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const auto rows = rows_in("out-shown", "files");
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& [name, row] : rows) {
    EXPECT_NEAR(row.after, saved.at(name).after_8bit, 1e-3) << name;
  }
}

TEST(OneNameInTwoFolders, TablesOfTheBenchmarkKeepBothDataSetsAndBothModels) {
  make_set("first-set");
  make_set("second-set");
  const std::string options = "--schema msu --attack fgsm ";
  for (const char* set : {"first-set", "second-set", "second-set"}) {
    const Finished finished = robiq(evaluation("out-msu", set_of(set) + options));
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
  }
  const CsvTable table = read_csv(at("out-msu/msu/fgsm/cnniqa.csv"));
  EXPECT_EQ(table.rows.size(), 8u);
  const Finished scaled =
      robiq(evaluation("out-msu", set_of("first-set") + options + "--scale 0:50"));
  ASSERT_EQ(scaled.exit_code, 0) << scaled.err;
  EXPECT_EQ(read_csv(at("out-msu/msu/fgsm/cnniqa-2.csv")).rows.size(), 4u);
  EXPECT_EQ(read_csv(at("out-msu/msu/fgsm/cnniqa.csv")).rows.size(), 8u);
}

TEST(LongNames, OfTheRunFolderDoNotKeepPicturesFromBeingSaved) {
  make_set("long");
  const std::string out = std::string(185, 'o');
  fs::create_directories(at(out));
  const Finished fit = robiq(
      "uap --weights w.safetensors --data builtin:scenes=4,size=64 --threads 1 --max-steps 1 "
      "--batch-size 2 --out " +
      at(out).string() + "/uap/a-name-of-some-length/seed0.safetensors");
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const Finished finished =
      robiq(evaluation(out, set_of("long") + "--save -1 --schema msu --label " +
                                std::string(300, 'l') + " --attack uap:" + at(out).string() +
                                "/uap/a-name-of-some-length/seed0.safetensors"));
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  for (const auto& [name, row] : rows_in(out, "uap")) {
    EXPECT_TRUE(fs::is_regular_file(at(out) / row.artifact)) << name;
  }
}

TEST(LongNames, OfPicturesDoNotKeepThemFromBeingSaved) {
  const std::string stem(250, 'p');
  fs::create_directories(at("long-names"));
  fs::copy_file(at("pictures/p0.png"), at("long-names") / (stem + ".png"));
  const Finished finished =
      robiq("attack fgsm long-names/" + stem +
            ".png --weights w.safetensors --threads 1 --triplet 3 --out attacked-long-names");
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  int saved = 0;
  for (const auto& entry : fs::directory_iterator(at("attacked-long-names"))) {
    EXPECT_TRUE(entry.path().filename().string().ends_with(".png")) << entry.path();
    ++saved;
  }
  EXPECT_GE(saved, 2);
}

TEST(OneFolder, ManyEvaluationsCanBeginTogether) {
  constexpr int kPrograms = 6;
  make_set("together");
  std::vector<std::unique_ptr<Program>> programs;
  for (int i = 0; i < kPrograms; ++i) {
    const std::string attack = "--attack fgsm:epsilon=0.0" + std::to_string(i + 1);
    programs.push_back(std::make_unique<Program>(
        Workbench::get().path(),
        test::words(evaluation("out-together", set_of("together") + attack))));
  }
  for (const auto& program : programs) {
    const Finished finished = program->wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
  }
  const ResultsStore store(at("out-together/results.sqlite"), ResultsStore::Access::kRead);
  EXPECT_EQ(store.runs().size(), std::size_t{kPrograms});
  for (const RunRow& run : store.runs()) EXPECT_EQ(store.scores(run.id).size(), 8u);
}

constexpr const char* kLong =
    "--data builtin:scenes=4,size=64 --split all --attack ifgsm:steps=20 fgsm ";

TEST(OneFolder, AReportCanBeMadeWhileAnEvaluationRuns) {
  Program program(Workbench::get().path(), test::words(evaluation("out-busy", kLong)));
  ASSERT_TRUE(program.wait_until([] { return fs::exists(at("out-busy/results.sqlite")); }));
  int reports = 0;
  bool running = true;
  while (running) {
    const Finished report = robiq("report out-busy --out busy-report --quiet");
    EXPECT_THAT(report.exit_code, testing::AnyOf(0, 3)) << report.err;
    reports += report.exit_code == 0 ? 1 : 0;
    int looks = 0;  // the third comes only while it runs
    running = program.wait_until([&] { return ++looks == 3; });
  }
  EXPECT_EQ(program.wait().exit_code, 0);
  EXPECT_GT(reports, 0);
}

/// Whether a program has opened its database and said in it what it does.
bool has_a_run(const fs::path& file) {
  if (!fs::exists(file)) return false;
  try {
    return !ResultsStore(file, ResultsStore::Access::kRead).runs().empty();
  } catch (const Error&) {
    return false;  // its tables are only being made
  }
}

TEST(OneFolder, RemovedUnderWayItIsMissed) {
  Program program(Workbench::get().path(), test::words(evaluation("out-gone", kLong)));
  ASSERT_TRUE(program.wait_until([] { return has_a_run(at("out-gone/results.sqlite")); }));
  fs::remove_all(at("out-gone"));
  const Finished finished = program.wait();
  EXPECT_EQ(finished.exit_code, 3) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("was removed while it was in use"));
}

/// A training's results database may be anything: its checkpoints are what it goes on from.
class DamagedDatabaseOfATraining : public testing::TestWithParam<const char*> {};

TEST_P(DamagedDatabaseOfATraining, DoesNotKeepItFromGoingOn) {
  const std::string kind = GetParam(), out = "resumed-" + kind;
  const std::string training = "train --epochs 2 --out " + out + test::kTinyTraining;
  const Finished whole = robiq(training + " --max-steps 1");
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const fs::path file = at(out) / "results.sqlite";
  std::string bytes = read_file(file, 64 << 20);
  if (kind == "zeroed") bytes.replace(4096, 4096, 4096, '\0');
  if (kind == "foreign") bytes = std::string(5000, 'x');
  if (kind == "cut") bytes.resize(6000);
  write_file(file, bytes);
  if (kind == "missing") fs::remove(file);
  const Finished resumed = robiq(training + " --max-steps 1 --resume");
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  if (kind != "missing") {
    EXPECT_THAT(resumed.err, HasSubstr("set aside as results.damaged.sqlite"));
    EXPECT_THAT(resumed.err, HasSubstr("training goes on from them"));
    EXPECT_TRUE(fs::exists(at(out) / "results.damaged.sqlite"));
  }
  const ResultsStore store(file, ResultsStore::Access::kRead);
  ASSERT_EQ(store.runs().size(), 1u);
  EXPECT_EQ(store.runs()[0].status, RunStatus::kFinished);
  EXPECT_FALSE(store.history().empty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, DamagedDatabaseOfATraining,
                         testing::Values("zeroed", "foreign", "cut", "missing"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace robiq
