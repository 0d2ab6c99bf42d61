// A model is not judged by the pictures that it was trained on, whatever they are called.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/json_lines.h"
#include "support/tiny_pictures.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::Workbench;
using testing::HasSubstr;
using testing::Not;

constexpr int kPictures = 20;
constexpr const char* kEvaluate =
    "evaluate --model cnniqa --weights known/checkpoints/best.safetensors --attack fgsm --threads "
    "1 "
    "--bootstrap 0 --examples 0 --format jsonl --data ";

using Rows = std::vector<std::vector<std::string>>;

std::string name_of(int i) { return "p" + std::to_string(i) + ".png"; }

/// Twenty pictures, listed in set.csv, and a model trained on 14 of them, chosen by 2.
class TrainedPictures : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (int i = 0; i < kPictures; ++i) {
      write_png(place("set/" + name_of(i)), det::image({"trained" + std::to_string(i), 40, 40}));
    }
    write_csv(place("set/set.csv"), {"image", "mos"}, rows());
    (void)Workbench::get().run_well(
        "train --model cnniqa:hidden=16,filters=8,patches=4 --data csv:set/set.csv --seed 5 "
        "--epochs 1 --batch-size 8 --threads 1 --quiet --out known");
  }
  static fs::path place(const std::string& name) { return Workbench::get().path(name); }
  static Rows rows() {
    Rows rows;
    for (int i = 0; i < kPictures; ++i) rows.push_back({name_of(i), std::to_string(5 * i)});
    return rows;
  }
  /// Evaluates; gives what was printed and how many pictures were judged.
  static Finished evaluate(const std::string& data, const std::string& out,
                           const std::string& options = "") {
    return Workbench::get().run(kEvaluate + data + " --out " + out + " " + options);
  }
  static std::int64_t judged(const Finished& finished) {
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    const auto rows = test::json_lines(finished.out);
    return rows.empty() ? 0 : rows.front().at("n").get<std::int64_t>();
  }
};

TEST_F(TrainedPictures, TheTestPartStaysTheTestPartHoweverTheSetIsWritten) {
  Rows turned = rows();
  std::reverse(turned.begin(), turned.end());
  turned[3][1] = "33.25";  // a mended label
  write_csv(place("set/turned.csv"), {"image", "mos"}, turned);
  int run = 0;
  for (const std::string& data :
       {std::string("csv:set/set.csv"), std::string("csv:./set/set.csv"),
        "csv:" + place("set/set.csv").string(), std::string("csv:set/set.csv,worst=0,best=100"),
        std::string("csv:set/turned.csv")}) {
    const Finished finished = evaluate(data, "same-" + std::to_string(run++));
    EXPECT_EQ(judged(finished), 4) << data;
    EXPECT_THAT(finished.err, Not(HasSubstr("left out"))) << data;
  }
}

TEST_F(TrainedPictures, RenamedOrSavedAgainTheyAreLeftOut) {
  Rows renamed;
  for (int i = 0; i < kPictures; ++i) {
    const std::string name = "q" + std::to_string((7 * i + 3) % kPictures) + ".png";
    fs::copy_file(place("set/" + name_of(i)), place("set/" + name));
    renamed.push_back({name, std::to_string(5 * i)});
  }
  write_csv(place("set/renamed.csv"), {"image", "mos"}, renamed);
  const Finished all = evaluate("csv:set/renamed.csv", "renamed-all", "--split all");
  EXPECT_EQ(judged(all), 4);
  EXPECT_THAT(all.err, HasSubstr("left out 16 of 20 pictures: the model has seen them (14 of "
                                 "its training, 2 of its validation); --include-trained"));
}

TEST_F(TrainedPictures, WhenTooFewAreLeftTheEvaluationIsRefused) {
  const CsvTable split = read_csv(place("known/split.csv"));
  Rows seen;
  for (const auto& row : split.rows) {
    if (row[3] != "test") seen.push_back({"../set/" + row[0], row[1]});
  }
  ASSERT_EQ(seen.size(), 16U);
  fs::create_directory(place("seen"));
  write_csv(place("seen/seen.csv"), {"image", "mos"}, seen);
  const Finished refused = evaluate("csv:seen/seen.csv", "seen-run", "--split all");
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err,
              HasSubstr("16 of 16 pictures (14 of its training, 2 of its validation)"));
  EXPECT_THAT(refused.err, HasSubstr("--include-trained"));
}

