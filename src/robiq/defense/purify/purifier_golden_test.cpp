// Every purifier against the pictures and scores of the MSU benchmark's own transforms.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <map>
#include <string>

#include "robiq/defense/purify/purifier_chain.h"
#include "robiq/tensor/image_batch.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace purifier_golden_test {

using Json = nlohmann::json;

/// Our spec of what the fixture calls a defense.
std::string spec_of(const std::string& name) {
  const std::string value = name.substr(name.find('=') + 1);
  const std::string number = value.substr(0, value.find(' '));
  if (name.starts_with("color-quantization")) return "colour-quantisation:levels=" + number;
  if (name.starts_with("bit-depth")) return "bit-depth:bits=" + number;
  if (name.starts_with("gaussian-blur")) return "gaussian-blur:kernel=" + number;
  if (name.starts_with("median-blur")) return "median-blur:kernel=" + number;
  if (name.starts_with("flip axes=[2,3]")) return "flip";
  if (name.starts_with("flip axes=[3]")) return "flip:axes=horizontal";
  if (name.starts_with("resize")) return "resize:scale=" + number;
  if (name.starts_with("upscale")) return "upscale:scale=" + number;
  if (name.starts_with("unsharp")) return "unsharp:kernel=" + number;
  if (name.starts_with("jpeg")) return "jpeg:rounding=truncate,quality=" + number;
  if (name.starts_with("pil-jpeg")) return "jpeg:quality=" + number;
  if (name.starts_with("diffjpeg")) return "diffjpeg:quality=" + number;
  return name;
}

at::Tensor attacked_picture(QualityModel& model, const at::Tensor& clean) {
  const at::Tensor leaf = clean.clone().requires_grad_(true);
  const at::Tensor score = model.score(leaf);
  const double direction = score.item<double>() <= 50 ? 1 : -1;
  const at::Tensor gradient = torch::autograd::grad({score.sum()}, {leaf})[0];
  return quantize_to_8bit((clean + direction * 0.01 * gradient.sign()).clamp(0, 1));
}

void expect_pixels(const at::Tensor& got, const Json& wanted, double tolerance) {
  ASSERT_EQ(got.sizes().vec(), wanted.at("shape").get<std::vector<std::int64_t>>());
  const at::Tensor flat = got.flatten();
  for (std::size_t i = 0; i < wanted.at("sample").size(); ++i) {
    EXPECT_NEAR(flat[wanted.at("sample_index_chw")[i].get<std::int64_t>()].item<double>(),
                wanted.at("sample")[i].get<double>(), tolerance);
  }
  EXPECT_NEAR(got.sum(at::kDouble).item<double>(), wanted.at("sum").get<double>(),
              tolerance * static_cast<double>(got.numel()) * 0.1);
}

TEST(Purifiers, MakeThePicturesOfTheBenchmark) {
  const Json fixture = test::read_json(test::fixture_path("attacks/defenses.json"));
  test::TinyIqa model;
  int checked = 0;
  for (const Json& c : fixture.at("cases")) {
    const auto name = c.at("defense").get<std::string>();
    SCOPED_TRACE(name);
    const auto purifier = make_purifier(spec_of(name), "test");
    // Pillow's libjpeg is ours: the rounded picture is exact.
    const bool jpeg = name.find("jpeg q=") == 0;
    const auto& tolerance = fixture.at("tolerance");
    const double pixel = tolerance.at(jpeg ? "jpeg_sample" : "sample").get<double>();
    const double points = tolerance.at(jpeg ? "jpeg_score" : "score").get<double>();
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const std::map<std::string, at::Tensor> inputs = {{"clean", clean},
                                                      {"attacked", attacked_picture(model, clean)}};
    for (const auto& [kind, images] : inputs) {
      const at::Tensor purified = purifier->purify(images, {Rng(1)});
      expect_pixels(purified, c.at(kind), pixel);
      EXPECT_NEAR(model.score(purified).item<double>(), c.at(kind).at("score").get<double>(),
                  points);
    }
    ++checked;
  }
  EXPECT_EQ(checked, 58);
}

TEST(DiffJpeg, HasTheGradientOfTheReference) {
  const Json wanted =
      test::read_json(test::fixture_path("attacks/defenses.json")).at("diffjpeg_gradient");
  test::TinyIqa model;
  const at::Tensor leaf = det::picture(det::image_spec(wanted.at("image"))).requires_grad_(true);
  const auto purifier = make_purifier("diffjpeg:quality=50", "test");
  const at::Tensor score = model.score(purifier->purify_attached(leaf, {Rng(1)}));
  EXPECT_NEAR(score.item<double>(), wanted.at("score").get<double>(), 0.01);
  const at::Tensor gradient = torch::autograd::grad({score.sum()}, {leaf})[0];
  const double l1 = wanted.at("grad_l1").get<double>();
  EXPECT_NEAR(gradient.abs().sum(at::kDouble).item<double>(), l1, l1 * 1e-3);
  for (std::size_t i = 0; i < wanted.at("sample").size(); ++i) {
    const double value = wanted.at("sample")[i].get<double>();
    EXPECT_NEAR(
        gradient.flatten()[wanted.at("sample_index_chw")[i].get<std::int64_t>()].item<double>(),
        value, 1e-5 + 1e-3 * std::abs(value));
  }
}

}  // namespace purifier_golden_test
}  // namespace robiq
