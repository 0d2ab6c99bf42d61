// What `robiq evaluate` and `robiq attack` promise about surrogates, transfer, pictures of others,
// further distances, the MSU benchmark's tables, and flags.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/json_lines.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::Finished;
using test::json_lines;
using test::Workbench;
using testing::Each;
using testing::HasSubstr;

constexpr const char* kData =
    " --data builtin:scenes=4,size=64 --split-seed 0 --limit 4 --threads 1 --bootstrap 0 "
    "--include-trained ";

std::string run(const std::string& arguments) { return Workbench::get().run_well(arguments).out; }

fs::path at(const std::string& name) { return Workbench::get().path(name); }

/// Evaluates, and gives the rows that were printed.
std::vector<Json> evaluate(const std::string& folder, const std::string& options) {
  return json_lines(
      run("evaluate --weights w.safetensors --format jsonl --out " + folder + kData + options));
}

Json row_of(const std::vector<Json>& rows, const std::string& attack, const std::string& block) {
  for (const Json& row : rows) {
    if (row.at("attack") == attack && row.at("block") == block) return row;
  }
  ADD_FAILURE() << "no row of " << attack << ", " << block;
  return {};
}

std::vector<ScoreRow> scores_in(const std::string& folder) {
  return ResultsStore(at(folder) / "results.sqlite", ResultsStore::Access::kRead).scores(1);
}

/// Bytes of every picture saved under an attack, by name.
std::map<std::string, std::string> artifacts(const std::string& folder, const std::string& attack) {
  std::map<std::string, std::string> pictures;
  for (const auto& entry : fs::directory_iterator(at(folder) / "artifacts" / attack)) {
    pictures[entry.path().filename().string()] = sha256_of_file(entry.path());
  }
  return pictures;
}

/// Another model of the same kind, trained from another seed.
const std::string& other_weights() {
  static const std::string file = [] {
    run(std::string("train --out other --epochs 1 --seed 7 --quiet") + test::kTinyTraining);
    return std::string("other/checkpoints/best.safetensors");
  }();
  return file;
}

TEST(Surrogate, EveryTargetMeetsTheSamePictures) {
  const std::string black_box =
      " --attack korhonen:most_steps=3,least_steps=3 fgsm --save -1 --surrogate cnniqa "
      "--surrogate-weights " +
      other_weights();
  evaluate("target-a", black_box);
  run("evaluate --out target-b --quiet --weights " + other_weights() + kData + black_box);
  EXPECT_EQ(artifacts("target-a", "korhonen-most_steps=3,least_steps=3"),
            artifacts("target-b", "korhonen-most_steps=3,least_steps=3"));
  EXPECT_NE(artifacts("target-a", "fgsm"), artifacts("target-b", "fgsm"))
      << "a white box follows the target's own gradients";
  for (const ScoreRow& row : scores_in("target-a")) {
    EXPECT_EQ(row.surrogate.empty(), row.attack != "korhonen") << row.attack;
    if (row.attack != "none") {
      EXPECT_EQ(row.level, row.attack == "fgsm" ? "view" : "image");
    }
  }
}

TEST(Surrogate, TransferMakesWhiteBoxesOnItToo) {
  const std::string transfer =
      " --attack fgsm --save -1 --transfer --surrogate cnniqa "
      "--surrogate-weights " +
      other_weights();
  evaluate("transfer-a", transfer);
  run("evaluate --out transfer-b --quiet --weights " + other_weights() + kData + transfer);
  EXPECT_EQ(artifacts("transfer-a", "fgsm"), artifacts("transfer-b", "fgsm"));
  // Made by hand on the surrogate, shown to the model: the same scores.
  for (const ScoreRow& row : scores_in("transfer-a")) {
    if (row.attack != "fgsm") continue;
    EXPECT_EQ(row.level, "image");
    EXPECT_THAT(row.surrogate, HasSubstr("cnniqa:"));
  }
}

TEST(Surrogate, HalfOfOneIsRefused) {
  const Workbench& bench = Workbench::get();
  const Finished no_name =
      bench.run(std::string("evaluate --out half --weights w.safetensors --surrogate-weights ") +
                other_weights() + kData);
  EXPECT_EQ(no_name.exit_code, 2);
  EXPECT_THAT(no_name.err, HasSubstr("no surrogate was named"));
  const Finished no_weights =
      bench.run(std::string("evaluate --out half --weights w.safetensors --surrogate cnniqa "
                            "--attack korhonen") +
                kData);
  EXPECT_EQ(no_weights.exit_code, 2);
  EXPECT_THAT(no_weights.err, HasSubstr("no weights for cnniqa"));
}

