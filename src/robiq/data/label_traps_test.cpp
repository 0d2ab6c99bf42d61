// What is odd about the labels of each published set.
#include <gtest/gtest.h>

#include "robiq/data/published_set.h"
#include "robiq/data/split.h"
#include "support/errors.h"
#include "support/fake_sets.h"

namespace robiq {
namespace label_traps_test {

namespace fs = std::filesystem;

std::unique_ptr<Dataset> open(const std::string& spec) {
  return Registry<Dataset>::instance().make(parse_spec(spec, "--data"), "--data");
}

const ImageRecord& record_of(const Dataset& data, const std::string& id) {
  for (const ImageRecord& record : data.records()) {
    if (record.id == id) return record;
  }
  throw std::runtime_error("no record " + id);
}

/// One set and the traps in its labels.
class LabelTraps : public testing::Test {
 protected:
  void refuses(const std::string& spec, const ErrorText& wanted) {
    expect_error(ErrorKind::kData, wanted, [&] { (void)open(spec); });
  }
  TemporaryFolder folder_;
  fs::path at_ = folder_.path();
};

TEST_F(LabelTraps, LiveChallengeDropsTheSevenTrainingImagesAndKeepsItsOrder) {
  const auto data = open("livec:" + test::fake_livec(at_).string());
  EXPECT_EQ(data->records()[0].id, "100.bmp");
  EXPECT_EQ(data->records()[0].mos, 3.42);
  EXPECT_EQ(data->records()[2].id, "10.bmp");
  EXPECT_NEAR(data->records()[11].mos, 92.43, 1e-9);
  EXPECT_EQ(data->card().scale, (ScoreScale{3.42, 92.43}));
}

TEST_F(LabelTraps, LiveChallengeWantsThePublishersLists) {
  const fs::path root = test::fake_livec(at_);
  const fs::path list = root / "Data" / "AllImages_release.mat";
  test::write_mat5(list, {test::mat_cells("AllImages_release", {"100.bmp", "101.bmp"})});
  refuses("livec:" + root.string(), {"2 pictures are listed and 19 labels", "AllImages", "1169"});
  std::vector<std::string> names(19, "x.bmp");
  test::write_mat5(list, {test::mat_cells("AllImages_release", names)});
  refuses("livec:" + root.string(), {"row 1 is 'x.bmp'", "AllImages", "unchanged"});
  test::write_mat5(list, {test::mat_cells("Names", names)});
  refuses("livec:" + root.string(), {"it holds Names", "AllImages_release.mat", "*"});
  test::write_mat5(list, {test::Given::doubles("AllImages_release", {1, 1}, {1})});
  refuses("livec:" + root.string(), {"is not a cell array", "AllImages_release.mat", "*"});
  write_file(list, "nothing");
  refuses("livec:" + root.string(), {"not a MATLAB file", "AllImages_release.mat", "*"});
  fs::remove(list);
  refuses("livec:" + root.string(), {"no label file 'Data/AllImages_release.mat'", "*", "unpack"});
}

TEST_F(LabelTraps, LiveLeavesOutTheUnimpairedCopies) {
  const std::string root = test::fake_live(at_).string();
  const auto data = open("live:" + root);
  ASSERT_EQ(data->records().size(), 15U);
  EXPECT_EQ(data->records()[3].id, "jpeg/img1.bmp");
  EXPECT_EQ(data->records()[3].content, "caps.bmp");
  EXPECT_EQ(data->records()[3].distortion, "jpeg");
  EXPECT_NEAR(data->records()[3].mos, -2 + 227 * 0.1, 1e-9);
  EXPECT_EQ(data->card().scale, (ScoreScale{111.775, -2.640}));
}

TEST_F(LabelTraps, LiveHasTwoLabels) {
  const fs::path root = test::fake_live(at_);
  const auto data = open("live:" + root.string() + ",label=dmos");
  EXPECT_NEAR(data->records()[3].mos, 10 + 227 * 0.05, 1e-9);
  EXPECT_EQ(data->card().scale.best, 10);
  EXPECT_TRUE(data->card().spec.ends_with(",label=dmos"));
  test::write_mat5(root / "dmos.mat", {test::Given::doubles("dmos", {1, 2}, {1, 2}),
                                       test::Given::doubles("orgs", {1, 2}, {0, 1})});
  refuses("live:" + root.string() + ",label=dmos", {"LIVE has 982 of each", "dmos.mat", "*"});
  fs::remove(root / "dmos_realigned.mat");
  refuses("live:" + root.string(), {"label=dmos does without", "*", "*"});
}

TEST_F(LabelTraps, KoniqHasThreeScales) {
  const std::string root = test::fake_koniq10k(at_).string();
  const auto mos = [&](const std::string& options) {
    return open("koniq10k:" + root + options)->records()[0].mos;
  };
  EXPECT_EQ(mos(""), 5);
  EXPECT_EQ(mos(",label=zscore"), 5);
  EXPECT_EQ(mos(",label=mos"), 1.2);
  EXPECT_EQ(mos(",label=sets"), 4);
  const auto data = open("koniq10k:" + root + ",label=mos");
  EXPECT_EQ(data->card().scale, (ScoreScale{1.096, 4.310}));
  EXPECT_EQ(open("koniq10k:" + root)->card().scale, (ScoreScale{5, 85}));
}

TEST_F(LabelTraps, KoniqHasOfficialSets) {
  const fs::path root = test::fake_koniq10k(at_);
  const auto data = open("koniq10k:" + root.string());
  EXPECT_EQ(data->records()[0].split, "train");
  EXPECT_EQ(data->records()[6].split, "val");
  EXPECT_EQ(data->records()[9].split, "test");
  EXPECT_EQ(make_split(data->records(), {}, Rng(1)).test, (std::vector<std::size_t>{8, 9}));
  EXPECT_EQ(open("koniq10k:" + root.string() + ",sets=none")->records()[0].split, "");
  write_csv(root / "koniq10k_distributions_sets.csv", {"image_name", "set"},
            {{data->records()[0].id, "tuning"}});
  refuses("koniq10k:" + root.string(), {"'tuning' is not one of training", "sets.csv:2", "*"});
  write_csv(root / "koniq10k_distributions_sets.csv", {"image_name", "set"},
            {{data->records()[0].id, "training"}});
  refuses("koniq10k:" + root.string(), {"is in no set", "*", "sets=none"});
}

TEST_F(LabelTraps, KoniqSaysWhichOfItsTwoFilesIsMissing) {
  const fs::path root = test::fake_koniq10k(at_);
  const std::string scores = "koniq10k_scores_and_distributions";
  make_folder(root / scores);  // as the publisher packs it
  fs::rename(root / (scores + ".csv"), root / scores / (scores + ".csv"));
  EXPECT_EQ(open("koniq10k:" + root.string())->records().size(), 10U);
  fs::remove_all(root / scores);
  refuses("koniq10k:" + root.string(), {"no label file '" + scores, "*", "label=sets"});
  EXPECT_EQ(open("koniq10k:" + root.string() + ",label=sets")->records().size(), 10U);
  fs::remove(root / "koniq10k_distributions_sets.csv");
  refuses("koniq10k:" + root.string() + ",label=sets", {"distributions_sets", "*", "sets=none"});
  refuses("koniq10k:" + root.string() + ",size=512x384", {"holds no '512x384'", "*", "*"});
}

TEST_F(LabelTraps, KadidsDmosIsHigherIsBetter) {
  const fs::path root = test::fake_kadid10k(at_);
  const auto data = open("kadid10k:" + root.string());
  EXPECT_EQ(data->card().scale, (ScoreScale{1, 4.93}));
  const ImageRecord& record = record_of(*data, "I02_10_05.png");
  EXPECT_EQ(record.content, "I02.png");
  EXPECT_EQ(record.distortion, "10-05");
  write_csv(root / "dmos.csv", {"dist_img", "ref_img", "dmos", "var"}, {{"I1.png", "r", "2", "1"}});
  refuses("kadid10k:" + root.string(), {"'I1.png' does not look like", "dmos.csv:2", "*"});
}

TEST_F(LabelTraps, TidsLetterCaseIsIgnored) {
  const fs::path root = test::fake_tid2013(at_);
  const auto data = open("tid2013:" + root.string());
  const ImageRecord& record = record_of(*data, "I01_01_1.bmp");
  EXPECT_EQ(record.file.filename(), "i01_01_1.BMP");
  EXPECT_EQ(record.content, "i01");
  EXPECT_EQ(record.distortion, "01-1");
  EXPECT_EQ(data->records()[0].mos, 0.24242);
  test::write_fake_picture(root / "distorted_images" / "I01_01_1.bmp", 3);
  refuses("tid2013:" + root.string(), {"'I01_01_1.bmp' and 'i01_01_1.BMP' differ only in their",
                                       "distorted_images", "remove the one"});
  write_file(root / "mos_with_names.txt", "5.5 I01_01_1.bmp\nI02_01_1.bmp 4\n");
  fs::remove(root / "distorted_images" / "I01_01_1.bmp");
  refuses("tid2013:" + root.string(), {"the line is not", "mos_with_names.txt:2", "*"});
}

TEST_F(LabelTraps, CsiqsWordsAndNumbersBecomeFileNames) {
  const fs::path root = test::fake_csiq(at_);
  const auto data = open("csiq:" + root.string());
  EXPECT_EQ(data->card().scale, (ScoreScale{1, 0}));
  const ImageRecord& record = record_of(*data, "awgn/1600.AWGN.2.png");
  EXPECT_EQ(record.content, "1600");
  EXPECT_EQ(record.distortion, "awgn-2");
  EXPECT_TRUE(fs::exists(record.file));
  EXPECT_EQ(record_of(*data, "jpeg2000/boston.jpeg2000.2.png").content, "boston");
  const test::XlsxRows rows = {{"image", "dst_type", "dst_lev", "dmos"},
                               {"1600.0", "noise", "2.0", "0.5"},
                               {"boston", "snow", "1", "0.2"}};
  test::XlsxParts(rows, "all_by_image").write(root / "csiq.DMOS.xlsx");
  refuses("csiq:" + root.string(), {"'snow' is not a distortion of CSIQ", "row 3", "jpeg 2000"});
  test::XlsxParts({rows.begin(), rows.begin() + 2}, "all_by_image").write(root / "csiq.DMOS.xlsx");
  EXPECT_EQ(open("csiq:" + root.string())->records()[0].id, "awgn/1600.AWGN.2.png");
  test::XlsxParts(rows, "Sheet1").write(root / "csiq.DMOS.xlsx");
  refuses("csiq:" + root.string(), {"no sheet 'all_by_image', only 'Sheet1'", "*", "*"});
  test::XlsxParts(test::XlsxRows{{"a"}}, "all_by_image").write(root / "csiq.DMOS.xlsx");
  refuses("csiq:" + root.string(), {"names the columns image, dst_type", "*", "*"});
}

TEST_F(LabelTraps, BidsNumbersHaveGaps) {
  const fs::path root = test::fake_bid(at_);
  const auto data = open("bid:" + root.string());
  EXPECT_EQ(data->records()[1].id, "DatabaseImage0004.JPG");
  EXPECT_EQ(data->card().scale, (ScoreScale{0.1, 4.7}));
  const test::XlsxRows rows = {{"image number", "average subjective grade"}, {"1.5", "3"}};
  test::XlsxParts(rows, "Plan1").write(root / "DatabaseGrades.xlsx");
  refuses("bid:" + root.string(), {"'1.5' is not an image number", "row 2", "*"});
}

TEST_F(LabelTraps, ALabelThatIsNoNumberIsNamed) {
  const fs::path root = test::fake_spaq(at_);
  test::XlsxParts(test::XlsxRows{{"Image name", "MOS"}, {"00001.jpg", "good"}})
      .write(root / "Annotations" / "MOS and Image attribute scores.xlsx");
  refuses("spaq:" + root.string(), {"good", "MOS and Image attribute scores.xlsx", "*"});
}

TEST_F(LabelTraps, PipalsLabelsLieInAFileForEachScene) {
  const fs::path root = test::fake_pipal(at_);
  const auto data = open("pipal:" + root.string());
  EXPECT_EQ(data->records()[0].id, "A0001_00_00.bmp");
  EXPECT_EQ(data->records()[0].mos, 916.71);
  EXPECT_EQ(data->records()[4].content, "A0002");
  EXPECT_EQ(data->records()[4].distortion, "02-10");
  write_file(root / "Train_Label" / "A0001.txt", "A0001_00_00.bmp,1500\nA0001_00_01.bmp\n");
  refuses("pipal:" + root.string(), {"the line is not", "A0001.txt:2", "*"});
  write_file(root / "Train_Label" / "A0001.txt", "a.bmp,1500\na.bmp,1400\n");
  refuses("pipal:" + root.string(), {"'a.bmp' is listed twice", "pipal:", "*"});
}

}  // namespace label_traps_test
}  // namespace robiq
