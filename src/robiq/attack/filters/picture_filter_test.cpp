#include "robiq/attack/filters/picture_filter.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <set>

#include "robiq/core/error.h"
#include "robiq/metric/distance/ssim.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace picture_filter_test {

using Json = nlohmann::json;

std::unique_ptr<PictureFilter> made(const std::string& name) {
  Params params;
  if (name == "clahe") params["tiles"] = {std::int64_t{2}, "test"};
  return Registry<PictureFilter>::instance().make(name, params);
}

/// The fixtures' standard normal numbers.
at::Tensor normal_numbers(const std::string& name, at::IntArrayRef shape) {
  const auto n = static_cast<std::size_t>(shape[1] * shape[2] * shape[3]);
  const std::vector<double> u = det::uniform(name, 2 * n);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) {
    values.push_back(std::sqrt(-2 * std::log(1 - u[i])) *
                     std::cos(2 * std::numbers::pi * u[n + i]));
  }
  return at::tensor(values, at::kDouble).to(at::kFloat).reshape(shape);
}

/// The kind of a case has tolerances of its own, or the common ones.
double tolerance_of(const Json& tolerance, const std::string& filter, const std::string& what) {
  return tolerance.value(filter + "_" + what, tolerance.at(what).get<double>());
}

TEST(PictureFilter, AgreesWithTheFixtures) {
  const Json fixture = test::read_json(test::fixture_path("attacks/filters.json"));
  const Json& tolerance = fixture.at("tolerance");
  test::TinyIqa model;
  std::set<std::string> seen;
  for (const Json& c : fixture.at("cases")) {
    const std::string filter = c.at("filter").get<std::string>();
    const double strength = c.at("strength").get<double>();
    const testing::ScopedTrace trace(__FILE__, __LINE__, filter + " " + std::to_string(strength));
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const std::string draws = c.at("image").at("name").get<std::string>() + ":noise";
    const at::Tensor out =
        made(filter)->apply(clean, strength, normal_numbers(draws, clean.sizes()));
    const at::Tensor flat = out.flatten();
    const double sample = tolerance_of(tolerance, filter, "sample");
    for (std::size_t i = 0; i < c.at("sample").size(); ++i) {
      const auto index = c.at("sample_index_chw")[i].get<std::int64_t>();
      EXPECT_NEAR(flat[index].item<double>(), c.at("sample")[i].get<double>(), sample);
    }
    const double score = tolerance_of(tolerance, filter, "score");
    EXPECT_NEAR(model.score(out).item<double>(), c.at("score_after").get<double>(), score);
    seen.insert(filter);
    if (filter == "jpeg") continue;  // another libjpeg rounds otherwise
    const double sum = c.at("sum").get<double>();
    EXPECT_NEAR(out.sum(at::kDouble).item<double>(), sum,
                sum * tolerance.at("sum_rel").get<double>() * (filter == "clahe" ? 100 : 1));
    EXPECT_NEAR(ssim(clean, out).item<double>(), c.at("ssim").get<double>(),
                tolerance.at("ssim").get<double>());
  }
  for (const auto& [name, entry] : Registry<PictureFilter>::instance().entries()) {
    EXPECT_TRUE(seen.contains(name)) << name;
  }
}

TEST(PictureFilter, RowsDoNotInfluenceEachOther) {
  const at::Tensor a = det::picture({"a", 33, 27, 128, 64}), b = det::picture({"b", 33, 27, 64, 9});
  const at::Tensor draws =
      at::cat({normal_numbers("a", a.sizes()), normal_numbers("b", a.sizes())});
  for (const auto& [name, entry] : Registry<PictureFilter>::instance().entries()) {
    const auto filter = Registry<PictureFilter>::instance().make(name, {});
    const double strength = filter->card().strengths.front();
    const at::Tensor together = filter->apply(at::cat({a, b}), strength, draws);
    EXPECT_TRUE(
        at::allclose(together[1], filter->apply(b, strength, draws.narrow(0, 1, 1))[0], 0, 1e-6))
        << name;
  }
}

TEST(PictureFilter, TakesTheSmallestPictureAtEveryStrengthOfASearch) {
  const at::Tensor pixel = at::full({1, 3, 1, 1}, 0.4F);
  for (const auto& [name, entry] : Registry<PictureFilter>::instance().entries()) {
    const auto filter = Registry<PictureFilter>::instance().make(name, {});
    for (const double strength : filter->card().strengths) {
      const at::Tensor out = filter->apply(pixel, strength, at::ones_like(pixel));
      EXPECT_EQ(out.sizes(), pixel.sizes()) << name;
      EXPECT_TRUE(at::isfinite(out).all().item<bool>()) << name << ' ' << strength;
    }
  }
}

TEST(PictureFilter, ChangesNothingAtItsIdentity) {
  const at::Tensor picture = det::picture({"a", 24, 24, 128, 64});
  for (const std::string name : {"unsharp", "gamma", "contrast", "saturation", "brightness",
                                 "equalize", "blur", "median", "rescale", "noise"}) {
    const auto filter = made(name);
    const at::Tensor out = filter->apply(picture, filter->card().identity, at::ones_like(picture));
    EXPECT_TRUE(at::allclose(out, picture, 0, 1e-6)) << name;
  }
}

TEST(PictureFilter, GrainIsTheSameInAllColours) {
  const auto filter =
      Registry<PictureFilter>::instance().make("noise", {{"grain", {true, "test"}}});
  const at::Tensor grey = at::full({1, 3, 8, 8}, 0.5F);
  const at::Tensor out = filter->apply(grey, 0.1, normal_numbers("g", grey.sizes()));
  EXPECT_TRUE(at::equal(out[0][0], out[0][2]));
  EXPECT_FALSE(at::equal(out, grey));
}

TEST(PictureFilter, RefusesStrengthsThatItDoesNotTake) {
  const at::Tensor picture = at::zeros({1, 3, 8, 8});
  EXPECT_THROW(static_cast<void>(made("gamma")->apply(picture, -1)), Error);
  EXPECT_THROW(static_cast<void>(made("median")->apply(picture, 4)), Error);
  EXPECT_THROW(static_cast<void>(made("median")->apply(picture, 3.5)), Error);
  EXPECT_THROW(static_cast<void>(made("rescale")->apply(picture, 0)), Error);
  EXPECT_THROW(static_cast<void>(made("noise")->apply(picture, 0.1)), Error) << "without draws";
}

}  // namespace picture_filter_test
}  // namespace robiq
