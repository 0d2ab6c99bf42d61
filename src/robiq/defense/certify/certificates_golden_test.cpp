// Certificates against the numbers of the reference's functions and of SciPy.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "robiq/defense/certify/binned_smoothing.h"
#include "robiq/defense/certify/mean_smoothing.h"
#include "robiq/defense/certify/median_smoothing.h"
#include "robiq/defense/certify/noisy_scores.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace certificates_golden_test {

using Json = nlohmann::json;

/// Draw k of the fixtures: normal numbers made from the name "<key>:<k>".
NoiseDraw named_draws(const std::string& key) {
  return [key](std::int64_t draw, at::IntArrayRef shape) {
    std::size_t n = 1;
    for (const std::int64_t side : shape) n *= static_cast<std::size_t>(side);
    const std::vector<double> u = det::uniform(key + ":" + std::to_string(draw), 2 * n);
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) {
      values[i] = std::sqrt(-2 * std::log1p(-u[i])) * std::cos(2 * std::numbers::pi * u[n + i]);
    }
    return at::tensor(values, at::kDouble).to(at::kFloat).reshape(shape);
  };
}

DnCnn named_dncnn() {
  TensorMap state;
  const auto add = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
    state.emplace(name, det::weight(name, shape));
  };
  add("dncnn.0.weight", {64, 3, 3, 3});
  add("dncnn.0.bias", {64});
  for (int i = 0; i < 15; ++i) {
    add("dncnn." + std::to_string(2 + 3 * i) + ".weight", {64, 64, 3, 3});
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
      add("dncnn." + std::to_string(3 + 3 * i) + part, {64});
    }
  }
  add("dncnn.47.weight", {3, 64, 3, 3});
  return DnCnn(state);
}

Json smoothing() { return test::read_json(test::fixture_path("attacks/smoothing.json")); }
Json certify() { return test::read_json(test::fixture_path("attacks/certify.json")); }

TEST(QuantileRanks, AreThoseOfTheReference) {
  std::vector<Json> cases = certify().at("order_statistics").get<std::vector<Json>>();
  for (Json& one : cases) one["confidence"] = one.at("conf");
  const Json more = smoothing().at("quantile_ranks");
  cases.insert(cases.end(), more.begin(), more.end());
  ASSERT_EQ(cases.size(), 22U);
  for (const Json& one : cases) {
    SCOPED_TRACE(one.dump());
    const auto ranks =
        quantile_ranks(one.at("n").get<std::int64_t>(), one.at("eps").get<double>(),
                       one.at("sigma").get<double>(), one.at("confidence").get<double>());
    EXPECT_EQ(ranks.lower, one.at("q_l").get<std::int64_t>());
    EXPECT_EQ(ranks.upper, one.at("q_u").get<std::int64_t>());
    if (!one.contains("p_upper")) continue;
    EXPECT_NEAR(normal_distribution(one.at("eps").get<double>() / one.at("sigma").get<double>()),
                one.at("p_upper").get<double>(), 1e-14);
  }
}

TEST(LargestCertifiedRadius, IsThatOfTheFixtureAndTheLastOneWithBounds) {
  const Json cases = smoothing().at("largest_finite_radius");
  ASSERT_EQ(cases.size(), 5U);
  for (const Json& one : cases) {
    const auto n = one.at("n").get<std::int64_t>();
    const auto sigma = one.at("sigma").get<double>(), c = one.at("confidence").get<double>();
    const double radius = largest_certified_radius(n, sigma, c);
    EXPECT_NEAR(radius, one.at("radius").get<double>(), 1e-9);
    EXPECT_EQ(quantile_ranks(n, radius * 0.9999, sigma, c).upper, n);
    EXPECT_EQ(quantile_ranks(n, radius * 1.0001, sigma, c).upper, n + 1);
  }
}

TEST(ClopperPearson, HasTheLimitsAndRadiiOfTheReference) {
  const Json fixture = certify();
  for (const Json& one : fixture.at("clopper_pearson")) {
    const auto hits = one.at("n_success").get<std::int64_t>(), n = one.at("n").get<std::int64_t>();
    const auto alpha = one.at("alpha").get<double>();
    EXPECT_NEAR(clopper_pearson_lower(hits, n, alpha), one.at("lower").get<double>(), 1e-9);
    std::vector<double> scores(static_cast<std::size_t>(n), 95.0);  // the last of ten bins
    std::fill_n(scores.begin(), hits, 45.0);
    const auto certificate = binned_certificate({45, 45, 95}, scores, {}, 0.12, alpha);
    EXPECT_NEAR(certificate.radius, one.at("radius_sigma_012").get<double>(), 1e-9);
    EXPECT_EQ(certificate.winner.has_value(), certificate.radius > 0);
  }
}

