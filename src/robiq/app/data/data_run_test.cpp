#include "robiq/app/data/data_run.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/core/files/files.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/data/dataset.h"
#include "robiq/data/split.h"
#include "robiq/data/synthetic/scene/scene.h"
#include "robiq/io/table/csv.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/resample.h"
#include "support/errors.h"
#include "support/test_files.h"

namespace robiq {
namespace data_run_test {

namespace fs = std::filesystem;

class Synthesize : public ::testing::Test {
 protected:
  Synthesize() {
    for (const std::uint64_t scene : {1U, 2U, 3U}) {
      const auto picture = synthetic::to_bytes(synthetic::render_scene(1, scene, 160));
      at::Tensor bytes = at::empty({3, 160, 160}, at::kByte);
      std::memcpy(bytes.data_ptr(), picture.values.data(), picture.values.size());
      write_png(folder_.path() / "photos" / ("p" + std::to_string(scene) + ".png"), bytes);
    }
    write_file(folder_.path() / "photos" / "notes.txt", "no picture");
    request_.from = (folder_.path() / "photos").string();
    request_.out = (folder_.path() / "set").string();
    request_.size = 64;
  }
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(request_.out)) {
      if (entry.is_regular_file()) all[entry.path().string()] = sha256_of_file(entry.path());
    }
    return all;
  }
  void refuses(ErrorKind kind, const ErrorText& wanted) {
    expect_error(kind, wanted, [&] { (void)synthesize(request_); });
  }
  TemporaryFolder folder_;
  SynthesizeRequest request_;
};

TEST_F(Synthesize, MakesADataSetThatCsvReads) {
  request_.per_photo = 2;
  const auto summary = synthesize(request_);
  EXPECT_EQ(summary.photographs, 3);
  EXPECT_EQ(summary.scenes, 6);
  EXPECT_EQ(summary.pictures, 150);
  EXPECT_EQ(summary.finished_before, false);
  const Spec spec = parse_spec("csv:" + summary.csv.string(), "--data");
  const auto data = Registry<Dataset>::instance().make(spec, "--data");
  ASSERT_EQ(data->records().size(), 150U);
  const ImageRecord& record = data->records()[3];
  EXPECT_EQ(record.id, "images/p1-00-gaussian_blur-3.png");
  EXPECT_EQ(record.content, "p1.png");
  EXPECT_EQ(record.distortion, "gaussian_blur-3");
  EXPECT_LT(record.mos, data->records()[2].mos);
  EXPECT_EQ(data->records()[0].mos, 100);
  EXPECT_EQ(data->read(record).sizes(), (std::vector<std::int64_t>{3, 64, 64}));
  const Split split = make_split(data->records(), {}, Rng(0));
  EXPECT_EQ(split.test.size(), 50U);
}

TEST_F(Synthesize, WritesTheSameBytesAgain) {
  request_.scenes = 4;
  (void)synthesize(request_);
  const auto first = files();
  EXPECT_EQ(first.size(), 4U * 25U + 2U);
  EXPECT_EQ(synthesize(request_).finished_before, true);
  EXPECT_EQ(files(), first);
}

TEST_F(Synthesize, KnowsItsFolderWhateverTheOrderOfItsOptions) {
  request_.per_photo = 1;
  (void)synthesize(request_);
  const fs::path marker = fs::path(request_.out) / "synthesize.toml";
  std::vector<std::string> lines = split(read_file(marker, 1 << 20), '\n');
  std::ranges::reverse(lines);
  write_file(marker, join(lines, "\n") + "\n");
  EXPECT_EQ(synthesize(request_).finished_before, true);
}

TEST_F(Synthesize, DealsScenesOutToThePhotographs) {
  request_.scenes = 4;
  (void)synthesize(request_);
  const CsvTable table = read_csv(fs::path(request_.out) / "dataset.csv");
  EXPECT_EQ(table.header, (std::vector<std::string>{"image", "mos", "content", "distortion"}));
  std::map<std::string, int> pictures;
  for (const auto& row : table.rows) ++pictures[row[2]];
  EXPECT_EQ(pictures, (std::map<std::string, int>{{"p1.png", 50}, {"p2.png", 25}, {"p3.png", 25}}));
}

