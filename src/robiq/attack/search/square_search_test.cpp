#include "robiq/attack/search/square_search.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "robiq/tensor/image_batch.h"
#include "support/score_only_model.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"

namespace robiq {
namespace square_search_test {

using Json = nlohmann::json;

/// How many numbers a search drew.
struct Drawn {
  std::size_t integers = 0, uniforms = 0;
};

/// Numbers of the fixtures: integers by remainder, uniforms rounded to float32.
SearchDraws fixture_draws(const std::string& integers, const std::string& uniforms, Drawn& drawn) {
  constexpr std::size_t kMost = 8000;
  const auto hashes = std::make_shared<std::vector<std::uint64_t>>(det::hashes(integers, kMost));
  const auto reals = std::make_shared<std::vector<double>>(det::uniform(uniforms, kMost));
  return {[&drawn, hashes](std::int64_t n) {
            return static_cast<std::int64_t>(hashes->at(drawn.integers++) %
                                             static_cast<std::uint64_t>(n));
          },
          [&drawn, reals] {
            return static_cast<double>(static_cast<float>(reals->at(drawn.uniforms++)));
          }};
}

test::ScoreOnlyModel tiny_model(double gain = 1) {
  auto tiny = std::make_shared<test::TinyIqa>();
  return test::ScoreOnlyModel([tiny, gain](const at::Tensor& x) {
    const at::Tensor score = tiny->score(x);
    // gain .25 makes TinyFlat, 100 sigmoid(2z - .4).
    return gain == 1
               ? score
               : (100 * at::sigmoid(gain * at::logit(score.to(at::kDouble) / 100))).to(at::kFloat);
  });
}

double score_of(QualityModel& model, const at::Tensor& picture) {
  const at::NoGradGuard no_grad;
  return model.score(picture).item<double>();
}

void check_pixels(const Json& c, const Json& tolerance, const at::Tensor& attacked) {
  std::int64_t good = 0;
  const auto count = static_cast<std::int64_t>(c.at("sample_index_chw").size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const double pixel =
        attacked.flatten()[c.at("sample_index_chw")[i].get<std::int64_t>()].item<double>();
    const double wanted = c.at("sample_adv")[i].get<double>();
    good += std::fabs(pixel - wanted) <= tolerance.at("sampled_pixel").get<double>() ? 1 : 0;
  }
  EXPECT_GE(static_cast<double>(good),
            tolerance.at("fraction_pixels_ok").get<double>() * static_cast<double>(count));
}

void check_case(const Json& c, const Json& tolerance, const SquareSearch& walk,
                const SearchDraws& draws, bool up) {
  auto model = tiny_model();
  const at::Tensor picture = det::picture(det::image_spec(c.at("image")));
  const double clean = score_of(model, picture), near = tolerance.at("score").get<double>();
  EXPECT_NEAR(clean, c.at("score_before").get<double>(), near);
  const std::int64_t queries_allowed = walk.iterations + 1;
  ScoreQueries queries(model, up ? Objective::kUp : Objective::kDown, at::full({1}, clean),
                       queries_allowed, [] { return false; });
  const at::Tensor attacked = square_search(queries, picture, walk, draws);
  EXPECT_NEAR(score_of(model, attacked), c.at("score_after").get<double>(), near);
  EXPECT_NEAR(score_of(model, quantize_to_8bit(attacked)), c.at("score_after_8bit").get<double>(),
              near);
  EXPECT_NEAR((attacked - picture).abs().max().item<double>(), c.at("linf").get<double>(),
              tolerance.at("linf").get<double>());
  check_pixels(c, tolerance, attacked);
  EXPECT_EQ(queries.spent(), walk.iterations + (walk.start == SquareStart::kStripes ? 1 : 0));
}

TEST(SquareSearch, AgreesWithTheBidirectionalReference) {
  const Json fixture = test::read_json(test::fixture_path("attacks/square_bidirectional.json"));
  for (const Json& c : fixture.at("cases")) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, c.at("id").get<std::string>());
    const auto n = c.at("n_queries").get<std::int64_t>();
    const SquareSearch walk{c.at("eps").get<double>(),
                            c.at("p_init").get<double>(),
                            c.at("n_squares").get<std::int64_t>(),
                            n - 2,
                            n,
                            SquareStart::kStripes};
    const auto key = c.at("key").get<std::string>();
    Drawn drawn;
    check_case(c, fixture.at("tolerance"), walk,
               fixture_draws(key + ".randint", key + ".sign", drawn), c.at("direction") == "up");
    EXPECT_EQ(drawn.integers, c.at("randint").get<std::size_t>());
    EXPECT_EQ(drawn.uniforms, c.at("uniform").get<std::size_t>());
  }
}