TEST(PicturesOfOthers, AreScoredInPlaceOfTheCleanOnes) {
  const std::vector<Json> made = json_lines(
      run("attack fgsm:epsilon=0.02,step_size=0.02 pictures --level image --weights w.safetensors "
          "--out made --format jsonl --threads 1"));
  ASSERT_EQ(made.size(), 5u);
  std::string table = "image,mos\n";
  for (int i = 0; i < 5; ++i) table += "pictures/p" + std::to_string(i) + ".png," + "50\n";
  write_file(at("five.csv"), table + "small.png,10\n");
  run("evaluate --weights w.safetensors --data csv:five.csv --split all --limit 5 --threads 1 "
      "--bootstrap 0 --quiet --attack files:made --out shown");
  std::map<std::string, double> wanted;
  for (const Json& row : made) wanted[row.at("image")] = row.at("after_8bit");
  const ResultsStore store(at("shown/results.sqlite"), ResultsStore::Access::kRead);
  std::map<std::int64_t, std::string> names;
  for (const ImageRow& image : store.images()) names[image.id] = image.name;
  std::size_t seen = 0;
  for (const ScoreRow& row : store.scores(1)) {
    if (row.attack != "files") continue;
    ++seen;
    EXPECT_NEAR(row.after, wanted.at(names.at(row.image)), 1e-3);
    EXPECT_NEAR(row.after, row.after_8bit, 1e-6) << "they have 8 bits already";
    EXPECT_GT(row.linf, 0.01);
  }
  EXPECT_EQ(seen, 5u);
}

TEST(Attack, TripletsShowTheDifference) {
  run("attack fgsm pictures/p0.png --level image --triplet 20 --weights w.safetensors --out trio "
      "--quiet --threads 1");
  const at::Tensor triplet = read_picture(at("trio/p0.triplet.png"));
  const at::Tensor attacked = read_picture(at("trio/p0.png"));
  ASSERT_EQ(triplet.size(2), 3 * attacked.size(2));
  EXPECT_TRUE(at::equal(triplet.narrow(2, 0, 64), read_picture(at("pictures/p0.png"))));
  EXPECT_TRUE(at::equal(triplet.narrow(2, 64, 64), attacked));
  const at::Tensor difference = triplet.narrow(2, 128, 64).to(at::kFloat) / 255 - 0.5;
  EXPECT_NEAR(difference.abs().max().item<double>(), 0.1, 0.01) << "20 times 0.005";
}

TEST(Attack, ASurrogateCanMakeThePictures) {
  const std::string same = "attack fgsm pictures/p1.png --level image --quiet --threads 1 ";
  run(same + "--weights " + other_weights() + " --out by-itself");
  run(same + "--weights w.safetensors --surrogate cnniqa --surrogate-weights " + other_weights() +
      " --out by-surrogate");
  EXPECT_EQ(sha256_of_file(at("by-itself/p1.png")), sha256_of_file(at("by-surrogate/p1.png")));
}

TEST(MsuSchema, WritesTheBenchmarksTableAndMeasures) {
  const std::vector<Json> rows = evaluate("msu", " --attack ifgsm:steps=2 --schema msu");
  const CsvTable table = read_csv(at("msu/msu/ifgsm-steps=2/cnniqa.csv"));
  EXPECT_THAT(table.header, testing::ElementsAre("image_name", "test_dataset", "clear", "attacked",
                                                 "rel_gain", "psnr", "ssim", "mse"));
  const auto clear = table.numbers("clear"), attacked = table.numbers("attacked");
  const auto ratio = table.numbers("rel_gain"), mse = table.numbers("mse");
  ASSERT_EQ(clear.size(), 4u);
  const double low = *std::min_element(clear.begin(), clear.end());
  const double high = *std::max_element(clear.begin(), clear.end());
  double gain = 0;
  for (std::size_t i = 0; i < clear.size(); ++i) {
    EXPECT_NEAR(ratio[i], attacked[i] / clear[i], 1e-9 * std::abs(ratio[i]));
    EXPECT_GT(mse[i], 0);
    EXPECT_LE(mse[i], 1e-4 * 1.001) << "epsilon squared";
    gain += (attacked[i] - clear[i]) / (high - low) / static_cast<double>(clear.size());
  }
  EXPECT_THAT(table.numbers("ssim"), Each(testing::AllOf(testing::Gt(0.5), testing::Lt(1.0))));
  const Json row = row_of(rows, "ifgsm", "before_after");
  EXPECT_NEAR(row.at("msu_absolute_gain").get<double>(), gain, 1e-9);
  EXPECT_LT(row.at("msu_absolute_gain_low"), row.at("msu_absolute_gain"));
  for (const char* name :
       {"msu_relative_gain", "msu_robustness", "msu_classic_relative_gain", "msu_wasserstein",
        "msu_energy", "mean_ssim_skimage", "mean_mse", "mean_linf", "mean_forwards"}) {
    EXPECT_TRUE(row.at(name).is_number()) << name;
  }
  EXPECT_FALSE(row_of(rows, "ifgsm", "mos_after").contains("msu_robustness"));
}

TEST(MsuSchema, IsNotWrittenUnasked) {
  evaluate("not-msu", " --attack fgsm");
  EXPECT_FALSE(fs::exists(at("not-msu/msu")));
}

