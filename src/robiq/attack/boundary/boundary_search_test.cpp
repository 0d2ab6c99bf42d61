#include "robiq/attack/boundary/boundary_search.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "robiq/attack/boundary/noticeable.h"
#include "robiq/tensor/image_batch.h"
#include "support/score_only_model.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace boundary_search_test {

using Json = nlohmann::json;

at::Tensor channels(double red, double green, double blue) {
  return at::tensor({red, green, blue}, at::kDouble).to(at::kFloat).view({1, 3, 1, 1});
}

PointSpace imagenet() { return {channels(0.485, 0.456, 0.406), channels(0.229, 0.224, 0.225)}; }

test::ScoreOnlyModel tiny_model() {
  auto tiny = std::make_shared<test::TinyIqa>();
  return test::ScoreOnlyModel([tiny](const at::Tensor& x) { return tiny->score(x); });
}

double score_of(QualityModel& model, const at::Tensor& picture) {
  const at::NoGradGuard no_grad;
  return model.score(picture).item<double>();
}

SearchDraws fixture_draws(const Json& rng) {
  constexpr std::size_t kMost = 2000;
  const auto reals =
      std::make_shared<std::vector<double>>(det::uniform(rng.at("rand").get<std::string>(), kMost));
  const auto hashes = std::make_shared<std::vector<std::uint64_t>>(
      det::hashes(rng.at("choice").get<std::string>(), kMost));
  const auto real = std::make_shared<std::size_t>(0), hash = std::make_shared<std::size_t>(0);
  return {[=](std::int64_t n) {
            return static_cast<std::int64_t>(hashes->at((*hash)++) % static_cast<std::uint64_t>(n));
          },
          [=] { return reals->at((*real)++); }};
}

DirectionSigns fixture_signs(const std::string& name, const at::Tensor& picture) {
  const std::string stem = name.substr(0, name.find('<'));
  return [=](std::int64_t k) {
    const std::vector<double> u =
        det::uniform(stem + std::to_string(k), static_cast<std::size_t>(picture.numel()));
    return (at::tensor(u, at::kDouble).to(at::kFloat) * 3).floor().sub(1).view_as(picture[0]);
  };
}

void check_round(const Json& wanted, const Json& tolerance, const BoundaryRound& round,
                 QualityModel& model, const at::Tensor& picture) {
  const double near = tolerance.at("boundary").get<double>();
  EXPECT_NEAR(round.boundary_tried, wanted.at("boundary_tried").get<double>(), near);
  EXPECT_NEAR(round.boundary_reached, wanted.at("boundary_reached").get<double>(), near);
  EXPECT_EQ(round.random_search, wanted.at("random_search").get<std::int64_t>());
  EXPECT_EQ(round.counted, wanted.at("queries").get<std::int64_t>());
  EXPECT_EQ(round.directions, wanted.at("dct_draws").get<std::int64_t>());
  EXPECT_EQ(round.stopped, wanted.at("stopped").get<bool>());
  EXPECT_NEAR(score_of(model, round.picture), wanted.at("score").get<double>(),
              tolerance.at("score").get<double>());
  const at::Tensor moved = (round.picture - picture) / imagenet().stddev;
  EXPECT_NEAR(moved.norm().item<double>(), wanted.at("l2_normalised").get<double>(), 1e-2);
}

