#include "robiq/store/results_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "support/errors.h"
#include "support/filled_store.h"

namespace robiq {
namespace results_store_test {

namespace fs = std::filesystem;
using namespace test;
using Store = StoreTest;

/// The images whose examples stay, of four that come in some order.
std::vector<std::int64_t> kept_images(const fs::path& file, const std::vector<int>& order) {
  FilledStore filled(file);
  std::vector<std::int64_t> images;
  for (const char* name : {"a", "b", "c", "d"}) {
    ImageRow image{};
    image.dataset = "builtin";
    image.name = name;
    images.push_back(filled.store.image_id(image));
  }
  const std::vector<double> changes{5, 40, 1, 20}, lots{0.9, 0.8, 0.1, 0.5};
  for (const int i : order) {
    ExampleRow row;
    row.run = filled.row.run;
    row.model = filled.row.model;
    row.image = images[static_cast<std::size_t>(i)];
    row.attack = "fgsm";
    row.change = changes[static_cast<std::size_t>(i)];
    row.draw = lots[static_cast<std::size_t>(i)];
    row.clean.bytes = std::string("\x89PNG\0 clean", 11);
    row.attacked.bytes = "attacked";
    filled.store.add_examples({row}, 2, 1);
  }
  std::vector<std::int64_t> kept;
  for (const ExampleRow& row : filled.store.examples(filled.row.run)) {
    EXPECT_EQ(row.clean.bytes.size(), 11u);
    EXPECT_EQ(row.attacked.bytes, "attacked");
    kept.push_back(row.image - images.front());
  }
  return kept;
}

TEST_F(Store, RunsBeginRunningAndEndAsTold) {
  ResultsStore store(file_);
  const std::int64_t first = store.begin_run(some_run());
  const std::int64_t second = store.begin_run(some_run("other"));
  EXPECT_NE(first, second);
  store.set_run_status(first, RunStatus::kInterrupted, "2024-05-01T11:00:00Z");
  const std::vector<RunRow> runs = store.runs();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].id, first);
  EXPECT_EQ(runs[0].status, RunStatus::kInterrupted);
  EXPECT_EQ(runs[0].finished_utc, "2024-05-01T11:00:00Z");
  EXPECT_EQ(runs[0].label, "é");
  EXPECT_EQ(runs[0].command, "robiq evaluate --model cnniqa");
  EXPECT_EQ(runs[0].config_toml, "seed = 3\n");
  EXPECT_EQ(runs[0].threads, 2);
  EXPECT_EQ(runs[0].seed, 3);
  EXPECT_EQ(runs[1].status, RunStatus::kRunning);
}

TEST(RunRow, TakesFromItsStartToItsEnd) {
  RunRow row;
  row.started_utc = "2024-02-28T23:59:50Z";
  EXPECT_TRUE(std::isnan(row.seconds()));
  row.finished_utc = "2024-02-29T00:01:00Z";
  EXPECT_EQ(row.seconds(), 70);
  row.started_utc = "yesterday";
  EXPECT_TRUE(std::isnan(row.seconds()));
}

TEST_F(Store, FindsTheNewestRunOfAConfiguration) {
  ResultsStore store(file_);
  EXPECT_FALSE(store.find_run("c0ffee").has_value());
  store.begin_run(some_run());
  const std::int64_t newest = store.begin_run(some_run());
  store.begin_run(some_run("other"));
  EXPECT_EQ(store.find_run("c0ffee").value().id, newest);
}

TEST_F(Store, EqualModelsAndImagesAreOne) {
  ResultsStore store(file_);
  const std::int64_t model = store.model_id(some_model());
  EXPECT_EQ(store.model_id(some_model()), model);
  EXPECT_NE(store.model_id(some_model("gradient-norm:weight=0.001")), model);
  const std::int64_t image = store.image_id(some_image());
  EXPECT_EQ(store.image_id(some_image()), image);
  EXPECT_NE(store.image_id(some_image("b.png")), image);
  ImageRow unrated = some_image("c.png");
  unrated.mos = unrated.mos_normalised = ScoreRow::kNone;
  unrated.thumbnail = std::string("\x89PNG\0\1", 6);
  EXPECT_EQ(store.image_id(unrated), store.image_id(unrated));
  ASSERT_EQ(store.models().size(), 2u);
  EXPECT_EQ(store.models()[1].defense, "gradient-norm:weight=0.001");
  const std::vector<ImageRow> images = store.images();
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[0].content, "scene-1");
  EXPECT_EQ(images[0].mos_normalised, 62.5);
  EXPECT_TRUE(std::isnan(images[2].mos));
}