TEST_F(TrainedPictures, AreKeptWhenAskedForAndTheResultsSaySo) {
  const Finished kept = evaluate("csv:set/set.csv", "kept", "--split all --include-trained");
  EXPECT_EQ(judged(kept), kPictures);
  const Finished train = evaluate("csv:set/set.csv", "kept-train", "--split train");
  EXPECT_EQ(judged(train), 14);
  for (const char* const run : {"kept", "kept-train"}) {
    const ResultsStore store(place(run) / "results.sqlite", ResultsStore::Access::kRead);
    const std::vector<FlagRow> flags = store.flags(1);
    EXPECT_TRUE(std::any_of(flags.begin(), flags.end(), [](const FlagRow& flag) {
      return flag.flag == "trained-on" && flag.severity == Severity::kWarning;
    })) << run;
  }
}

TEST_F(TrainedPictures, StayKnownToAModelThatIsTrainedFurther) {
  write_csv(place("set/few.csv"), {"image", "mos", "split"},
            {{name_of(0), "1", "train"}, {name_of(1), "2", "train"}});
  (void)Workbench::get().run_well(
      "train --model cnniqa:hidden=16,filters=8,patches=4 --data csv:set/few.csv --init "
      "known/checkpoints/best.safetensors --epochs 1 --batch-size 2 --threads 1 --quiet --out "
      "further");
  const Finished finished = Workbench::get().run(
      "evaluate --model cnniqa --weights further/checkpoints/best.safetensors --attack fgsm "
      "--threads 1 --bootstrap 0 --format jsonl --data csv:set/set.csv --split all --out "
      "further-run");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("left out"));
}

TEST_F(TrainedPictures, OfWeightsThatListNoneCannotBeChecked) {
  (void)Workbench::get().run_well("weights convert known/checkpoints/best.safetensors plain.pth");
  const Finished finished = Workbench::get().run(
      "evaluate --model cnniqa:hidden=16,filters=8,patches=4 --weights plain.pth --attack fgsm "
      "--threads 1 --bootstrap 0 --data csv:set/set.csv --out plain-run");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("cannot be checked"));
}

TEST_F(TrainedPictures, ASetOfTestPicturesAloneIsEvaluated) {
  write_csv(place("set/alltest.csv"), {"image", "mos", "reference", "split"},
            {{name_of(0), "0", "ref.png", "test"}, {name_of(1), "1", "ref.png", "test"}});
  for (const char* const part : {"test", "all"}) {
    const Finished finished = Workbench::get().run(
        std::string("evaluate --model cnniqa --weights w.safetensors --attack fgsm --threads 1 "
                    "--bootstrap 0 --format jsonl --data csv:set/alltest.csv --split ") +
        part + " --out alltest-" + part);
    EXPECT_EQ(judged(finished), 2) << part;
  }
  const Finished trained = Workbench::get().run(
      "train --model cnniqa --data csv:set/alltest.csv --epochs 1 --out alltest-train");
  EXPECT_EQ(trained.exit_code, 3);
  EXPECT_THAT(trained.err, HasSubstr("nothing is left to train on"));
}

TEST_F(TrainedPictures, AUniversalPerturbationSaysWhenItIsTriedOnItsOwnPictures) {
  const std::string make =
      "uap --model cnniqa --weights known/checkpoints/best.safetensors --data csv:set/set.csv "
      "--batch-size 2 --max-steps 1 --threads 1 --quiet --split ";
  (void)Workbench::get().run_well(make + "test --out of-test.safetensors");
  (void)Workbench::get().run_well(make + "train --out of-train.safetensors");
  const auto flags = [](const std::string& out) {
    std::vector<std::string> names;
    for (const FlagRow& flag :
         ResultsStore(place(out + "/results.sqlite"), ResultsStore::Access::kRead).flags(1)) {
      names.push_back(flag.attack + ":" + flag.flag);
    }
    return names;
  };
  const Finished own = evaluate("csv:set/set.csv", "own-uap", "--attack uap:of-test.safetensors");
  EXPECT_EQ(own.exit_code, 0) << own.err;
  EXPECT_THAT(own.err, HasSubstr("the attack was made from 4 of these 4 pictures"));
  EXPECT_THAT(flags("own-uap"), testing::Contains("uap:attack-trained-on"));
  const Finished other =
      evaluate("csv:set/set.csv", "other-uap", "--attack uap:of-train.safetensors");
  EXPECT_EQ(other.exit_code, 0) << other.err;
  EXPECT_THAT(flags("other-uap"), Not(testing::Contains("uap:attack-trained-on")));
}

}  // namespace
}  // namespace robiq