void expect_bound(const std::optional<double>& got, const Json& wanted, double tolerance) {
  ASSERT_EQ(got.has_value(), !wanted.is_null());
  if (got.has_value()) {
    EXPECT_NEAR(*got, wanted.get<double>(), tolerance);
  }
}

TEST(MedianSmoothing, HasTheScoresAndBoundsOfTheReferenceRun) {
  const Json run = certify().at("smoothing_run");
  test::TinyIqa model;
  const auto name = run.at("image").at("name").get<std::string>();
  const std::vector<double> scores =
      noisy_scores(model, det::picture(det::image_spec(run.at("image"))), named_draws("ms:" + name),
                   {.sigma = 0.12, .samples = 200, .chunk = 64});
  EXPECT_NEAR(sample_median(scores), run.at("median_proper").get<double>(), 0.01);
  double sum = 0;
  for (const double score : scores) sum += score;
  EXPECT_NEAR(sum / 200, run.at("mean").get<double>(), 0.01);
  for (const Json& wanted : run.at("bounds")) {
    const auto interval = median_interval(scores, wanted.at("eps").get<double>(), 0.12, 0.999);
    expect_bound(interval.lower, wanted.at("lower"), 0.01);
    expect_bound(interval.upper, wanted.at("upper"), 0.01);
  }
  const double share = run.at("mean").get<double>() / 100;
  for (const Json& wanted : run.at("mean_smoothing_bounds")) {
    const auto range =
        mean_interval({share, share}, {0, 100}, wanted.at("eps").get<double>(), 0.12);
    EXPECT_NEAR(range.lower, wanted.at("lower").get<double>(), 1e-9);
    EXPECT_NEAR(range.upper, wanted.at("upper").get<double>(), 1e-9);
  }
}

TEST(Smoothing, HasTheIntervalsOfEveryRunWithEveryDenoiser) {
  const std::map<std::string, Denoiser> denoisers = {
      {"none", {}},
      {"gaussian-blur 3",
       [](const at::Tensor& x) { return gaussian_blur(x, 3, sigma_of_kernel(3)); }},
      {"dncnn", named_dncnn()}};
  const Json fixture = smoothing();
  test::TinyIqa model;
  for (const Json& run : fixture.at("runs")) {
    const auto denoiser = run.at("denoiser").get<std::string>();
    SCOPED_TRACE(denoiser);
    const std::vector<double> scores = noisy_scores(
        model, det::picture(det::image_spec(run.at("image"))),
        named_draws(run.at("noise_key").get<std::string>()),
        {.samples = run.at("n").get<std::int64_t>(), .denoise = denoisers.at(denoiser)});
    for (std::size_t k = 0; k < 8; ++k) {
      EXPECT_NEAR(scores[k], run.at("first8")[k].get<double>(), 0.01);
    }
    EXPECT_NEAR(sample_median(scores), run.at("median").get<double>(), 0.01);
    for (const Json& wanted : run.at("intervals")) {
      const auto interval = median_interval(scores, wanted.at("eps").get<double>(), 0.12, 0.99);
      expect_bound(interval.lower, wanted.at("lower"), 0.01);
      expect_bound(interval.upper, wanted.at("upper"), 0.01);
    }
    for (const Json& wanted : run.at("mean_smoothing")) {
      const MeanLimits limits = hoeffding_limits(scores, model.card().scale, 0.01);
      EXPECT_NEAR(limits.lower, wanted.at("p_lower").get<double>(), 1e-4);
      EXPECT_NEAR(limits.upper, wanted.at("p_upper").get<double>(), 1e-4);
      const auto range =
          mean_interval(limits, model.card().scale, wanted.at("eps").get<double>(), 0.12);
      EXPECT_NEAR(range.lower, wanted.at("lower").get<double>(), 0.01);
      EXPECT_NEAR(range.upper, wanted.at("upper").get<double>(), 0.01);
    }
  }
}

TEST(DnCnn, HasTheOutputOfTheReference) {
  const Json wanted = smoothing().at("dncnn");
  const at::Tensor out = named_dncnn()(det::picture(det::image_spec(wanted.at("image"))));
  const double sum = wanted.at("output_sum").get<double>();
  EXPECT_NEAR(out.sum(at::kDouble).item<double>(), sum, sum * 1e-5);
  for (std::size_t i = 0; i < wanted.at("sample").size(); ++i) {
    EXPECT_NEAR(out.flatten()[wanted.at("sample_index_chw")[i].get<std::int64_t>()].item<double>(),
                wanted.at("sample")[i].get<double>(), 1e-5);
  }
  test::TinyIqa model;
  EXPECT_NEAR(model.score(out).item<double>(), wanted.at("score_after").get<double>(), 0.01);
}

}  // namespace certificates_golden_test
}  // namespace robiq