TEST_F(Store, ScoresComeBackAndWhatWasNotMeasuredIsNaN) {
  FilledStore filled(file_);
  ScoreRow row = filled.row;
  row.attack_options = "epsilon=0.005";
  row.level = "view";
  row.surrogate = "cnniqa";
  row.before = 1.0 / 3;
  row.after = -1e-300;
  row.gradient_l1 = 4;
  row.forwards = 11;
  row.backwards = 10;
  row.artifact = "artifacts/fgsm/a.png";
  filled.store.add(std::vector{row});
  const std::vector<ScoreRow> rows = filled.store.scores(row.run);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].before, 1.0 / 3);
  EXPECT_EQ(rows[0].after, -1e-300);
  EXPECT_EQ(rows[0].gradient_l1, 4);
  EXPECT_EQ(rows[0].forwards, 11);
  EXPECT_EQ(rows[0].backwards, 10);
  EXPECT_EQ(rows[0].attack_options, "epsilon=0.005");
  EXPECT_EQ(rows[0].surrogate, "cnniqa");
  EXPECT_EQ(rows[0].artifact, "artifacts/fgsm/a.png");
  for (const double none : {rows[0].after_8bit, rows[0].linf, rows[0].lpips, rows[0].seconds}) {
    EXPECT_TRUE(std::isnan(none));
  }
  EXPECT_TRUE(filled.store.scores(row.run + 1).empty());
}

TEST_F(Store, AKeyThatIsThereIsReplaced) {
  FilledStore filled(file_);
  ScoreRow row = filled.row;
  for (const double after : {1.0, 2.0}) {
    row.after = after;
    filled.store.add(std::vector{row});
  }
  row.attack = "ifgsm";
  filled.store.add(std::vector{row});
  ASSERT_EQ(filled.store.scores(row.run).size(), 2u);
  EXPECT_EQ(filled.store.scores(row.run)[0].after, 2);

  MeasureRow measure;
  measure.run = row.run;
  measure.model = row.model;
  measure.block = "mos_after";
  measure.measure = "srocc";
  for (const double value : {0.5, 0.6}) {
    measure.value = value;
    measure.note = "n";
    filled.store.add(std::vector{measure});
  }
  const std::vector<MeasureRow> measures = filled.store.measures(row.run);
  ASSERT_EQ(measures.size(), 1u);
  EXPECT_EQ(measures[0].value, 0.6);
  EXPECT_EQ(measures[0].note, "n");
  EXPECT_TRUE(std::isnan(measures[0].low));
}

TEST_F(Store, ABadRowTakesItsWholeTransactionAlong) {
  FilledStore filled(file_);
  ScoreRow stray = filled.row;
  stray.image = 999;
  const std::string hint = "this is a bug of robiq";
  expect_error(ErrorKind::kInternal, {"a row does not fit", file_.string(), hint}, [&] {
    filled.store.add(std::vector{filled.row, stray});
  });
  EXPECT_TRUE(filled.store.scores(filled.row.run).empty());
  expect_error(ErrorKind::kInternal, {"there is no run 77", file_.string(), "call begin_run()"},
               [&] { filled.store.set_run_status(77, RunStatus::kFinished, ""); });
}

TEST_F(Store, FlagsComeBackByAttack) {
  FilledStore filled(file_);
  FlagRow about_attack{filled.row.run,  filled.row.model,   "fgsm:epsilon=0.01",
                       "budget-unused", Severity::kWarning, "no picture"};
  FlagRow about_model{filled.row.run,  filled.row.model,   "",
                      "narrow-scores", Severity::kWarning, "clean"};
  filled.store.add(std::vector{about_attack, about_model});
  const std::vector<FlagRow> flags = filled.store.flags(filled.row.run);
  ASSERT_EQ(flags.size(), 2u);
  EXPECT_EQ(flags[0].flag, "narrow-scores");
  EXPECT_EQ(flags[1].attack, "fgsm:epsilon=0.01");
  EXPECT_EQ(flags[1].text, "no picture");
}

