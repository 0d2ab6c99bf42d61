// TorchScript modules are models like the others: scored, attacked, trained with NT.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "robiq/attack/attack.h"
#include "robiq/core/files/files.h"
#include "robiq/model/script/script_file.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/errors.h"
#include "support/mistake.h"
#include "support/places.h"
#include "support/program.h"
#include "support/script_module.h"
#include "support/test_files.h"
#include "support/zip_bytes.h"

namespace robiq {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

const TemporaryFolder& folder() {
  static const TemporaryFolder the_folder;
  return the_folder;
}

std::unique_ptr<QualityModel> open(const std::string& file, Params options = {}) {
  options["file"] = {file, "test"};
  return Registry<QualityModel>::instance().make("torchscript", options);
}

std::unique_ptr<QualityModel> open_script(const std::string& body, const Params& options = {}) {
  return open(test::save_script(folder().path() / "m.pt", body), options);
}

Params with(const std::string& key, const std::string& value) { return {{key, {value, "test"}}}; }

at::Tensor two_pictures() {
  return at::cat({det::picture({"a", 64, 80}), det::picture({"b", 64, 80, 128, 90})});
}

TEST(TorchScript, ComputesWhatItsSourceSays) {
  const auto model = open_script(test::kGoodScript);
  const at::Tensor x = two_pictures().requires_grad_(true);
  const TensorMap w = model->state();
  EXPECT_THAT(w, testing::SizeIs(4));
  const at::Tensor maps =
      at::relu(at::conv2d(x, w.at("weight"), w.at("bias"), at::IntArrayRef({2, 2})));
  const at::Tensor z = 8 * at::matmul(maps.mean({2, 3}) - 0.5, w.at("head"));
  const at::Tensor wanted = 100 * at::sigmoid(z);
  const auto slope = [&](const at::Tensor& scores) {
    return torch::autograd::grad({scores.sum()}, {x})[0];
  };
  const at::Tensor wanted_slope = slope(wanted);
  for (int call = 0; call < 4; ++call) {  // an optimising interpreter would change its mind
    const at::Tensor scores = model->score(x);
    EXPECT_TRUE(at::equal(scores, wanted)) << call;
    EXPECT_TRUE(at::allclose(slope(scores), wanted_slope, 1e-5, 1e-9)) << call;
  }
}

TEST(TorchScript, ItsInputIsWhatTheOptionsSay) {
  const std::string red = "    return x[:, 0].mean([1, 2])\n";
  const at::Tensor x = two_pictures();
  const at::Tensor means = x.mean({2, 3});
  const auto score = [&](const Params& options) { return open_script(red, options)->score(x); };
  EXPECT_TRUE(at::allclose(score({}), means.select(1, 0)));
  EXPECT_TRUE(at::allclose(score(with("channels", "bgr")), means.select(1, 2)));
  EXPECT_TRUE(at::allclose(score(with("range", "255")), 255 * means.select(1, 0)));
  EXPECT_TRUE(at::allclose(score(with("normalize", "half")), (means.select(1, 0) - 0.5) / 0.5));
  EXPECT_TRUE(
      at::allclose(score(with("normalize", "imagenet")), (means.select(1, 0) - 0.485) / 0.229));
  EXPECT_TRUE(at::allclose(score({{"normalize", {std::string("imagenet"), "test"}},
                                  {"channels", {std::string("bgr"), "test"}}}),
                           (means.select(1, 2) - 0.406) / 0.225))
      << "the constants go with the colours, whatever their order";
}

TEST(TorchScript, ItsCardIsWhatTheOptionsSay) {
  const auto card = [&](const Params& options) {
    return open_script(test::kGoodScript, options)->card();
  };
  const ModelCard plain = card({});
  EXPECT_EQ(plain.scale, (ScoreScale{0, 100}));
  EXPECT_EQ(plain.views.kind, ViewPolicy::Kind::kWhole);
  EXPECT_EQ(plain.stddev[0], 1);
  EXPECT_EQ(card({{"worst", {9.0, "t"}}, {"best", {1.0, "t"}}}).scale, (ScoreScale{9, 1}));
  EXPECT_EQ(card(with("normalize", "imagenet")).stddev[2], 0.225) << "where NT's step lives";
  const ModelCard crops = card({{"size", {std::int64_t{48}, "t"}},
                                {"crops", {std::string("2x3"), "t"}},
                                {"resize", {std::string("60x90"), "t"}}});
  EXPECT_TRUE(crops.fixed_side);
  EXPECT_EQ(crops.min_side, 48);
  EXPECT_EQ(crops.recipe.crop_side, 48);
  EXPECT_EQ(crops.views.kind, ViewPolicy::Kind::kGrid);
  EXPECT_EQ(crops.views.side, 48);
  EXPECT_EQ(crops.views.rows, 2);
  EXPECT_EQ(crops.views.columns, 3);
  EXPECT_EQ(crops.views.resize_height, 60);
  EXPECT_EQ(crops.views.resize_width, 90);
}

TEST(TorchScript, ScoresMayComeInSeveralShapes) {
  const at::Tensor x = two_pictures(), one = x.narrow(0, 0, 1);
  const at::Tensor wanted = open_script("    return self.z(x)\n")->score(x);
  const auto expect = [&](const std::string& body, const std::string& output) {
    EXPECT_TRUE(at::equal(open_script(body, with("output", output))->score(x), wanted)) << body;
  };
  expect("    return self.z(x).unsqueeze(1)\n", "");
  expect("    return self.z(x).double()\n", "");
  expect("    return (x, self.z(x))\n", "1");
  expect("    return [self.z(x), x]\n", "0");
  expect("    return {\"mos\": self.z(x), \"other\": x}\n", "mos");
  EXPECT_TRUE(
      at::equal(open_script("    return self.z(x).mean()\n")->score(one), wanted.narrow(0, 0, 1)));
  const auto by_one =
      open_script("    return torch.matmul(8 * (self.features(x).view([1, 8]) - 0.5), self.head)\n",
                  with("batch", "1"));
  EXPECT_TRUE(at::allclose(by_one->score(x), wanted, 1e-5, 1e-6));
}

TEST(TorchScript, WhatItReturnsElseIsRefused) {
  const at::Tensor x = two_pictures();
  const auto refused = [&](const std::string& body, const std::string& output,
                           const ErrorText& wanted) {
    SCOPED_TRACE(body);
    expect_error(ErrorKind::kModel, wanted,
                 [&] { static_cast<void>(open_script(body, with("output", output))->score(x)); });
  };
  refused("    return torch.stack([self.z(x), self.z(x)], 1)\n", "",
          {"the module returned [2, 2] for 2 pictures", "m.pt", "one score a picture"});
  refused("    return self.z(x).mean()\n", "", {"[] for 2 pictures", "m.pt", "[N,1]"});
  refused("    return torch.argmax(self.features(x), 1)\n", "",
          {"whole numbers", "m.pt", "no argmax"});
  refused("    return (x, self.z(x))\n", "", {"a tuple of 2", "m.pt", "output=0"});
  refused("    return (x, self.z(x))\n", "2", {"a tuple of 2", "m.pt", "output=0"});
  refused("    return [x, x]\n", "", {"a list of 2", "m.pt", "output=0"});
  refused("    return {\"mos\": x}\n", "",
          {"a dictionary with the keys mos", "m.pt", "output=KEY"});
  refused("    return 3\n", "", {"the module returned a Int", "m.pt", "one tensor"});
  refused("    return torch.matmul(x, self.head)\n", "",
          {"the module failed: ", "m.pt", "robiq check-model"});
  refused("    x -= 0.5\n    return self.z(x)\n", "",
          {"writes to the picture", "m.pt", "x = x - mean"});
}

TEST(TorchScript, ScoresWithoutAGradientAreRefusedOnlyWhereOneIsWanted) {
  for (const char* body :
       {"    return self.z(x.detach())\n",
        "    return torch.argmax(self.features(x), 1).float() * self.head[0]\n"}) {
    const auto model = open_script(body);
    const at::Tensor x = two_pictures();
    EXPECT_NO_THROW(static_cast<void>(model->score(x)));
    expect_error(ErrorKind::kModel, {"no gradient by the picture", "m.pt", "still be scored"},
                 [&] { static_cast<void>(model->score(x.clone().requires_grad_(true))); });
  }
}

TEST(TorchScript, FilesThatAreNoModulesAreRefused) {
  const std::filesystem::path path = folder().path();
  const std::string good = test::save_script(path / "good.pt", test::kGoodScript);
  const std::string bytes = read_file(good, 1 << 24);
  std::string flipped = bytes;
  flipped[bytes.find("weight") + 200] ^= 1;
  write_file(path / "half.pt", bytes.substr(0, bytes.size() / 2));
  write_file(path / "flipped.pt", flipped);
  write_file(path / "empty.pt", "");
  write_file(path / "text.pt", "this is no module");
  torch::jit::Module("Empty").save((path / "no_forward.pt").string());
  const auto refused = [&](const std::string& name, const ErrorText& wanted) {
    SCOPED_TRACE(name);
    expect_error(ErrorKind::kModel, wanted,
                 [&] { static_cast<void>(open((path / name).string())); });
  };
  refused("none.pt", {"there is no such file", "none.pt", "path"});
  refused(".", {"the module is not a file", "*", "path"});
  for (const char* name : {"empty.pt", "text.pt"}) {
    refused(name, {"the file is not a TorchScript module", name, "torch.jit.script(model).save"});
  }
  for (const char* name : {"half.pt", "flipped.pt"}) refused(name, {"*", name, "*"});
  refused("no_forward.pt", {"no method forward", "no_forward.pt", "forward(self, x)"});
  expect_error(ErrorKind::kUsage, {"needs a file", "--model torchscript", "torchscript:FILE"},
               [&] { static_cast<void>(open("")); });
}

TEST(TorchScript, CodeThatReachesOutIsRefusedBeforeItIsLoaded) {
  const std::filesystem::path victim = folder().path() / "written";
  const auto refused = [&](const std::string& body, const std::string& word) {
    expect_error(ErrorKind::kModel, {"the module's code says '" + word + "'", "m.pt", "take that"},
                 [&] { static_cast<void>(open_script(body)); });
  };
  refused("    torch.save(x, \"" + victim.string() + "\")\n    return self.z(x)\n", "save");
  refused("    y = torch.from_file(\"/etc/hostname\", False, 3)\n    return self.z(x) + y.sum()\n",
          "from_file");
  EXPECT_FALSE(std::filesystem::exists(victim));
  EXPECT_NO_THROW(static_cast<void>(open_script("    saved = x\n    return self.z(saved)\n")));
}

TEST(TorchScript, WhatLibTorchWouldReadOtherwiseIsRefused) {
  const auto refused = [&](const std::string& bytes, const std::string& what) {
    const auto path = folder().path() / "made.pt";
    write_file(path, bytes);
    expect_error(ErrorKind::kModel, {what, "made.pt", "*"},
                 [&] { check_script_file(path.string()); });
  };
  const std::string code = "torch.save(x, 'there')";
  // LibTorch finds members whatever their letters' case.
  refused(test::ZipBytes({{"m/constants.pkl", "."}, {"m/code/a.PY", code}}).bytes,
          "the module's code says 'save'");
  refused(
      test::ZipBytes({{"m/constants.pkl", "."}, {"m/code/a.py", ""}, {"m/code/A.py", ""}}).bytes,
      "differ in nothing but letters' case");
  std::string comment = test::ZipBytes(std::vector<test::ZipPiece>{{"m/constants.pkl", "."}}).bytes;
  comment[comment.size() - 2] = 4;
  refused(comment + "PK\5\6", "has a comment");
}

TEST(TorchScript, OptionsThatMakeNoSenseAreRefused) {
  const auto refused = [&](const Params& options, const ErrorText& wanted) {
    expect_error(ErrorKind::kUsage, wanted,
                 [&] { static_cast<void>(open_script(test::kGoodScript, options)); });
  };
  refused(with("best", "0"), {"worst and best are both 0", "torchscript", "two different ends"});
  refused(with("resize", "512"), {"'512' does not fit resize", "torchscript", "two whole numbers"});
  refused({{"size", {std::int64_t{64}, "t"}}, {"crops", {std::string("0x3"), "t"}}},
          {"'0x3' does not fit crops", "torchscript", "two whole numbers"});
  refused({{"size", {std::int64_t{64}, "t"}}, {"resize", {std::string("32x64"), "t"}}},
          {"resize=32x64 is smaller than size=64", "torchscript", "at least the size"});
}

TEST(TorchScript, OnlyBatchNormalisationFollowsItsSwitch) {
  torch::jit::Module outer("Net"), normalisation("BatchNorm2d"), other("Mixer");
  for (torch::jit::Module* module : {&outer, &normalisation, &other}) {
    module->register_attribute("training", c10::BoolType::get(), true);
  }
  normalisation.define("def forward(self, x):\n    return float(self.training)\n");
  other.define("def forward(self, x):\n    return 10 * float(self.training)\n");
  outer.register_module("bn", normalisation);
  outer.register_module("mix", other);
  outer.define(
      "def forward(self, x):\n    return 0 * x.mean([1, 2, 3]) + self.bn.forward(x) + "
      "self.mix.forward(x)\n");
  outer.save((folder().path() / "bn.pt").string());
  const auto model = open((folder().path() / "bn.pt").string());
  const auto score = [&] { return model->score(two_pictures())[0].item<float>(); };
  EXPECT_FALSE(model->training()) << "whatever the file says";
  EXPECT_EQ(score(), 0);
  model->set_batch_statistics(true);
  EXPECT_EQ(score(), 0) << "in evaluation mode it does nothing";
  model->set_training(true);
  EXPECT_EQ(score(), 11);
  model->set_batch_statistics(false);
  EXPECT_EQ(score(), 10);
  EXPECT_TRUE(model->training());
  model->set_batch_statistics(true);
  EXPECT_EQ(score(), 11);
}

TEST(TorchScript, IsAttackedLikeAnyOther) {
  const auto model = open_script(test::kGoodScript);
  const at::Tensor x = two_pictures();
  const at::NoGradGuard no_grad;
  const AttackBatch batch{x, model->score(x), {"a", "b"}};
  const auto fgsm = Registry<Attack>::instance().make("fgsm", {});
  at::Tensor attacked;
  {
    const at::AutoGradMode gradients(true);
    attacked = fgsm->run(*model, batch, {Rng(0)}).images;
  }
  const at::Tensor moved = model->score(attacked) - batch.clean_scores;
  EXPECT_GT(moved.abs().min().item<float>(), 0.05F) << moved;
  EXPECT_LE((attacked - x).abs().max().item<float>(), 0.005F + 1e-6F);
}

// --- through the program ---------------------------------------------------------------------

test::Finished run(const std::string& arguments) {
  return test::run_program(folder().path(), arguments + " --threads 1");
}

TEST(TorchScriptProgram, ScoresAttacksAndTrainsWithNt) {
  test::save_script(folder().path() / "mine.pt", test::kGoodScript);
  write_png(folder().path() / "p.png", det::image({"p", 64, 80}));
  const auto json = [](const std::string& arguments) {
    const test::Finished got = run(arguments + " --format json");
    EXPECT_EQ(got.exit_code, 0) << got.err;
    return Json::parse(got.out);
  };
  const double clean = json("score p.png --model torchscript:mine.pt").at("score").get<double>();
  const auto model = open((folder().path() / "mine.pt").string());
  const at::Tensor picture = read_picture(folder().path() / "p.png").to(at::kFloat).div(255);
  EXPECT_NEAR(clean, model->score(picture.unsqueeze(0)).item<double>(), 1e-4);
  const Json attacked = json("attack fgsm p.png --model torchscript:mine.pt --out attacked");
  EXPECT_NEAR(attacked.at("before").get<double>(), clean, 1e-3);
  EXPECT_NE(attacked.at("after"), attacked.at("before"));
  const Json trained = json(
      "train --model torchscript:mine.pt,crop=48 --data builtin:scenes=4,size=64 --nt "
      "--epochs 1 --max-steps 6 --out run --quiet");
  EXPECT_EQ(trained.at("steps"), 6);
  EXPECT_THAT(trained.at("defense").get<std::string>(), HasSubstr("gradient-norm"));
  const double after =
      json("score p.png --model torchscript:mine.pt --weights run/checkpoints/last.safetensors")
          .at("score")
          .get<double>();
  EXPECT_NE(after, clean);
  EXPECT_NEAR(after, clean, 20) << "six small steps";
}

TEST(TorchScriptProgram, MistakesAreToldInThreeTexts) {
  test::save_script(folder().path() / "cut.pt", "    return self.z(x.detach())\n");
  write_file(folder().path() / "text.pt", "no module");
  write_png(folder().path() / "q.png", det::image({"q", 64, 64}));
  test::expect_mistake({"", 4, "not a TorchScript module", "text.pt", "torch.jit.script"},
                       run("score q.png --model torchscript:text.pt"));
  test::expect_mistake({"", 4, "no such file", "none.pt", "path"},
                       run("score q.png --model torchscript:none.pt"));
  test::expect_mistake({"", 4, "no gradient by the picture", "cut.pt", "detach"},
                       run("attack fgsm q.png --model torchscript:cut.pt --out o --quiet"));
  test::expect_mistake({"", 2, "'sice'", "--model", "'size'"},
                       run("score q.png --model torchscript:cut.pt,sice=3"));
}

// --- modules that Python exported ------------------------------------------------------------

/// What support/export_modules.py wrote; made once. Empty where Debian's python3-torch is missing.
const std::filesystem::path& exported() {
  static const std::filesystem::path path = [] {
    const std::filesystem::path to = folder().path() / "exported";
    make_folder(to);
    const std::string command = "/usr/bin/python3 " + test::source_folder() +
                                "/tests/support/export_modules.py " + to.string() +
                                " > /dev/null 2>&1";
    return std::system(command.c_str()) == 0 ? to : std::filesystem::path();
  }();
  return path;
}

class ExportedModule : public testing::Test {
 protected:
  void SetUp() override {
    if (exported().empty()) GTEST_SKIP() << "no /usr/bin/python3 with torch";
    expected_ = test::read_json(exported() / "expected.json");
  }
  [[nodiscard]] static std::string file(const std::string& name) {
    return (exported() / name).string();
  }
  /// As picture() of the script.
  [[nodiscard]] static at::Tensor picture() {
    const at::Tensor along = at::arange(64);
    const at::Tensor values = 3 * along.view({1, 1, 64}) + 2 * along.view({1, 64, 1}) +
                              40 * at::arange(3).view({3, 1, 1});
    return (at::remainder(values, 256).to(at::kFloat) / 255.0F).unsqueeze(0);
  }
  Json expected_;
};

TEST_F(ExportedModule, ScoresAndSlopesArePythons) {
  for (const char* name : {"scripted.pt", "traced.pt", "frozen.pt"}) {
    SCOPED_TRACE(name);
    const auto model = open(file(name));
    const at::Tensor x = picture().requires_grad_(true);
    const at::Tensor score = model->score(x);
    EXPECT_NEAR(score.item<double>(), expected_.at("score").get<double>(), 1e-4);
    const at::Tensor slope = torch::autograd::grad({score.sum()}, {x})[0];
    const auto wanted = expected_.at("gradient_l1").get<double>();
    EXPECT_NEAR(slope.abs().sum().item<double>(), wanted, 1e-4 * wanted);
  }
  EXPECT_NEAR(open(file("half.pt"))->score(picture()).item<double>(),
              expected_.at("score").get<double>(), 0.5)
      << "weights of 16 bits are computed with in 32";
  EXPECT_NEAR(open(file("traced_for_one.pt"))->score(picture()).item<double>(),
              expected_.at("one").get<double>(), 1e-4);
}

TEST_F(ExportedModule, StateHasPythonsNames) {
  const auto model = open(file("scripted.pt"));
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model->state()) names.push_back(name);
  EXPECT_THAT(names, testing::ElementsAre("bn.bias", "bn.num_batches_tracked", "bn.running_mean",
                                          "bn.running_var", "bn.weight", "conv.bias", "conv.weight",
                                          "head.bias", "head.weight"));
  EXPECT_EQ(model->parameter_groups().front().tensors.size(), 6u);
  EXPECT_TRUE(open(file("frozen.pt"))->parameter_groups().front().tensors.empty());
}

