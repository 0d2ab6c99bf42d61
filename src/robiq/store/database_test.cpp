#include "robiq/store/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>

#include "robiq/core/files/files.h"
#include "robiq/core/version.h"
#include "robiq/store/results_store.h"
#include "support/errors.h"
#include "support/filled_store.h"

namespace robiq {
namespace database_test {

namespace fs = std::filesystem;
using namespace test;
using Access = ResultsStore::Access;

class Database : public StoreTest {
 protected:
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
};

TEST_F(Database, AReaderSeesOneMomentWhileTheWriterGoesOn) {
  FilledStore filled(file_);
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

TEST_F(Database, OpeningAgainGoesOnWhereItWas) {
  std::int64_t run = 0;
  {
    FilledStore filled(file_);
    run = filled.row.run;
    filled.store.add(std::vector{filled.row});
  }
  EXPECT_THAT(files(), testing::ElementsAre("results.sqlite"));
  FilledStore filled(file_);
  EXPECT_EQ(filled.store.scores(run).size(), 1u);
  EXPECT_EQ(filled.store.models().size(), 1u);
  EXPECT_EQ(filled.store.runs().size(), 2u);
}

TEST_F(Database, ReadingMakesNoFile) {
  const fs::path odd = folder_.path() / "50% #1?.sqlite";
  for (const fs::path& file : {file_, odd}) {
    FilledStore(file).store.begin_run(some_run());
  }
  EXPECT_EQ(ResultsStore(file_, Access::kRead).runs().size(), 2u);
  EXPECT_EQ(ResultsStore(odd, Access::kRead).runs().size(), 2u);
  EXPECT_EQ(files().size(), 2u);
  file_ = folder_.path() / "none.sqlite";
  expect_refused(Access::kRead, "there is no results database", "name the folder of a run");
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(Database, AKilledWriterLosesItsOpenTransactionOnly) {
  const pid_t child = fork();
  if (child == 0) {
    FilledStore filled(file_);
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

TEST_F(Database, FilesThatAreNoDatabaseAreRefused) {
  for (const std::string& bytes : {std::string("hello"), std::string(5000, 'x')}) {
    write_file(file_, bytes);
    for (const Access access : {Access::kWrite, Access::kRead}) {
      expect_refused(access, "this is not a results database of robiq", "move it away");
    }
    EXPECT_EQ(read_file(file_, 1 << 20), bytes) << "somebody's file was changed";
  }
}

TEST_F(Database, DatabasesOfOthersAreRefusedAndLeftAlone) {
  SQLite::Database(file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE meta(key, value); INSERT INTO meta VALUES('schema_version', '1')");
  const std::string before = sha256_of_file(file_);
  for (const Access access : {Access::kWrite, Access::kRead}) {
    expect_refused(access, "this is not a results database of robiq", "or name another folder");
  }
  EXPECT_EQ(sha256_of_file(file_), before);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(Database, NewerSchemasAreRefused) {
  { const ResultsStore store(file_); }
  SQLite::Database(file_.string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE meta SET value = '6' WHERE key = 'schema_version'");
  for (const Access access : {Access::kWrite, Access::kRead}) {
    expect_refused(access, "written by a newer robiq (schema 6, this program knows 5)",
                   "use that robiq, or a newer one");
  }
}

TEST_F(Database, FilesOfTheFirstSchemaAreReadAndBroughtUpToDate) {
  {
    FilledStore filled(file_);
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

TEST_F(Database, FilesOfTheFourthSchemaKeepTheirAttacksAndGetTitlesOfModels) {
  {
    FilledStore filled(file_);
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

TEST_F(Database, AnEmptyFileIsFilledByAWriterAndRefusedByAReader) {
  write_file(file_, "");
  expect_refused(Access::kRead, "nothing was done in this run folder yet", "run its command again");
  ResultsStore store(file_);
  EXPECT_TRUE(store.runs().empty());
}

TEST_F(Database, DamageIsSeen) {
  { FilledStore filled(file_); }
  std::string bytes = read_file(file_, 1 << 20);
  bytes.replace(200, bytes.size() - 200, bytes.size() - 200, '\x55');
  write_file(file_, bytes);
  expect_refused(Access::kRead, "the results database is damaged", "restore it from a copy");
}

TEST_F(Database, AnotherWritersTransactionIsNamed) {
  FilledStore filled(file_);
  SQLite::Database other(file_.string(), SQLite::OPEN_READWRITE);
  const SQLite::Transaction lock(other, SQLite::TransactionBehavior::IMMEDIATE);
  expect_error(ErrorKind::kData,
               {"another program is writing", file_.string(), "wait until it has ended"},
               [&] { filled.store.add(std::vector{filled.row}); });
}

TEST_F(Database, KnowsTheProgramThatMadeIt) {
  { const ResultsStore store(file_); }
  SQLite::Database plain(file_.string());
  EXPECT_EQ(plain.execAndGet("SELECT value FROM meta WHERE key = 'robiq_version'").getString(),
            version());
}

}  // namespace database_test
}  // namespace robiq
