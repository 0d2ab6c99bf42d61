// Training the models by their recipes, from the command line.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/safetensors.h"
#include "robiq/io/table/csv.h"
#include "robiq/model/weights/weights.h"
#include "support/workbench.h"

namespace robiq {
namespace {

using test::Finished;
using test::Workbench;

Finished run(const std::string& arguments) {
  Finished got = Workbench::get().run(arguments);
  EXPECT_EQ(got.exit_code, 0) << got.err;
  return got;
}

CsvTable history(const std::string& out) {
  return read_csv(Workbench::get().path(out + "/history.csv"));
}

/// A list of as many pictures for training, two for validation and one for the test; its data flag.
std::string few_pictures(const std::string& name, int training, std::int64_t side) {
  std::string list = "image,mos,split\n";
  for (int i = 0; i < training + 3; ++i) {
    const std::string file = name + "/q" + std::to_string(i) + ".png";
    write_png(Workbench::get().path(file), det::image({"q" + std::to_string(i), side, side}));
    list += file + "," + std::to_string(i) + "," +
            (i < training ? "train" : (i < training + 2 ? "val" : "test")) + "\n";
  }
  write_file(Workbench::get().path(name + ".csv"), list);
  return "--data csv:" + name + ".csv,worst=0,best=100 ";
}

TEST(KorhonenSubstitute, LearnsLabelsInTheUnitRange) {
  run("train --quiet --model korhonen-substitute --epochs 4 --batch-size 4 --learning-rate 0.01 "
      "--out substitute " +
      few_pictures("sixteen", 16, 64));
  const std::vector<double> loss = history("substitute").numbers("loss");
  ASSERT_EQ(loss.size(), 4U);
  EXPECT_LT(loss.front(), 0.5) << "half a squared distance of numbers in [0,1]";
  EXPECT_LT(loss.back(), loss.front());
  const auto best = Workbench::get().path("substitute/checkpoints/best.safetensors");
  const LoadedModel loaded =
      load_model(parse_spec("korhonen-substitute", "test"), best, std::nullopt, c10::kCPU);
  EXPECT_EQ(loaded.model->card().scale, (ScoreScale{0, 1}));
}

TEST(ConfigOfARun, RepeatsIt) {
  const std::string data = few_pictures("repeated", 12, 64);
  int number = 0;
  for (const std::string how :
       {"", "--nt", "--nt --nt-form exact", "--defense gradient-norm:weight=1e-5+jpeg-augment",
        "--defense adversarial"}) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, how);
    const std::string out = "first" + std::to_string(number),
                      again = "again" + std::to_string(number);
    ++number;
    run("train --quiet --model cnniqa --epochs 1 --max-steps 2 --out " + out + " " + data + how);
    run("train --quiet --config " + out + "/config.toml --out " + again);
    const auto weights = [](const std::string& folder) {
      return Workbench::get().path(folder + "/checkpoints/best.safetensors");
    };
    const auto first = read_safetensors(weights(out)).tensors;
    for (const auto& [name, tensor] : read_safetensors(weights(again)).tensors) {
      EXPECT_TRUE(at::equal(first.at(name), tensor)) << name;
    }
  }
}

TEST(KorhonenSubstitute, IsASurrogate) {
  run("train --quiet --model korhonen-substitute --data builtin:scenes=4,size=64 --max-steps 1 "
      "--out stand-in");
  const Finished got =
      run("evaluate --quiet --weights w.safetensors --data builtin:scenes=4,size=64 --limit 2 "
          "--attack fgsm --transfer --surrogate korhonen-substitute --surrogate-weights "
          "stand-in/checkpoints/best.safetensors --out transferred --format json");
  EXPECT_THAT(got.out, testing::HasSubstr("rmse"));
}

TensorMap tensors(const std::string& file) {
  return read_safetensors(Workbench::get().path(file)).tensors;
}

/// Whether all tensors whose names begin so are equal; there must be some.
bool same(const TensorMap& one, const TensorMap& other, const std::string& prefix) {
  int compared = 0;
  for (const auto& [name, tensor] : one) {
    if (!name.starts_with(prefix)) continue;
    ++compared;
    if (!at::equal(tensor, other.at(name))) return false;
  }
  EXPECT_GT(compared, 0) << prefix;
  return true;
}

TEST(HyperIqa, TheCodeLosesItsHeadAfterTheFirstEpoch) {
  run("train --quiet --model hyperiqa --batch-size 25 --epochs 2 --compat official "
      "--out hyperiqa " +
      few_pictures("hyper", 1, 224));
  const TensorMap first = tensors("hyperiqa/checkpoints/epoch-0001/model.safetensors");
  const TensorMap second = tensors("hyperiqa/checkpoints/epoch-0002/model.safetensors");
  for (const char* part : {"conv1.", "fc1w_conv.", "fc5b_fc."}) {
    EXPECT_TRUE(same(first, second, part)) << part;
  }
  EXPECT_FALSE(same(first, second, "res.conv1."));
  EXPECT_FALSE(same(first, second, "res.lda4_fc."));
}