TEST(SquareSearch, AgreesWithThePortThatBeginsAtTheCleanPicture) {
  const Json fixture = test::read_json(test::fixture_path("attacks/extra_attacks.json"));
  const Json& c = fixture.at("cases").at(0);
  ASSERT_EQ(c.at("id"), "sq0:square:0.05");
  const auto n = c.at("n_iters").get<std::int64_t>();
  const SquareSearch walk{c.at("eps").get<double>(), c.at("p_init").get<double>(), 1, n - 1, n,
                          SquareStart::kClean};
  Drawn drawn;
  SearchDraws draws = fixture_draws("sq.randint", "unused", drawn);
  const std::vector<std::uint64_t> choices = det::hashes("sq.choice", 2000);
  draws.uniform = [&] { return choices.at(drawn.uniforms++) % 2 == 0 ? 0.25 : 0.75; };
  check_case(c, fixture.at("tolerance"), walk, draws, true);
  EXPECT_EQ(drawn.integers, c.at("calls").at("randint").get<std::size_t>());
  EXPECT_EQ(drawn.uniforms, c.at("calls").at("choice_values").get<std::size_t>());
}

TEST(SquareSearch, ReachesTheScoresOfTheStandardSet) {
  const Json fixture = test::read_json(test::fixture_path("attacks/standard.json"));
  auto model = tiny_model(0.25);
  for (std::size_t image = 0; image < fixture.at("images").size(); ++image) {
    const Json& spec = fixture.at("images")[image];
    const at::Tensor picture = det::picture(det::image_spec(spec));
    const double clean = score_of(model, picture);
    EXPECT_NEAR(clean, fixture.at("clean")[image].get<double>(), 1e-3);
    for (std::size_t budget = 0; budget < 4; ++budget) {
      const std::string key =
          "std:" + spec.at("name").get<std::string>() + ":" + std::to_string(budget);
      Drawn drawn;
      const SearchDraws draws = fixture_draws(key + ".randint", key + ".sign", drawn);
      ScoreQueries queries(model, clean > 50 ? Objective::kDown : Objective::kUp,
                           at::full({1}, clean), 1000, [] { return false; });
      SquareSearch walk;  // its defaults are the set's
      walk.epsilon = fixture.at("constants").at("budgets_levels")[budget].get<double>() / 255;
      const at::Tensor attacked = square_search(queries, picture, walk, draws);
      EXPECT_EQ(queries.spent(), 1000);
      EXPECT_NEAR(score_of(model, attacked),
                  fixture.at("scores")[image][budget].at("square").get<double>(),
                  fixture.at("tolerance").at("score").get<double>())
          << key;
    }
  }
}

TEST(SquareSearch, SharesShrinkAlongTheSchedule) {
  EXPECT_EQ(square_share(0.8, 10, 10000), 0.8);
  EXPECT_EQ(square_share(0.8, 11, 10000), 0.4);
  EXPECT_EQ(square_share(0.8, 501, 10000), 0.8 / 16);
  EXPECT_EQ(square_share(0.8, 9999, 10000), 0.8 / 512);
  EXPECT_EQ(square_share(0.8, 2, 1000), 0.4) << "2 of 1000 is 20 of 10000";
}

TEST(SquareSearch, EndsWhereNothingCanChange) {
  auto model = tiny_model();
  const at::Tensor picture = det::picture({"a", 1, 5, 128, 64}).expand({1, 3, 1, 5});
  ScoreQueries queries(model, Objective::kUp, at::full({1}, 50), 4, [] { return false; });
  const SquareSearch walk{0, 0.5, 2, 3, 4, SquareStart::kStripes};
  EXPECT_TRUE(at::equal(square_search(queries, picture, walk, draws_at(Rng(1))), picture));
}

}  // namespace square_search_test
}  // namespace robiq