TEST(Distances, ThoseAskedForAreStored) {
  const std::vector<Json> rows =
      evaluate("distances", " --attack fgsm --distance ssim_skimage mse");
  const ResultsStore store(at("distances/results.sqlite"), ResultsStore::Access::kRead);
  EXPECT_EQ(store.distances(1).size(), 8u) << "two of four pictures";
  EXPECT_TRUE(row_of(rows, "fgsm", "before_after").contains("mean_mse"));
  const Finished twice = Workbench::get().run(
      std::string("evaluate --weights w.safetensors --out twice --distance mse mse") + kData);
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.err, HasSubstr("'mse' was asked for twice"));
}

TEST(Flags, ArePrintedAndStored) {
  const Finished finished = Workbench::get().run(
      std::string("evaluate --weights w.safetensors --out flagged --scale -100000:100000 "
                  "--attack fgsm:epsilon=0.02,step_size=0.001") +
      kData);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  std::vector<std::string> names;
  for (const FlagRow& flag :
       ResultsStore(at("flagged/results.sqlite"), ResultsStore::Access::kRead).flags(1)) {
    names.push_back(flag.flag);
    EXPECT_THAT(finished.err, HasSubstr(flag.flag));
    EXPECT_THAT(finished.err, HasSubstr(flag.text));
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"narrow-scores", "budget-unused", "projection-idle"}));
}

/// A picture file's pixels, uint8 [3,H,W].
at::Tensor decoded(const std::string& bytes, const std::string& name) {
  write_file(at(name), bytes);
  return read_picture(at(name));
}

TEST(Artifacts, OfTwoDataSetsWithEqualNamesLieApart) {
  for (const char* const data : {"builtin:scenes=4,size=64", "builtin:scenes=4,size=64,seed=5"}) {
    run("evaluate --weights w.safetensors --out two-sets --quiet --threads 1 --bootstrap 0 "
        "--limit 4 --split all --include-trained --attack fgsm --save -1 --data " +
        std::string(data));
  }
  std::set<std::string> files;
  std::size_t rows = 0;
  const ResultsStore store(at("two-sets/results.sqlite"), ResultsStore::Access::kRead);
  for (const std::int64_t id : {1, 2}) {
    for (const ScoreRow& row : store.scores(id)) {
      if (row.attack == "none") continue;
      ++rows;
      EXPECT_TRUE(fs::exists(at("two-sets") / row.artifact)) << row.artifact;
      files.insert(row.artifact);
    }
  }
  EXPECT_EQ(rows, 8u);
  EXPECT_EQ(files.size(), rows);
}

TEST(ShownPixels, EveryPictureHasAThumbnailAndEachAttackAFewExamples) {
  evaluate("pixels-shown",
           " --attack fgsm:epsilon=0.05,step_size=0.05 --level image --examples 1 "
           "--example-side 48 --save -1");
  const ResultsStore store(at("pixels-shown/results.sqlite"), ResultsStore::Access::kRead);
  const auto thumbnails = store.thumbnails();
  EXPECT_EQ(thumbnails.size(), 4u);
  EXPECT_EQ(decoded(thumbnails.begin()->second, "thumbnail.jpg").sizes(),
            (std::vector<std::int64_t>{3, 64, 64}));
  const std::vector<ExampleRow> examples = store.examples(1);
  ASSERT_FALSE(examples.empty());
  EXPECT_LE(examples.size(), 2u);
  double most = 0;
  for (const ScoreRow& row : store.scores(1))
    most = std::max(most, std::abs(row.after - row.before));
  EXPECT_EQ(examples[0].change, most);
  const at::Tensor clean = decoded(examples[0].clean.bytes, "clean.png");
  const at::Tensor attacked = decoded(examples[0].attacked.bytes, "attacked.png");
  EXPECT_EQ(clean.sizes(), (std::vector<std::int64_t>{3, 48, 48}));
  const double difference = (attacked.to(at::kInt) - clean.to(at::kInt)).abs().max().item<double>();
  EXPECT_NEAR(difference, 0.05 * 255, 1);  // rounded to 8 bits
}

TEST(ShownPixels, CanBeLeftOut) {
  evaluate("not-shown", " --attack fgsm --examples 0");
  EXPECT_TRUE(ResultsStore(at("not-shown/results.sqlite"), ResultsStore::Access::kRead)
                  .examples(1)
                  .empty());
}

TEST(History, OfATrainingIsFoundByItsWeights) {
  evaluate("trained", " --attack fgsm");  // into the folder that holds the training run
  const ResultsStore store(at("trained/results.sqlite"), ResultsStore::Access::kRead);
  ASSERT_EQ(store.models().size(), 1u) << "the trained model and the evaluated one are the same";
  std::vector<std::string> quantities;
  for (const HistoryRow& row : store.history()) {
    EXPECT_EQ(row.model, store.models()[0].id);
    EXPECT_EQ(row.epoch, 1);
    quantities.push_back(row.quantity);
  }
  EXPECT_THAT(quantities, testing::IsSupersetOf({"loss", "penalty", "validation_srocc"}));
}

}  // namespace
}  // namespace robiq
