#include "robiq/store/results_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>

#include "robiq/core/files/files.h"
#include "robiq/core/version.h"
#include "support/errors.h"

namespace robiq {
namespace results_store_test {

namespace fs = std::filesystem;
using Access = ResultsStore::Access;

RunRow some_run(const std::string& config = "c0ffee") {
  return {.kind = RunKind::kEvaluate,
          .label = "é",
          .command = "robiq evaluate --model cnniqa",
          .config_toml = "seed = 3\n",
          .config_sha256 = config,
          .robiq_version = "0.1.0",
          .torch_version = "1.13.0",
          .device = "cpu",
          .threads = 2,
          .seed = 3,
          .started_utc = "2024-05-01T10:00:00Z",
          .finished_utc = "",
          .status = RunStatus::kFinished};
}

ModelRow some_model(const std::string& defense = "none") {
  return {.name = "cnniqa", .defense = defense, .weights_sha256 = "abc", .card_json = "{}"};
}

ImageRow some_image(const std::string& name = "a.png") {
  return {.dataset = "builtin:scenes=60",
          .split_sha256 = "def",
          .name = name,
          .content = "scene-1",
          .mos = 3.5,
          .mos_normalised = 62.5,
          .thumbnail = ""};
}

class Store : public testing::Test {
 protected:
  /// A store with one run, one model and one image, and the row that joins them.
  struct Filled {
    explicit Filled(const fs::path& file) : store(file) {
      row.run = store.begin_run(some_run());
      row.model = store.model_id(some_model());
      row.image = store.image_id(some_image());
      row.attack = "fgsm";
    }
    ResultsStore store;
    ScoreRow row;
  };
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  void expect_refused(Access access, const std::string& what, const std::string& hint) {
    expect_error(ErrorKind::kData, {what, file_.string(), hint},
                 [&] { const ResultsStore store(file_, access); });
  }

