#include "robiq/core/files/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "support/errors.h"

namespace robiq {
namespace files_test {

namespace fs = std::filesystem;

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator{}));
}

TEST(Files, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "new" / "deep" / "a.bin";
  const std::string bytes = std::string("a\0\r\n\xFF", 5) + std::string(200'000, 'x');
  write_file(file, bytes);
  EXPECT_EQ(read_file(file, 1 << 20), bytes);
  write_file(file, "short");
  EXPECT_EQ(read_file(file, 5), "short");
  EXPECT_EQ(entries_in(file.parent_path()), 1u) << "a temporary file was left";
}

TEST(Files, ReadSaysWhatIsWrong) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.txt";
  expect_error(ErrorKind::kModel,
               {"there is no file '" + file.string() + "'", "", "check the path"},
               [&] { (void)read_file(file, 10, ErrorKind::kModel); });
  expect_error(ErrorKind::kData, {"is a folder, but a file is needed", "", "name a file"},
               [&] { (void)read_file(folder.path(), 10); });
  write_file(file, "12345678901");
  expect_error(ErrorKind::kData, {"is larger than 10 B", "", "give a smaller file"},
               [&] { (void)read_file(file, 10); });
  if (geteuid() != 0) {  // root may read everything
    ::chmod(file.c_str(), 0);
    expect_error(ErrorKind::kData, {"cannot be read", "", "check its permissions"},
                 [&] { (void)read_file(file, 100); });
  }
}

TEST(Files, EndlessFilesAreCutShort) {
  expect_error(ErrorKind::kData, {"larger than", "", "*"},
               [] { (void)read_file("/dev/zero", 1 << 20); });
}

TEST(Files, WriteSaysWhatIsWrong) {
  const TemporaryFolder folder;
  const std::string hint = "check that every part of the path is a folder";
  expect_error(ErrorKind::kData,
               {"cannot write: a folder of that name is in the way", folder.path().string(), hint},
               [&] { write_file(folder.path(), "x"); });
  write_file(folder.path() / "file", "x");
  expect_error(ErrorKind::kData, {"cannot make the folder", "file/sub", hint},
               [&] { write_file(folder.path() / "file" / "sub" / "a", "x"); });
  expect_error(ErrorKind::kData, {"cannot make the folder: ", "file", hint},
               [&] { make_folder(folder.path() / "file"); });
}

TEST(Files, AFailedWriteLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.txt";
  write_file(file, "old");
  EXPECT_THROW(write_file_with(file,
                               [](const fs::path& temporary) {
                                 std::ofstream(temporary) << "half";
                                 throw std::runtime_error("the writer gave up");
                               }),
               std::runtime_error);
  EXPECT_EQ(read_file(file, 10), "old");
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(Files, WhatAKilledWriterLeftOfTheSameFileIsRemoved) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.txt";
  const pid_t child = ::fork();
  if (child == 0) {
    write_file_with(file, [](const fs::path& temporary) {
      std::ofstream(temporary) << "half";
      ::raise(SIGKILL);
    });
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(entries_in(folder.path()), 1u) << "the killed one left what it had begun";
  std::ofstream(folder.path() / "b.txt.part77") << "of another file";
  std::ofstream(folder.path() / "a.txt.part") << "of somebody else";
  std::ofstream(folder.path() / "a.txt.part7.rar") << "of somebody else";
  write_file(file, "whole");
  EXPECT_EQ(read_file(file, 10), "whole");
  EXPECT_EQ(entries_in(folder.path()), 4u);
}

TEST(Files, WhatAnotherWriterStillWritesStays) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.txt";
  const fs::path other = folder.path() / "a.txt.part1";
  const int descriptor = ::open(other.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::flock(descriptor, LOCK_EX | LOCK_NB), 0);
  write_file(file, "mine");
  EXPECT_TRUE(fs::exists(other));
  ::close(descriptor);
}