TEST_F(Store, DistancesAreKeptBesideTheScores) {
  FilledStore filled(file_);
  DistanceRow row;
  row.run = filled.row.run;
  row.model = filled.row.model;
  row.image = filled.row.image;
  row.attack = "fgsm";
  row.distance = "dists";
  row.value = 0.25;
  filled.store.add(std::vector{row});
  row.value = 0.5;  // the same key again
  filled.store.add(std::vector{row});
  const std::vector<DistanceRow> rows = filled.store.distances(row.run);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].distance, "dists");
  EXPECT_EQ(rows[0].value, 0.5);
  EXPECT_TRUE(filled.store.distances(row.run + 1).empty());
}

TEST_F(Store, AnAttacksCardComesBack) {
  FilledStore filled(file_);
  filled.store.add(std::vector{AttackRow{"mine", "My attack", 15, "force", 0, 1}});
  const std::vector<AttackRow> rows = filled.store.attacks();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].title, "My attack");
  EXPECT_EQ(rows[0].rank, 15);
  EXPECT_EQ(rows[0].strength, "force");
  EXPECT_EQ(rows[0].white_box, 0);
  EXPECT_EQ(rows[0].score_only, 1);
}

TEST_F(Store, TheHistoryOfATrainingComesBackByEpoch) {
  FilledStore filled(file_);
  const std::int64_t model = filled.row.model;
  filled.store.add(std::vector<HistoryRow>{{model, 2, "loss", 0.5}, {model, 1, "loss", 1.0}});
  filled.store.add(std::vector<HistoryRow>{{model, 2, "loss", ScoreRow::kNone}});
  const std::vector<HistoryRow> rows = filled.store.history();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].epoch, 1);
  EXPECT_EQ(rows[0].value, 1.0);
  EXPECT_TRUE(std::isnan(rows[1].value));
}

TEST_F(Store, CellsAreSetAgainAndListedByStudy) {
  FilledStore filled(file_);
  filled.store.set_cell({"b", "train/x", CellState::kRunning, 0, ""});
  filled.store.set_cell({"a", "train/x", CellState::kFailed, 0, "no memory"});
  filled.store.set_cell({"b", "train/x", CellState::kDone, filled.row.run, ""});
  const std::vector<CellRow> cells = filled.store.cells();
  ASSERT_EQ(cells.size(), 2u);
  EXPECT_EQ(cells[0].error, "no memory");
  EXPECT_EQ(cells[0].run, 0);
  EXPECT_EQ(cells[1].state, CellState::kDone);
  EXPECT_EQ(cells[1].run, filled.row.run);
}

TEST_F(Store, ExamplesOfTheLargestChangesAndTheSmallestLotsStay) {
  EXPECT_THAT(kept_images(file_, {0, 1, 2, 3}), testing::ElementsAre(1, 3, 2));
  EXPECT_THAT(kept_images(file_.string() + "2", {2, 3, 1, 0}), testing::ElementsAre(1, 3, 2));
}

TEST_F(Store, ThumbnailsComeBackByImage) {
  FilledStore filled(file_);
  ImageRow image{};
  image.name = "with";
  image.thumbnail = std::string("\xff\xd8\0jpeg", 7);
  const std::int64_t id = filled.store.image_id(image);
  const auto thumbnails = filled.store.thumbnails();
  ASSERT_EQ(thumbnails.size(), 1u);
  EXPECT_EQ(thumbnails.at(id), image.thumbnail);
  image.thumbnail = "that of the remade picture";
  EXPECT_EQ(filled.store.image_id(image), id);
  EXPECT_EQ(filled.store.thumbnails().at(id), image.thumbnail);
  image.thumbnail = "";
  EXPECT_EQ(filled.store.image_id(image), id);
  EXPECT_EQ(filled.store.thumbnails().size(), 1u);
}

// About 0.5 s; the bound only catches a transaction, or a search without index, per row.
TEST_F(Store, AHundredThousandRowsTakeSeconds) {
  FilledStore filled(file_);
  std::vector<ScoreRow> rows(100'000, filled.row);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].attack_options = std::to_string(i);
    rows[i].before = static_cast<double>(i);
  }
  const auto start = std::chrono::steady_clock::now();
  filled.store.add(rows);
  EXPECT_EQ(filled.store.scores(filled.row.run).size(), rows.size());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  RecordProperty("seconds", std::to_string(seconds.count()));
  EXPECT_LT(seconds.count(), 20);
}

}  // namespace results_store_test
}  // namespace robiq