  /// The images whose examples stay, of four that come in some order.
  static std::vector<std::int64_t> kept_images(const fs::path& file,
                                               const std::vector<int>& order) {
    Filled filled(file);
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

  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "results.sqlite";
};

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
  Filled filled(file_);
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
  Filled filled(file_);
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
  Filled filled(file_);
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

TEST_F(Store, AReaderSeesOneMomentWhileTheWriterGoesOn) {
  Filled filled(file_);
  filled.store.add(std::vector{filled.row});
  const ResultsStore reader(file_, Access::kRead);
  EXPECT_EQ(reader.scores(filled.row.run).size(), 1u);
  ScoreRow second = filled.row;
  second.image = filled.store.image_id(some_image("b.png"));
  filled.store.add(std::vector{second});
  EXPECT_EQ(reader.images().size(), 1u);
  EXPECT_EQ(reader.scores(filled.row.run).size(), 1u);
  EXPECT_EQ(ResultsStore(file_, Access::kRead).scores(filled.row.run).size(), 2u);
}

TEST_F(Store, OpeningAgainGoesOnWhereItWas) {
  std::int64_t run = 0;
  {
    Filled filled(file_);
    run = filled.row.run;
    filled.store.add(std::vector{filled.row});
  }
  EXPECT_THAT(files(), testing::ElementsAre("results.sqlite"));
  Filled filled(file_);
  EXPECT_EQ(filled.store.scores(run).size(), 1u);
  EXPECT_EQ(filled.store.models().size(), 1u);
  EXPECT_EQ(filled.store.runs().size(), 2u);
}

TEST_F(Store, ReadingMakesNoFile) {
  const fs::path odd = folder_.path() / "50% #1?.sqlite";
  for (const fs::path& file : {file_, odd}) {
    Filled(file).store.begin_run(some_run());
  }
  EXPECT_EQ(ResultsStore(file_, Access::kRead).runs().size(), 2u);
  EXPECT_EQ(ResultsStore(odd, Access::kRead).runs().size(), 2u);
  EXPECT_EQ(files().size(), 2u);
  file_ = folder_.path() / "none.sqlite";
  expect_refused(Access::kRead, "there is no results database", "name the folder of a run");
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(Store, AKilledWriterLosesItsOpenTransactionOnly) {
  const pid_t child = fork();
  if (child == 0) {
    Filled filled(file_);
    filled.store.add(std::vector{filled.row});
    SQLite::Database other(file_.string(), SQLite::OPEN_READWRITE);
    SQLite::Transaction open(other);
    other.exec("UPDATE scores SET after = 123");
    raise(SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto check = [](const ResultsStore& store) {
    ASSERT_EQ(store.runs().size(), 1u);
    EXPECT_EQ(store.runs()[0].status, RunStatus::kRunning);
    ASSERT_EQ(store.scores(1).size(), 1u);
    EXPECT_TRUE(std::isnan(store.scores(1)[0].after));
  };
  check(ResultsStore(file_, Access::kRead));
  check(ResultsStore(file_));
}

TEST_F(Store, FilesThatAreNoDatabaseAreRefused) {
  for (const std::string& bytes : {std::string("hello"), std::string(5000, 'x')}) {
    write_file(file_, bytes);
    for (const Access access : {Access::kWrite, Access::kRead}) {
      expect_refused(access, "this is not a results database of robiq",
                     "name a folder that holds a run");
    }
    EXPECT_EQ(read_file(file_, 1 << 20), bytes) << "somebody's file was changed";
  }
}

TEST_F(Store, DatabasesOfOthersAreRefusedAndLeftAlone) {
  SQLite::Database(file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE meta(key, value); INSERT INTO meta VALUES('schema_version', '1')");
  const std::string before = sha256_of_file(file_);
  for (const Access access : {Access::kWrite, Access::kRead}) {
    expect_refused(access, "this is not a results database of robiq", "or choose another --out");
  }
  EXPECT_EQ(sha256_of_file(file_), before);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(Store, NewerSchemasAreRefused) {
  { const ResultsStore store(file_); }
  SQLite::Database(file_.string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE meta SET value = '6' WHERE key = 'schema_version'");
  for (const Access access : {Access::kWrite, Access::kRead}) {
    expect_refused(access, "written by a newer robiq (schema 6, this program knows 5)",
                   "use that robiq, or a newer one");
  }
}

TEST_F(Store, FlagsComeBackByAttack) {
  Filled filled(file_);
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
  Filled filled(file_);
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

TEST_F(Store, FilesOfTheFirstSchemaAreReadAndBroughtUpToDate) {
  {
    Filled filled(file_);
    filled.store.add(std::vector{filled.row});
  }
  SQLite::Database(file_.string(), SQLite::OPEN_READWRITE)
      .exec(
          "DROP TABLE distances; DROP TABLE examples; DROP TABLE history; DROP TABLE attacks; DROP "
          "TABLE model_titles; "
          "UPDATE meta SET value = '1' WHERE key = 'schema_version'; "
          "UPDATE scores SET attack_options = 'epsilon=0.005'");
  {
    const ResultsStore reader(file_, Access::kRead);
    EXPECT_EQ(reader.scores(1).size(), 1u);
    EXPECT_TRUE(reader.distances(1).empty());
    EXPECT_TRUE(reader.examples(1).empty());
    EXPECT_TRUE(reader.history().empty());
    EXPECT_EQ(reader.attacks().size(), attacks_of_older_databases().size());
    EXPECT_EQ(reader.model_titles().size(), model_titles_of_older_databases().size());
  }
  ResultsStore writer(file_);
  DistanceRow row;
  row.run = row.model = row.image = 1;
  row.distance = "mse";
  writer.add(std::vector{row});
  EXPECT_EQ(writer.distances(1).size(), 1u);
  EXPECT_EQ(writer.scores(1).size(), 1u);
  writer.add(std::vector{HistoryRow{1, 1, "loss", 2.5}});
  EXPECT_EQ(ResultsStore(file_, Access::kRead).history().size(), 1u);
  EXPECT_EQ(writer.scores(1)[0].attack_options, R"({"epsilon":"0.005"})");
  EXPECT_EQ(writer.attacks().size(), attacks_of_older_databases().size());
  EXPECT_EQ(writer.model_titles().size(), model_titles_of_older_databases().size());
}

TEST_F(Store, FilesOfTheFourthSchemaKeepTheirAttacksAndGetTitlesOfModels) {
  {
    Filled filled(file_);
    filled.store.add(std::vector{AttackRow{"mine", "My attack", 15, "force", 0, 1}});
  }
  SQLite::Database(file_.string(), SQLite::OPEN_READWRITE)
      .exec("DROP TABLE model_titles; UPDATE meta SET value = '4' WHERE key = 'schema_version'");
  EXPECT_EQ(ResultsStore(file_, Access::kRead).model_titles().size(),
            model_titles_of_older_databases().size());
  ResultsStore writer(file_);
  ASSERT_EQ(writer.attacks().size(), 1U);
  EXPECT_EQ(writer.attacks()[0].title, "My attack");
  writer.add(std::vector{ModelTitleRow{"mine", "My model"}, ModelTitleRow{"dbcnn", "Another"}});
  std::map<std::string, std::string> titles;
  for (const ModelTitleRow& row : writer.model_titles()) titles[row.name] = row.title;
  EXPECT_EQ(titles.at("mine"), "My model");
  EXPECT_EQ(titles.at("dbcnn"), "Another");
  EXPECT_EQ(titles.at("maniqa"), "MANIQA");
}

TEST_F(Store, AnAttacksCardComesBack) {
  Filled filled(file_);
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
  Filled filled(file_);
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
  Filled filled(file_);
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
  Filled filled(file_);
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

TEST_F(Store, AnEmptyFileIsFilledByAWriterAndRefusedByAReader) {
  write_file(file_, "");
  expect_refused(Access::kRead, "nothing was done in this run folder yet", "run its command again");
  ResultsStore store(file_);
  EXPECT_TRUE(store.runs().empty());
}

TEST_F(Store, DamageIsSeen) {
  { Filled filled(file_); }
  std::string bytes = read_file(file_, 1 << 20);
  bytes.replace(200, bytes.size() - 200, bytes.size() - 200, '\x55');
  write_file(file_, bytes);
  expect_refused(Access::kRead, "the results database is damaged", "restore it from a copy");
}

TEST_F(Store, AnotherWritersTransactionIsNamed) {
  Filled filled(file_);
  SQLite::Database other(file_.string(), SQLite::OPEN_READWRITE);
  const SQLite::Transaction lock(other, SQLite::TransactionBehavior::IMMEDIATE);
  expect_error(ErrorKind::kData,
               {"another program is writing", file_.string(), "wait until it has ended"},
               [&] { filled.store.add(std::vector{filled.row}); });
}

TEST_F(Store, KnowsTheProgramThatMadeIt) {
  { const ResultsStore store(file_); }
  SQLite::Database plain(file_.string());
  EXPECT_EQ(plain.execAndGet("SELECT value FROM meta WHERE key = 'robiq_version'").getString(),
            version());
}

// About 0.5 s; the bound only catches a transaction, or a search without index, per row.
TEST_F(Store, AHundredThousandRowsTakeSeconds) {
  Filled filled(file_);
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