TEST_F(Synthesize, ChoosesPhotographsByName) {
  request_.only = {"p[12].png", "x*"};
  request_.per_photo = 1;
  EXPECT_EQ(synthesize(request_).photographs, 2);
}

TEST_F(Synthesize, ShrinksLargePhotographsFirst) {
  request_.short_side = 64;
  request_.per_photo = 0;
  EXPECT_EQ(synthesize(request_).scenes, 3);
  const fs::path made = fs::path(request_.out) / "images" / "p1-00-pristine.png";
  EXPECT_TRUE(at::equal(read_picture(made),
                        resize_bytes(read_picture(fs::path(request_.from) / "p1.png"), 64, 64)));
}

TEST_F(Synthesize, SkipsWhatIsFlatOrTooSmall) {
  write_png(fs::path(request_.from) / "flat.png", at::full({3, 128, 128}, 99, at::kByte));
  write_png(fs::path(request_.from) / "small.png", at::full({3, 20, 20}, 99, at::kByte));
  request_.per_photo = 1;
  EXPECT_EQ(synthesize(request_).photographs, 3);
}

TEST_F(Synthesize, RefusesAFolderThatIsNotItsOwn) {
  write_file(fs::path(request_.out) / "precious.txt", "mine");
  refuses(ErrorKind::kUsage, {"is not empty", "--out", "new or an empty folder"});
  EXPECT_EQ(read_file(fs::path(request_.out) / "precious.txt", 100), "mine");
  request_.out += "2";
  request_.per_photo = 1;
  (void)synthesize(request_);
  request_.seed = 1;
  refuses(ErrorKind::kUsage, {"is not empty", "--out", "*"});
}

TEST_F(Synthesize, SaysWhatIsMissing) {
  request_.scenes = 1000;
  refuses(ErrorKind::kData, {"of 64x64 pixels, 1000 are wanted", "photos", "--per-photo"});
  EXPECT_FALSE(fs::exists(request_.out));
  request_.only = {"nothing*"};
  refuses(ErrorKind::kData, {"matches nothing*", "--from", "JPEG"});
  request_.from = "/nowhere";
  refuses(ErrorKind::kData, {"there is no folder '/nowhere'", "--from", "*"});
  request_.from = "";
  refuses(ErrorKind::kUsage, {"no folder of photographs", "--from", "--from DIR --out DIR"});
}

TEST_F(Synthesize, RefusesTwoPhotographsOfOneName) {
  fs::copy_file(fs::path(request_.from) / "p1.png", fs::path(request_.from) / "p1.jpg");
  refuses(ErrorKind::kData, {"two photographs are called 'p1'", "photos", "rename one"});
}

TEST_F(Synthesize, NamesADamagedPhotograph) {
  write_file(fs::path(request_.from) / "p4.png", "no picture");
  refuses(ErrorKind::kData, {"cannot read this as a picture", "p4.png", "*"});
}

TEST_F(Synthesize, StopsWhenAskedAndGoesOn) {
  request_.per_photo = 1;
  set_stop_requested(true);
  EXPECT_THROW((void)synthesize(request_), Interrupted);
  set_stop_requested(false);
  EXPECT_FALSE(fs::exists(fs::path(request_.out) / "dataset.csv"));
  EXPECT_EQ(synthesize(request_).scenes, 3);
}

TEST(SynthesizeFromPhotographs, CutsEnoughScenes) {
  const fs::path photos = test::shared_path("data/photos");
  if (photos.empty()) GTEST_SKIP() << "no shared photographs here";
  const TemporaryFolder folder;
  SynthesizeRequest request;
  request.from = photos.string();
  request.out = (folder.path() / "set").string();
  request.only = {"tid2013_*", "kodim*", "maniqa_*", "hyperiqa_*", "frame*"};
  request.scenes = 40;
  const auto summary = synthesize(request);
  EXPECT_EQ(summary.photographs, 17);
  EXPECT_EQ(summary.scenes, 40);
  EXPECT_LT(summary.mos_least, 20);
}

}  // namespace data_run_test
}  // namespace robiq