TEST(BoundarySearch, AgreesWithTheAuthorsRoundByRound) {
  const Json fixture = test::read_json(test::fixture_path("attacks/boundary.json"));
  const Json& tolerance = fixture.at("tolerance");
  auto model = tiny_model();
  for (const Json& c : fixture.at("cases")) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("image").dump());
    const at::Tensor picture = det::picture(det::image_spec(c.at("image")));
    BoundarySearch search{.up = c.at("increase").get<bool>(),
                          .rounds = c.at("rounds_allowed").get<std::int64_t>(),
                          .space = imagenet(),
                          .orthogonal = Orthogonal::kTogether};
    for (const Json& spec : c.at("refs")) {
      search.references.push_back(det::picture(det::image_spec(spec))[0]);
    }
    if (!c.at("saliency").is_null()) {
      search.saliency = det::picture(det::image_spec(c.at("saliency")))[0];
    }
    ScoreQueries queries(model, Objective::kUp, at::full({1}, score_of(model, picture)), 8000,
                         [] { return false; });
    const std::vector<BoundaryRound> rounds =
        boundary_search(queries, picture, search, fixture_draws(c.at("rng")),
                        fixture_signs(c.at("rng").at("dct").get<std::string>(), picture));
    ASSERT_EQ(rounds.size(), c.at("rounds").size());
    for (std::size_t i = 0; i < rounds.size(); ++i) {
      check_round(c.at("rounds")[i], tolerance, rounds[i], model, picture);
    }
    const at::Tensor attacked = rounds.back().picture;
    EXPECT_NEAR(score_of(model, quantize_to_8bit(attacked)), c.at("score_after_8bit").get<double>(),
                tolerance.at("score").get<double>());
    EXPECT_NEAR((attacked - picture).abs().max().item<double>(), c.at("linf").get<double>(), 1e-4);
    std::int64_t good = 0;
    const auto count = static_cast<std::int64_t>(c.at("sample_index_chw").size());
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const auto index = c.at("sample_index_chw")[i].get<std::int64_t>();
      const double apart =
          attacked.flatten()[index].item<double>() - c.at("sample_adv")[i].get<double>();
      good += std::fabs(apart) <= tolerance.at("sampled_pixel").get<double>() ? 1 : 0;
    }
    EXPECT_GE(static_cast<double>(good),
              tolerance.at("fraction_pixels_ok").get<double>() * static_cast<double>(count));
  }
}

TEST(BoundarySearch, KeepsToTheCapAndToItsQueries) {
  auto model = tiny_model();
  const at::Tensor picture = det::picture({"bd0", 40, 56, 128, 64});
  const at::Tensor cap = just_noticeable(to_bytes(picture)[0]) * (0.38 / 255);
  for (const std::int64_t most : {1, 20, 150, 700}) {
    model.pictures = 0;
    ScoreQueries queries(model, Objective::kUp, at::full({1}, score_of(model, picture)), most,
                         [] { return false; });
    model.pictures = 0;
    const BoundarySearch search{.references = {det::picture({"r", 40, 56, 200, 20})[0]},
                                .space = {channels(0, 0, 0), channels(1, 1, 1)}};
    const std::vector<BoundaryRound> rounds = boundary_search(
        queries, picture, search, draws_at(Rng(2)), fixture_signs("d:<k>", picture));
    EXPECT_LE(model.pictures, most);
    for (const BoundaryRound& round : rounds) {
      EXPECT_LE(((round.picture - picture).abs() - cap).max().item<double>(), 1e-6);
    }
    if (most < 700) continue;
    EXPECT_GT(rounds.size(), 2U);
    EXPECT_GT(score_of(model, rounds.back().picture), score_of(model, picture) + 1);
  }
}

TEST(BoundarySearch, GivesUpWhereNothingChangesTheScore) {
  test::ScoreOnlyModel model([](const at::Tensor& x) { return at::full({x.size(0)}, 30.0); });
  const at::Tensor picture = det::picture({"bd0", 24, 24, 128, 64});
  ScoreQueries queries(model, Objective::kUp, at::full({1}, 30), 8000, [] { return false; });
  const BoundarySearch search{.references = {det::picture({"r", 24, 24, 200, 20})[0]},
                              .space = {channels(0, 0, 0), channels(1, 1, 1)}};
  const std::vector<BoundaryRound> rounds =
      boundary_search(queries, picture, search, draws_at(Rng(2)), fixture_signs("d:<k>", picture));
  ASSERT_EQ(rounds.size(), 1U);
  EXPECT_TRUE(rounds[0].stopped);
  EXPECT_TRUE(at::equal(rounds[0].picture, picture));
  EXPECT_EQ(queries.spent(), 600) << "the boundary halves twice, from .01 to 1/400";
}

TEST(ScoreBoundary, LiesAShareOfTheWayToTheEnd) {
  auto model = tiny_model();
  ScoreQueries queries(model, Objective::kUp, at::full({1}, 60), 9, [] { return false; });
  const PointSpace space{channels(0, 0, 0), channels(1, 1, 1)};
  const ScoreBoundary up(queries, space, true), down(queries, space, false);
  EXPECT_TRUE(up.is_beyond(64.1, 0.1));
  EXPECT_FALSE(up.is_beyond(64, 0.1));
  EXPECT_TRUE(down.is_beyond(53.9, 0.1));
  EXPECT_FALSE(down.is_beyond(54, 0.1));
}

}  // namespace boundary_search_test
}  // namespace robiq