TEST_F(ExportedModule, BatchStatisticsCanBeKeptInTraining) {
  const auto model = open(file("scripted.pt"));
  const at::Tensor mean = model->state().at("bn.running_mean");
  const at::Tensor before = mean.clone();
  model->set_training(true);
  model->set_batch_statistics(false);
  static_cast<void>(model->score(picture()));
  EXPECT_TRUE(at::equal(mean, before));
  model->set_training(true);
  static_cast<void>(model->score(picture()));
  EXPECT_FALSE(at::equal(mean, before));
}

TEST_F(ExportedModule, CheckModelKnowsHowItWasExported) {
  const auto rows = [&](const std::string& name, int exit_code) {
    const test::Finished got =
        test::run_program(exported(), "check-model torchscript:" + name + " --format json");
    EXPECT_EQ(got.exit_code, exit_code) << got.err << got.out;
    std::map<std::string, std::pair<std::string, std::string>> found;
    for (const Json& row : Json::parse(got.out)) {
      found[row.at("promise")] = {row.at("state"), row.at("finding")};
    }
    return found;
  };
  using testing::Pair;
  auto scripted = rows("scripted.pt", 0);
  for (const auto& [promise, found] : scripted) EXPECT_EQ(found.first, "kept") << promise;
  EXPECT_THAT(scripted.at("has a training mode").second, HasSubstr("dropout"));
  EXPECT_THAT(rows("traced.pt", 0).at("has a training mode"),
              Pair("note", HasSubstr("does not switch")));
  EXPECT_THAT(rows("traced_for_one.pt", 4).at("takes any number of pictures"),
              Pair("broken", testing::_));
  EXPECT_THAT(rows("frozen.pt", 0).at("has parameters to train"), Pair("note", HasSubstr("none")));
  EXPECT_THAT(rows("traced_in_training.pt", 4).at("scores the same every time"),
              Pair("broken", HasSubstr("apart")));
}

TEST_F(ExportedModule, AStateDictIsToldFromAModule) {
  expect_error(ErrorKind::kModel,
               {"a checkpoint of weights, no TorchScript module", "state_dict.pth", "in Python"},
               [&] { static_cast<void>(open(file("state_dict.pth"))); });
  expect_error(ErrorKind::kModel, {"not a TorchScript module", "legacy.pth", "torch.jit.script"},
               [&] { static_cast<void>(open(file("legacy.pth"))); });
}

}  // namespace
}  // namespace robiq
