// Nothing that robiq did not write is replaced; its own outputs can be made again; what is stopped
// is printed and goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::Workbench;
using testing::HasSubstr;

fs::path path(const std::string& name) { return Workbench::get().path(name); }
std::string bytes(const std::string& name) { return read_file(path(name), 1u << 24); }
Finished run(const std::string& arguments) { return Workbench::get().run(arguments); }

void expect_refused(const std::string& command, const std::string& kept) {
  const std::string before = bytes(kept);
  const Finished got = run(command);
  EXPECT_EQ(got.exit_code, 2) << command << "\n" << got.err;
  EXPECT_THAT(got.err, HasSubstr(kept));
  EXPECT_EQ(bytes(kept), before) << command;
}

TEST(Outputs, OfOthersStay) {
  fs::create_directories(path("mine"));
  fs::copy(path("pictures/p0.png"), path("mine/q.png"));
  write_file(path("q.bmp"), "");
  fs::copy(path("pictures/p1.png"), path("q.jpg"));
  const std::string attack =
      "attack fgsm q.jpg --level image --weights w.safetensors --threads 1 --out ";
  expect_refused(attack + "mine", "mine/q.png");
  EXPECT_EQ(run(attack + "mine --force").exit_code, 0);
  EXPECT_EQ(run(attack + "mine").exit_code, 0) << "now it is robiq's own";
  fs::copy(path("w.safetensors"), path("kept.safetensors"));
  const std::string uap =
      "uap --weights w.safetensors --data builtin:scenes=4,size=64 --max-steps 1 --batch-size 2 "
      "--threads 1 --out ";
  expect_refused(uap + "kept.safetensors", "kept.safetensors");
  EXPECT_EQ(run(uap + "u.safetensors").exit_code, 0);
  EXPECT_EQ(run(uap + "u.safetensors").exit_code, 0);
  const std::string convert = "weights convert w.safetensors ";
  EXPECT_EQ(run(convert + "c.pth").exit_code, 0);
  EXPECT_EQ(run(convert + "c.pth").exit_code, 0) << "the very same";
  write_file(path("other.pth"), "mine");
  expect_refused(convert + "other.pth", "other.pth");
  EXPECT_EQ(run(convert + "other.pth --force").exit_code, 0);
  write_file(path("page/report.md"), "mine");
  expect_refused("report trained --out page", "page/report.md");
  for (const char* name : {"history.csv", "log.txt", "missing.csv", "split.csv"}) {
    const std::string folder = std::string("run-") + name;
    write_file(path(folder) / name, "mine\n");
    expect_refused(std::string("train --epochs 1 --out ") + folder + test::kTinyTraining,
                   folder + "/" + name);
    expect_refused("evaluate --weights w.safetensors --out " + folder, folder + "/" + name);
  }
}

TEST(Stopped, AttackPrintsItsRowsAndSaysWhatIsSaved) {
  for (const int which : {SIGINT, SIGTERM, SIGHUP}) {
    const std::string out = "stopped" + std::to_string(which);
    test::Program program(
        Workbench::get().path(),
        test::words("attack ifgsm:steps=400 pictures --level image --weights w.safetensors "
                    "--threads 1 --format json --out " +
                    out));
    ASSERT_TRUE(program.wait_until([&] { return fs::exists(path(out) / "p0.png"); }));
    program.send(which);
    const Finished got = program.wait();
    EXPECT_EQ(got.exit_code, 130) << got.err;
    EXPECT_THAT(got.out, HasSubstr("pictures/p0.png"));
    EXPECT_THAT(got.err, HasSubstr("is saved in " + out));
  }
}

TEST(Stopped, UapGoesOnToTheSameBytes) {
  const std::string uap =
      "uap --weights w.safetensors --data builtin:scenes=4,size=64 --max-steps 40 --batch-size 4 "
      "--threads 1 --out ";
  EXPECT_EQ(run(uap + "whole.safetensors").exit_code, 0);
  test::Program program(Workbench::get().path(), test::words(uap + "parts.safetensors"));
  std::this_thread::sleep_for(std::chrono::seconds(1));
  program.send(SIGTERM);
  static_cast<void>(program.wait());
  EXPECT_EQ(run(uap + "parts.safetensors").exit_code, 0);
  EXPECT_EQ(bytes("parts.safetensors"), bytes("whole.safetensors"));
  EXPECT_FALSE(fs::exists(path("parts.unfinished.safetensors")));
}

}  // namespace
}  // namespace robiq
