// What a run does with pictures that cannot be read, and with a folder of decoded ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/io/table/csv.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::Workbench;
using testing::HasSubstr;

/// A list of 20 picture files of which p03 is cut off, p11 is not there and p17 is no picture.
class DamagedData : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string list = "image,mos,split\n";
    for (int i = 0; i < 20; ++i) {
      const std::string name = "p" + std::string(i < 10 ? "0" : "") + std::to_string(i) + ".png";
      write_png(file(name), det::image({name, 40, 44, 200, i}));
      const char* const split = i < 12 ? "train" : i < 16 ? "val" : "test";
      list += name + "," + std::to_string(i) + "," + split + "\n";
    }
    const std::string whole = read_file(file("p03.png"), 1 << 20);
    write_file(file("p03.png"), whole.substr(0, whole.size() / 2));
    fs::remove(file("p11.png"));
    write_file(file("p17.png"), "no picture");
    write_file(file("list.csv"), list);
  }
  static fs::path file(const std::string& name) { return Workbench::get().path("damaged") / name; }
  static Finished run(const std::string& arguments) { return Workbench::get().run(arguments); }
  static std::string read(const std::string& name) {
    return read_file(Workbench::get().path(name), 1 << 20);
  }
};

constexpr const char* kTraining =
    "train --data csv:damaged/list.csv --model cnniqa:hidden=16,filters=8,patches=4 --threads 1 "
    "--epochs 1 --batch-size 8 --learning-rate 0.001 --schedule constant --out ";
constexpr const char* kEvaluation =
    "evaluate --data csv:damaged/list.csv --model cnniqa:hidden=16,filters=8,patches=16 --weights "
    "w.safetensors --threads 1 --attack fgsm --split all --bootstrap 0 --out ";

TEST_F(DamagedData, StopsATrainingByName) {
  const Finished missing = run(kTraining + std::string("t0"));
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err,
              HasSubstr("1 of 16 pictures cannot be read, and --allow-missing permits 0"));
  EXPECT_THAT(missing.err, HasSubstr("p11.png"));
  const Finished one_more = run(kTraining + std::string("t1 --allow-missing 1"));
  EXPECT_EQ(one_more.exit_code, 3);
  EXPECT_THAT(one_more.err,
              HasSubstr("2 of 16 pictures cannot be read, and --allow-missing permits 1"));
  EXPECT_THAT(one_more.err, HasSubstr("p03.png"));
}

TEST_F(DamagedData, TrainsWithoutThoseThatMayBeMissing) {
  const Finished got = run(kTraining + std::string("t2 --allow-missing 2 --format json"));
  ASSERT_EQ(got.exit_code, 0) << got.err;
  EXPECT_THAT(got.err, HasSubstr("left out p03.png"));
  EXPECT_THAT(got.err, HasSubstr("left out p11.png: there is no file"));
  EXPECT_THAT(got.err, HasSubstr("14 of 16 pictures are used"));
  EXPECT_THAT(got.out, HasSubstr("\"pictures\": 14"));
  EXPECT_THAT(got.out, HasSubstr("\"pictures_expected\": 16"));
  EXPECT_EQ(read_csv(Workbench::get().path("t2/missing.csv")).rows.size(), 2U);
  EXPECT_THAT(read("t2/log.txt"), HasSubstr("14 of 16 pictures are used"));
  // The same batches, whoever met the damaged ones first.
  ASSERT_EQ(run(kTraining + std::string("t3 --allow-missing 9 --workers 4")).exit_code, 0);
  EXPECT_EQ(read("t2/checkpoints/last.safetensors").size(),
            read("t3/checkpoints/last.safetensors").size());
  EXPECT_EQ(read_csv(Workbench::get().path("t2/history.csv")).numbers("loss"),
            read_csv(Workbench::get().path("t3/history.csv")).numbers("loss"));
}

TEST_F(DamagedData, ARunDoesNotGoOnWithOtherPictures) {
  const std::string training = kTraining + std::string("t4 --allow-missing 3");
  ASSERT_EQ(run(training).exit_code, 0);
  const std::string kept = read("damaged/p05.png");
  write_file(file("p05.png"), "broken since");
  const Finished got = run(training + " --resume");
  write_file(file("p05.png"), kept);
  EXPECT_EQ(got.exit_code, 2);
  EXPECT_THAT(got.err, HasSubstr("with other pictures or labels"));
}

TEST_F(DamagedData, EvaluatesWithoutThoseThatMayBeMissing) {
  EXPECT_EQ(run(kEvaluation + std::string("e0 --allow-missing 2")).exit_code, 3);
  const Finished got = run(kEvaluation + std::string("e1 --allow-missing 3"));
  ASSERT_EQ(got.exit_code, 0) << got.err;
  EXPECT_THAT(got.err,
              HasSubstr("17 of 20 pictures are used; left out: p03.png, p11.png, p17.png"));
  const ResultsStore store(Workbench::get().path("e1/results.sqlite"), ResultsStore::Access::kRead);
  EXPECT_EQ(store.images().size(), 17U);
  bool stored = false;
  for (const FlagRow& flag : store.flags(1)) {
    stored |= flag.flag == "pictures-missing" && flag.text.starts_with("17 of 20");
  }
  EXPECT_TRUE(stored);
  EXPECT_EQ(read_csv(Workbench::get().path("e1/missing.csv")).rows.size(), 3U);
}

TEST_F(DamagedData, AFolderOfDecodedPicturesChangesNothing) {
  const std::string cached = " --allow-missing 2 --cache-dir kept --cache-gib 0.001";
  ASSERT_EQ(run(kTraining + std::string("c0 --allow-missing 2")).exit_code, 0);
  for (const char* out : {"c1", "c2"}) {
    ASSERT_EQ(run(kTraining + std::string(out) + cached).exit_code, 0);
    EXPECT_EQ(read_csv(Workbench::get().path("c0/history.csv")).numbers("loss"),
              read_csv(Workbench::get().path(std::string(out) + "/history.csv")).numbers("loss"));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(Workbench::get().path("kept")), {}), 14);
}

}  // namespace
}  // namespace robiq
