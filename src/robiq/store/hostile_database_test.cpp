// Results databases that several programs open, that were damaged, or that a stranger wrote.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "robiq/core/files/files.h"
#include "robiq/store/database_check.h"
#include "robiq/store/results_store.h"
#include "support/errors.h"
#include "support/filled_store.h"

namespace robiq {
namespace hostile_database_test {

namespace fs = std::filesystem;
using Access = ResultsStore::Access;

class HostileDatabase : public test::StoreTest {
 protected:
  HostileDatabase() {
    test::FilledStore filled(file_);
    filled.store.add(std::vector{filled.row});
  }

  /// Does what a stranger would with the file.
  void change(const std::string& sql) const {
    SQLite::Database database(file_.string(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA foreign_keys = OFF");
    database.exec(sql);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  void expect_refused(const std::string& what) const {
    for (const Access access : {Access::kRead, Access::kWrite}) {
      expect_error(ErrorKind::kData, {what, file_.string(), "*"},
                   [&] { const ResultsStore store(file_, access); });
    }
  }
};

/// Whether another process may lock the bytes by which SQLite keeps others from taking its log away
/// (sqlite.org/lockingv3.html: 510 from 2^30 + 2 on). Locks belong to processes, so a child asks.
bool another_process_may_lock(const fs::path& file) {
  const pid_t child = fork();
  if (child == 0) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = (1 << 30) + 2;
    lock.l_len = 510;
    const int handle = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    const bool asked = handle >= 0 && ::fcntl(handle, F_GETLK, &lock) == 0;
    _exit(asked && lock.l_type != F_UNLCK ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status != 0;
}

TEST_F(HostileDatabase, AWriterThatLookedThroughItKeepsItsLock) {
  EXPECT_TRUE(another_process_may_lock(file_));
  const ResultsStore writer(file_);
  EXPECT_FALSE(another_process_may_lock(file_));
  const ResultsStore reader(file_, Access::kRead);
  EXPECT_FALSE(another_process_may_lock(file_));
}

TEST_F(HostileDatabase, AViewInPlaceOfATableIsRefused) {
  change(
      "DROP TABLE history; CREATE VIEW history AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
      "SELECT i + 1 FROM n) SELECT 1 AS model, i AS epoch, 'loss' AS quantity, 1.0 AS value FROM "
      "n");
  expect_refused("has a view 'history' where robiq has a table");
}

TEST_F(HostileDatabase, ATableOfAnotherShapeIsRefused) {
  change("ALTER TABLE runs ADD COLUMN more TEXT AS (hex(zeroblob(100000000)))");
  expect_refused("the table 'runs' of the results database is not as robiq makes it");
}

TEST_F(HostileDatabase, ATriggerIsRefused) {
  change("CREATE TRIGGER t AFTER INSERT ON scores BEGIN DELETE FROM scores; END");
  expect_refused("holds the trigger 't', which robiq did not make");
}

TEST_F(HostileDatabase, AnIndexOfOthersIsRefused) {
  change("CREATE INDEX slow ON scores(hex(zeroblob(1000000)))");
  expect_refused("holds the index 'slow', which robiq did not make");
}

TEST_F(HostileDatabase, ALostTableIsNamed) {
  change("DROP TABLE flags");
  expect_refused("has lost its table 'flags'");
}

TEST_F(HostileDatabase, ARowThatNamesWhatIsNotThereIsRefused) {
  change("DELETE FROM images");
  expect_refused("a row of 'scores' names a row of 'images' that is not there");
}

TEST_F(HostileDatabase, AValueWithoutBoundIsRefused) {
  change("UPDATE images SET content = CAST(zeroblob(300000000) AS TEXT)");
  for (const Access access : {Access::kRead, Access::kWrite}) {
    expect_error(ErrorKind::kData, {"*", file_.string(), "*"},
                 [&] { (void)ResultsStore(file_, access).images(); });
  }
}

TEST_F(HostileDatabase, AHugeThumbnailIsLeftOut) {
  change("UPDATE images SET thumbnail = randomblob(50000000)");
  EXPECT_TRUE(ResultsStore(file_, Access::kRead).thumbnails().empty());
}

std::string complaint_of(const fs::path& file) {
  try {
    const ResultsStore store(file, Access::kRead);
  } catch (const Error& error) {
    return error.text().what;
  }
  return "";
}

TEST_F(HostileDatabase, AZeroedPageIsFoundWhereverItLies) {
  change("UPDATE images SET thumbnail = randomblob(9000)");  // in pages of its own
  const std::string sound = read_file(file_, 64 << 20);
  EXPECT_EQ(ResultsStore(file_, Access::kRead).thumbnails().size(), 1u);
  constexpr std::size_t kPage = 4096;
  ASSERT_GT(sound.size(), 10 * kPage);
  for (std::size_t page = 0; page < sound.size() / kPage; ++page) {
    std::string bytes = sound;
    bytes.replace(page * kPage, kPage, kPage, '\0');
    const fs::path damaged = folder_.path() / ("damaged" + std::to_string(page) + ".sqlite");
    write_file(damaged, bytes);
    for (const Access access : {Access::kRead, Access::kWrite}) {
      SCOPED_TRACE(page);
      expect_error(ErrorKind::kData, {"*", damaged.string(), "*"},
                   [&] { const ResultsStore store(damaged, access); });
      EXPECT_EQ(complaint_of(damaged).find("***"), std::string::npos) << complaint_of(damaged);
    }
  }
}

TEST_F(HostileDatabase, AWordThatRobiqDoesNotWriteIsRefused) {
  change("UPDATE runs SET kind = 'guess'");
  expect_refused("robiq writes no such kind as 'guess' in 'runs'");
  change("UPDATE runs SET kind = 'train'; INSERT INTO cells VALUES('s', 'c', 'asleep', NULL, '')");
  expect_refused("robiq writes no such state as 'asleep' in 'cells'");
}

TEST_F(HostileDatabase, ADamagedOneCanBeSetAside) {
  write_file(file_, "no database");
  EXPECT_THROW(const ResultsStore store(file_), DamagedDatabase);
  EXPECT_EQ(set_aside(file_), folder_.path() / "results.damaged.sqlite");
  { const ResultsStore store(file_); }
  write_file(file_, "no database");
  EXPECT_EQ(set_aside(file_), folder_.path() / "results.damaged2.sqlite");
  fs::create_directory(file_);
  EXPECT_THROW(const ResultsStore store(file_), DamagedDatabase);
  set_aside(file_);
  EXPECT_TRUE(ResultsStore(file_).runs().empty());
}

TEST_F(HostileDatabase, RemovedUnderWayItIsMissed) {
  ResultsStore store(file_);
  fs::remove_all(folder_.path());
  expect_error(ErrorKind::kData, {"was removed while it was in use", file_.string(), "*"},
               [&] { store.set_run_status(1, RunStatus::kFinished, ""); });
}

TEST_F(HostileDatabase, ReplacedUnderWayItIsMissed) {
  ResultsStore store(file_);
  fs::rename(file_, folder_.path() / "old.sqlite");
  { const ResultsStore other(file_); }
  expect_error(ErrorKind::kData, {"was removed while it was in use", file_.string(), "*"},
               [&] { store.set_run_status(1, RunStatus::kFinished, ""); });
}

TEST(ManyWriters, BeginOneNewDatabaseTogether) {
  const TemporaryFolder folder;
  constexpr int kRounds = 60, kWriters = 6;
  std::mutex mutex;
  std::vector<std::string> complaints;
  for (int round = 0; round < kRounds; ++round) {
    const fs::path file = folder.path() / std::to_string(round) / "results.sqlite";
    std::atomic<int> waiting = kWriters;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&] {
        --waiting;
        while (waiting > 0) std::this_thread::yield();
        try {
          ResultsStore store(file);
          RunRow run;
          run.kind = RunKind::kEvaluate;
          store.begin_run(run);
        } catch (const std::exception& error) {
          const std::lock_guard<std::mutex> lock(mutex);
          complaints.emplace_back(error.what());
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(ResultsStore(file, Access::kRead).runs().size(), std::size_t{kWriters});
  }
  EXPECT_THAT(complaints, testing::IsEmpty());
}

}  // namespace hostile_database_test
}  // namespace robiq
