#include "robiq/attack/gradient/universal.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/attack/attack.h"
#include "robiq/attack/universal_file.h"
#include "robiq/core/files/files.h"
#include "robiq/io/safetensors.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/errors.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace universal_test {

using Json = nlohmann::json;

Json fixture() { return test::read_json(test::fixture_path("attacks/uap.json")); }

std::vector<at::Tensor> training_batches(const Json& all) {
  std::vector<at::Tensor> batches;
  for (const Json& batch : all.at("train_images")) {
    std::vector<at::Tensor> pictures;
    for (const Json& spec : batch) pictures.push_back(det::picture(det::image_spec(spec)));
    batches.push_back(at::cat(pictures));
  }
  return batches;
}

at::Tensor trained(test::TinyIqa& model, const std::vector<at::Tensor>& batches, bool cumulative) {
  constexpr std::size_t kSteps = 10;
  UniversalTrainer trainer(model, {.cumulative = cumulative});
  for (std::size_t i = 0; i < kSteps; ++i) trainer.step(batches[i % batches.size()]);
  return trainer.perturbation();
}

void expect_trained(const Json& wanted, const Json& tolerance, const at::Tensor& got) {
  const double near = tolerance.at("uap_sample");
  EXPECT_NEAR(got.min().item<double>(), wanted.at("min").get<double>(), near);
  EXPECT_NEAR(got.max().item<double>(), wanted.at("max").get<double>(), near);
  const double l2 = wanted.at("l2");
  EXPECT_NEAR(got.to(at::kDouble).norm().item<double>(), l2,
              l2 * tolerance.at("l2_rel").get<double>());
  const Json& index = wanted.at("sample_index_chw");
  for (std::size_t i = 0; i < index.size(); ++i) {
    EXPECT_NEAR(got.flatten()[index[i].get<std::int64_t>()].item<double>(),
                wanted.at("sample")[i].get<double>(), near);
  }
}

TEST(UniversalTrainer, AgreesWithTheBenchmarksCode) {
  const Json all = fixture();
  test::TinyIqa model;
  const auto batches = training_batches(all);
  for (const bool cumulative : {false, true}) {
    const Json& wanted =
        all.at("training").at(cumulative ? "cumulative_uap_10_steps" : "optimized_uap_10_steps");
    const at::Tensor got = trained(model, batches, cumulative);
    expect_trained(wanted, all.at("tolerance"), got);
    const at::Tensor pictures = at::cat(batches);
    const at::Tensor scores = model.score((pictures + got).clamp(0, 1));
    for (std::int64_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(scores[i].item<double>(),
                  wanted.at("train_scores_plus_uap_clamped")[static_cast<std::size_t>(i)], 0.02);
    }
  }
}

TEST(UniversalTrainer, PreparesPicturesAsTheBenchmark) {
  const at::Tensor ramp =
      at::arange(600).to(at::kFloat).view({1, 1, 600, 1}).expand({1, 3, 600, 520});
  EXPECT_EQ(universal_training_picture(ramp)[0][0][0][0].item<float>(), 600 / 2 - 128);
  const at::Tensor low =
      at::arange(512).to(at::kFloat).view({1, 1, 512, 1}).expand({1, 3, 512, 300});
  EXPECT_FLOAT_EQ(universal_training_picture(low)[0][0][0][0].item<float>(), 0.5F);
}

/// u = 0.1 sign(hash - 0.5), as [1,3,256,256].
at::Tensor sign_perturbation() {
  return (det::noise("uap.det", 0, 1, {1, 3, 256, 256}) - 0.5).sign() * 0.1;
}

class UapFile : public testing::Test {
 protected:
  [[nodiscard]] std::string save(const at::Tensor& values) const {
    const auto file = folder_.path() / "u.safetensors";
    write_universal(file, {values, 0.1}, "test");
    return file.string();
  }
  static AttackOutcome apply(const std::string& spec, test::TinyIqa& model,
                             const at::Tensor& clean) {
    const auto attack = Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
    return attack->run(model, {clean, model.score(clean).detach(), {"only"}}, {Rng(0)});
  }
  TemporaryFolder folder_;
};