/// Two steps an epoch.
std::string dbcnn(const std::string& more) {
  return "train --quiet --model dbcnn:crop=none --batch-size 4 " + few_pictures("two", 8, 64) +
         more;
}

TEST(Dbcnn, TrainsItsLastLayerFirst) {
  run(dbcnn("--epochs 1 --nt --out dbcnn"));
  run(dbcnn("--epochs 1 --nt --compat official --out dbcnn-official"));
  const CsvTable rows = history("dbcnn");
  EXPECT_EQ(rows.numbers("phase"), (std::vector<double>{1, 2}));
  EXPECT_EQ(rows.numbers("penalty")[0], 0) << "NT is in the second phase";
  EXPECT_GT(rows.numbers("penalty")[1], 0);
  const TensorMap first = tensors("dbcnn/checkpoints/phase-1-best.safetensors");
  const TensorMap code = tensors("dbcnn-official/checkpoints/phase-1-best.safetensors");
  const TensorMap last = tensors("dbcnn/checkpoints/last.safetensors");
  EXPECT_TRUE(same(first, code, "features1.")) << "the same seed, and nothing learnt";
  EXPECT_FALSE(same(first, last, "features1."));
  const at::Tensor counted = first.at("features2.1.num_batches_tracked");
  EXPECT_EQ(counted.item<int>(), 0);
  EXPECT_TRUE(at::equal(first.at("features2.1.running_mean"), at::zeros({48})));
  EXPECT_FALSE(at::equal(code.at("features2.1.running_mean"), at::zeros({48}))) << "the drift";
  EXPECT_EQ(code.at("features2.1.num_batches_tracked").item<int>(), 2);
}

TEST(Dbcnn, NtMayBeInTheFirstPhaseOrTheFirstPhaseBeLeftOut) {
  run(dbcnn("--epochs 1 --nt --nt-first-phase --max-steps 1 --out dbcnn-nt-first"));
  EXPECT_GT(history("dbcnn-nt-first").numbers("penalty")[0], 0);
  run(dbcnn("--epochs 1 --first-epochs 0 --out dbcnn-one-phase"));
  EXPECT_EQ(history("dbcnn-one-phase").numbers("phase"), (std::vector<double>{1}));
}

TEST(Dbcnn, KilledInEitherPhaseItEndsTheSame) {
  for (const char* moment : {"checkpoints/epoch-0002", "checkpoints/epoch-0003"}) {
    const std::string out = "dbcnn-killed-" + std::string(moment + 12);
    const std::string command = dbcnn("--epochs 2 --threads 1 --resume --out ");
    if (!std::filesystem::exists(Workbench::get().path("dbcnn-whole"))) {
      run(command + "dbcnn-whole");
    }
    test::Program program(Workbench::get().path(), test::words(command + out));
    ASSERT_TRUE(program.wait_until(
        [&] { return std::filesystem::exists(Workbench::get().path(out) / moment); }));
    program.send(SIGKILL);
    static_cast<void>(program.wait());
    run(command + out);
    for (const char* file : {"/checkpoints/best.safetensors", "/checkpoints/last.safetensors"}) {
      EXPECT_EQ(sha256_of_file(Workbench::get().path(out + file)),
                sha256_of_file(Workbench::get().path(std::string("dbcnn-whole") + file)))
          << file << " killed after " << moment;
    }
  }
}

TEST(LinearityIqa, EndsWithScoresOnTheLabelsScale) {
  const std::string command =
      "train --quiet --model linearityiqa --batch-size 2 --max-steps 2 --out linearity " +
      few_pictures("three", 3, 64);
  run(command);
  EXPECT_EQ(history("linearity").numbers("step"), (std::vector<double>{1, 2}))
      << "of 3 pictures one is left out, which is a batch of one";
  for (const char* name : {"best", "last"}) {
    const TensorMap state = tensors(std::string("linearity/checkpoints/") + name + ".safetensors");
    EXPECT_NE(state.at("k")[0].item<double>(), 1) << name;
    EXPECT_NE(state.at("b")[0].item<double>(), 0) << name;
  }
  const auto best = Workbench::get().path("linearity/checkpoints/best.safetensors");
  const std::string before = sha256_of_file(best);
  run(command + " --resume");
  EXPECT_EQ(sha256_of_file(best), before) << "fitted again to the same";
}

}  // namespace
}  // namespace robiq