TEST(Files, AsLongANameAsTheSystemTakesIsWritten) {
  const TemporaryFolder folder;
  for (const std::size_t length : {std::size_t{240}, kMostNameBytes}) {
    const fs::path file = folder.path() / std::string(length, 'n');
    write_file(file, "x");
    EXPECT_EQ(read_file(file, 10), "x");
  }
  EXPECT_EQ(entries_in(folder.path()), 2u);
  expect_error(ErrorKind::kData, {"cannot write: File name too long", "nnn", "*"},
               [&] { write_file(folder.path() / std::string(kMostNameBytes + 1, 'n'), "x"); });
  EXPECT_EQ(entries_in(folder.path()), 2u) << "a temporary file was left";
}

TEST(FileNames, LongOnesAreShortenedAndStayApart) {
  const std::string path = std::string(150, 'p') + "/" + std::string(150, 'q');
  EXPECT_EQ(bounded_stem_of("a/b%.png"), "a%2Fb%25.png");
  EXPECT_EQ(bounded_stem_of(std::string(kMostNameBytes, 'x')), std::string(kMostNameBytes, 'x'));
  EXPECT_EQ(bounded_stem_of(path + "1").size(), kMostNameBytes);
  EXPECT_NE(bounded_stem_of(path + "1"), bounded_stem_of(path + "2"));
  EXPECT_EQ(bounded_stem_of(path, kPictureStemBytes).size(), kPictureStemBytes);
  std::string letters = "x";
  for (int i = 0; i < 200; ++i) letters += "\xC3\xA9";  // é
  const std::string shortened = shortened_name(letters, 100);
  EXPECT_LE(shortened.size(), 100u);
  EXPECT_EQ(shortened.substr(0, 1 + 2 * 40), letters.substr(0, 1 + 2 * 40));
  EXPECT_EQ(shortened.find('~') % 2, 1u) << "no half letters";
}

TEST(Files, FlushingWhatIsNotThereIsAnError) {
  expect_error(ErrorKind::kData, {"cannot flush to disk", "/nowhere/at/all", "check that"},
               [] { sync_to_disk("/nowhere/at/all"); });
  const TemporaryFolder folder;
  EXPECT_NO_THROW(sync_to_disk(folder.path()));
}

TEST(Files, Sha256AgreesWithTheStandard) {  // FIPS 180-2, appendix B, and of the empty message
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string million(1'000'000, 'a');
  const std::string wanted = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
  EXPECT_EQ(sha256(million), wanted);
  const TemporaryFolder folder;
  write_file(folder.path() / "a", million);
  EXPECT_EQ(sha256_of_file(folder.path() / "a"), wanted);
}

TEST(Files, Sha256OfNoFileIsAnError) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kData, {"cannot read: it is missing or may not be read", "/none", "*"},
               [&] { (void)sha256_of_file(folder.path() / "none"); });
  expect_error(ErrorKind::kData, {"cannot read", folder.path().string(), "*"},
               [&] { (void)sha256_of_file(folder.path()); });
}

TEST(TemporaryFolder, GoesAwayWithAllItHolds) {
  fs::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    write_file(path / "a" / "b", "x");
    EXPECT_TRUE(fs::is_directory(path));
    EXPECT_NE(TemporaryFolder().path(), path);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryFolder, SaysWhenThereIsNoPlaceForIt) {
  const char* const before = std::getenv("TMPDIR");
  const std::string saved = before == nullptr ? "" : before;
  ::setenv("TMPDIR", "/nowhere/at/all", 1);
  expect_error(ErrorKind::kData, {"cannot find the folder for temporary files", "*", "check that"},
               [] { const TemporaryFolder folder; });
  if (before == nullptr) {
    ::unsetenv("TMPDIR");
  } else {
    ::setenv("TMPDIR", saved.c_str(), 1);
  }
}

}  // namespace files_test
}  // namespace robiq