TEST_F(UapFile, IsAppliedAsTheFixtureSays) {
  const Json all = fixture();
  test::TinyIqa model;
  const std::string optimised = save(trained(model, training_batches(all), false));
  const std::string kept = optimised + ".kept.safetensors";
  std::filesystem::copy_file(optimised, kept);
  const std::string sign = save(sign_perturbation());
  const double near = all.at("tolerance").at("score");
  for (const Json& c : all.at("application")) {
    SCOPED_TRACE(c.dump().substr(0, 150));
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const std::string spec = "uap:" + (c.at("uap") == "det_sign" ? sign : kept) +
                             ",scale=" + std::to_string(c.at("paper_scale").get<double>());
    const auto score = [&](const std::string& rounding) {
      return model.score(apply(spec + ",rounding=" + rounding, model, clean).images).item<double>();
    };
    EXPECT_NEAR(score("none"), c.at("attacked_clipped").get<double>(), near);
    EXPECT_NEAR(score("nearest"), c.at("attacked_clipped_u8_round").get<double>(), near);
    EXPECT_NEAR(score("down"), c.at("attacked_clipped_u8_truncated").get<double>(), near);
    const at::Tensor flat = apply(spec, model, clean).images.flatten();
    const Json& index = c.at("sample_index_chw");
    for (std::size_t i = 0; i < index.size(); ++i) {
      EXPECT_NEAR(flat[index[i].get<std::int64_t>()].item<double>(),
                  c.at("sample_clipped")[i].get<double>(), 2e-6);
    }
  }
}

TEST_F(UapFile, IsReadFromItsPictureToHalfALevel) {
  const at::Tensor values = det::noise("u", -0.1, 0.1, {1, 3, 256, 256});
  const std::string file = save(values);
  EXPECT_TRUE(at::equal(read_universal(file, 0.5).values, values));
  const auto picture = std::filesystem::path(file).replace_extension(".png");
  const UniversalPerturbation seen = read_universal(picture, 0.5);
  EXPECT_LE((seen.values - values).abs().max().item<double>(), 0.5 / 255 + 1e-6);
  EXPECT_NEAR((read_universal(picture, 0.1).values - seen.values).mean().item<double>(), 0.4, 1e-5);
}

TEST_F(UapFile, RefusesWhatIsNoPerturbation) {
  const auto text = folder_.path() / "u.txt";
  write_file(text, "no");
  expect_error(ErrorKind::kModel, {"does not end in '.txt'", "u.txt", ".safetensors"},
               [&] { static_cast<void>(read_universal(text, 0.5)); });
  expect_error(ErrorKind::kModel, {"not all finite and within [-1,1]", "u.safetensors", "*"}, [&] {
    static_cast<void>(read_universal(save(at::full({1, 3, 4, 4}, 2.0)), 0.5));
  });
  expect_error(ErrorKind::kModel, {"three channels", "u.safetensors", "*"}, [&] {
    const auto file = folder_.path() / "u.safetensors";
    write_safetensors(file, {{{"perturbation", at::zeros({1, 1, 4, 4})}}, {}});
    static_cast<void>(read_universal(file, 0.5));
  });
  expect_error(ErrorKind::kModel, {"its bound 0 is not above 0", "u.safetensors", "*"}, [&] {
    const auto file = folder_.path() / "u.safetensors";
    write_universal(file, {at::zeros({1, 3, 4, 4}), 0}, "test");
    static_cast<void>(read_universal(file, 0.5));
  });
  expect_error(ErrorKind::kUsage, {"no perturbation", "uap", "robiq uap"}, [] {
    static_cast<void>(Registry<Attack>::instance().make(parse_spec("uap", "test"), "test"));
  });
}

}  // namespace universal_test
}  // namespace robiq
