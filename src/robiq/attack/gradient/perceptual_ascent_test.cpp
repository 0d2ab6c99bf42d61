#include "robiq/attack/gradient/perceptual_ascent.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/metric/distance/fidelity.h"
#include "robiq/metric/distance/ssim.h"
#include "robiq/tensor/image_batch.h"
#include "support/errors.h"
#include "support/test_files.h"
#include "support/tiny_iqa.h"
#include "support/trunk_files.h"

namespace robiq {
namespace perceptual_ascent_test {

using Json = nlohmann::json;

/// -(hash mod 2) / 255 in every value.
at::Tensor start_noise(const std::string& name, const at::Tensor& picture) {
  std::vector<double> values;
  for (const std::uint64_t hash : det::hashes(name, static_cast<std::size_t>(picture.numel()))) {
    values.push_back(-static_cast<double>(hash % 2) / 255);
  }
  return at::tensor(values, at::kDouble).to(at::kFloat).view(picture.sizes());
}

AttackBatch batch_of(test::TinyIqa& model, const at::Tensor& clean) {
  return {clean, model.score(clean).detach(), {"only"}};
}

/// D(x, .) of a distance.
std::function<PerceptualAscent::Similarity(const at::Tensor&)> ssim_to() {
  return [](const at::Tensor& clean) {
    return [clean](const at::Tensor& images) { return ssim(clean, images); };
  };
}

PerceptualAscent walk_of(const Json& c) {
  PerceptualAscent walk{.weight = c.at("weight"), .step_size = c.at("lr")};
  walk.steps = c.at("num_step");
  walk.similarity_to = ssim_to();
  if (c.at("score") == "logistic") {
    walk.map = LogisticMap{10, 58.370096903220310, 23.807663946360070};
  }
  return walk;
}

void expect_pixels(const Json& c, const Json& tolerance, const at::Tensor& attacked) {
  const auto& index = c.at("sample_index_chw");
  std::size_t close = 0;
  for (std::size_t i = 0; i < index.size(); ++i) {
    const double got = attacked.flatten()[index[i].get<std::int64_t>()].item<double>();
    const double wanted = c.at("sample_adv")[i];
    close += std::abs(got - wanted) <= tolerance.at("sampled_pixel_if_not_fragile") ? 1 : 0;
  }
  const double share = static_cast<double>(close) / static_cast<double>(index.size());
  EXPECT_GE(share, tolerance.at("fraction_pixels_ok").get<double>());
}

/// Walks as a case says and compares. \return the pictures
at::Tensor expect_case(test::TinyIqa& model, const Json& c, const Json& tolerance,
                       const PerceptualAscent& walk) {
  const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
  const AttackBatch batch = batch_of(model, clean);
  EXPECT_NEAR(batch.clean_scores.item<double>(), c.at("score_before").get<double>(), 1e-3);
  const at::Tensor start = start_noise(c.at("init_noise_name"), clean);
  const at::Tensor attacked = perceptual_ascent(model, batch, walk, start, {Rng(0)}).images;
  const double near = tolerance.at("score_abs");
  EXPECT_NEAR(model.score(attacked).item<double>(), c.at("score_after").get<double>(), near);
  EXPECT_NEAR(model.score(quantize_to_8bit(attacked)).item<double>(),
              c.at("score_after_8bit").get<double>(), near);
  EXPECT_NEAR(ssim(clean, attacked).item<double>(), c.at("fr_value").at("SSIM").get<double>(),
              tolerance.at("fr_value_abs").get<double>());
  if (!c.at("fragile").get<bool>()) expect_pixels(c, tolerance, attacked);
  return attacked;
}

TEST(PerceptualAscent, AgreesWithTheAuthorsCodeUnderSsim) {
  const Json fixture = test::read_json(test::fixture_path("attacks/perceptual.json"));
  test::TinyIqa model;
  std::size_t count = 0;
  for (const Json& c : fixture.at("cases")) {
    if (c.at("constraint") != "SSIM") continue;
    SCOPED_TRACE(c.at("id").get<std::string>());
    ++count;
    static_cast<void>(expect_case(model, c, fixture.at("tolerance"), walk_of(c)));
  }
  EXPECT_EQ(count, 24U);
}

/// Options of LPIPS or DISTS: the authors' own weights over a VGG-16 made from names.
Params file_options(const std::string& own, const std::string& file) {
  return {{own, {test::shared_path(file).string(), "test"}},
          {"trunk", {test::trunk_file("vgg"), "test"}}};
}

std::shared_ptr<Fidelity> distance(const std::string& name, const Params& options) {
  return Registry<Fidelity>::instance().make(name, options);
}

TEST(PerceptualAscent, AgreesWithTheAuthorsCodeUnderLpipsAndDists) {
  if (test::shared_path("weights/lpips_vgg.pth").empty()) GTEST_SKIP() << "no LPIPS heads here";
  const Json fixture = test::read_json(test::fixture_path("attacks/perceptual.json"));
  const auto lpips = distance("lpips", file_options("heads", "weights/lpips_vgg.pth"));
  Params options = file_options("weights", "weights/dists_weights.pt");
  const auto dists = distance("dists", options);
  options["gradient"] = {std::string("pixels"), "test"};
  const auto dists_as_published = distance("dists", options);
  // A trunk's convolutions round otherwise on each kind of processor, and more steps change sides.
  Json tolerance = fixture.at("tolerance");
  tolerance["fraction_pixels_ok"] = 0.9;
  test::TinyIqa model;
  std::size_t count = 0;
  for (const Json& c : fixture.at("cases")) {
    if (c.at("constraint") == "SSIM") continue;
    SCOPED_TRACE(c.at("id").get<std::string>());
    ++count;
    PerceptualAscent walk = walk_of(c);
    walk.spare_corners = false;
    if (c.at("constraint") == "LPIPS") {
      walk.similarity_to = [&](const at::Tensor& a) {
        return [to = lpips->against(a)](const at::Tensor& b) { return 1 - to(b); };
      };
    } else {  // the published code rewards the distance
      walk.similarity_to = [&](const at::Tensor& a) { return dists_as_published->against(a); };
    }
    const at::Tensor attacked = expect_case(model, c, tolerance, walk);
    const at::Tensor clean = det::picture(det::image_spec(c.at("image")));
    const Json& values = c.at("fr_value");
    EXPECT_NEAR(1 - lpips->compare(clean, attacked).item<double>(), values.at("LPIPS"), 1e-4);
    EXPECT_NEAR(dists->compare(clean, attacked).item<double>(), values.at("DISTS"), 5e-5);
  }
  EXPECT_EQ(count, 6U);
}

TEST(PerceptualAscent, RowsDoNotInfluenceEachOther) {
  test::TinyIqa model;
  const at::Tensor a = det::picture({"a", 40, 40, 128, 64}),
                   b = det::picture({"b", 40, 40, 64, 99});
  const at::Tensor both = at::cat({a, b});
  PerceptualAscent walk{.weight = 100, .steps = 4};
  walk.similarity_to = ssim_to();
  const at::Tensor start = start_noise("n", both);
  const at::Tensor together =
      perceptual_ascent(model, {both, model.score(both).detach(), {"a", "b"}}, walk, start,
                        {Rng(0)})
          .images;
  const at::Tensor alone =
      perceptual_ascent(model, batch_of(model, b), walk, start.narrow(0, 1, 1), {Rng(0)}).images;
  EXPECT_TRUE(at::allclose(together.narrow(0, 1, 1), alone, 0, 1e-5));
}

TEST(PerceptualAscent, TheCornersAndTheBallAreKept) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  PerceptualAscent walk{.weight = 0, .steps = 6};
  walk.epsilon = 0.01;
  const at::Tensor start = at::full_like(clean, 0.002);
  const at::Tensor change =
      perceptual_ascent(model, batch_of(model, clean), walk, start, {Rng(0)}).images - clean;
  EXPECT_TRUE(
      at::allclose(change.narrow(2, 0, 5).narrow(3, 0, 5), at::full({1, 3, 5, 5}, 0.002), 0, 1e-6));
  EXPECT_TRUE(at::allclose(change.narrow(2, 35, 5).narrow(3, 35, 5), at::full({1, 3, 5, 5}, 0.002),
                           0, 1e-6));
  EXPECT_NEAR(change.abs().max().item<double>(), 0.01, 1e-6);
}

TEST(PerceptualAscent, ADecayingStepEndsCloserToWhereItWas) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  PerceptualAscent walk{.weight = 1e6, .steps = 20};
  walk.similarity_to = ssim_to();
  const auto distance = [&](double decay) {
    walk.decay = decay;
    const at::Tensor start = start_noise("n", clean);
    return (perceptual_ascent(model, batch_of(model, clean), walk, start, {Rng(0)}).images - clean)
        .norm()
        .item<double>();
  };
  EXPECT_LT(distance(1), 0.8 * distance(0));
}

std::unique_ptr<Attack> make(const std::string& spec) {
  return Registry<Attack>::instance().make(parse_spec(spec, "test"), "test");
}

TEST(PerceptualAttack, DefaultsAreThoseOfTableS3AndTheScaleIsSaid) {
  const auto options = Registry<Attack>::instance().find("perceptual").options;
  const auto value = [&](const std::string& name) {
    for (const OptionDoc& option : options) {
      if (option.name == name) return option.default_value;
    }
    return std::string();
  };
  EXPECT_EQ(value("constraint"), "ssim");
  EXPECT_EQ(value("weight"), "1000000");
  EXPECT_EQ(value("steps"), "200");
  EXPECT_EQ(value("step_size"), "0.005");
  EXPECT_NE(make("perceptual")->note().find("from 0 to 100"), std::string::npos);
  EXPECT_NE(make("perceptual:score=logistic")->note().find("0 to 10"), std::string::npos);
}

TEST(PerceptualAttack, ChebyshevStaysInItsBall) {
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"a", 40, 40, 128, 64});
  const auto attack = make("perceptual:constraint=chebyshev,epsilon=0.02,steps=10");
  EXPECT_EQ(attack->card().linf_budget, 0.02);
  const AttackOutcome outcome = attack->run(model, batch_of(model, clean), {Rng(1)});
  EXPECT_GT(
      std::abs(model.score(outcome.images).item<double>() - model.score(clean).item<double>()), 1);
  const auto still = make("perceptual:constraint=chebyshev,epsilon=0,steps=3");
  EXPECT_TRUE(at::equal(still->run(model, batch_of(model, clean), {Rng(1)}).images, clean));
  expect_error(ErrorKind::kUsage, {"no working chebyshev", "perceptual", "compat=paper"},
               [] { static_cast<void>(make("perceptual:constraint=chebyshev,compat=official")); });
}

TEST(PerceptualAttack, ChebyshevsOwnStepAndWeightAreWhatIsRecorded) {
  const auto& entry = Registry<Attack>::instance().find("perceptual", "test");
  const Spec spec = parse_spec("perceptual:constraint=chebyshev,epsilon=0.02,steps=10", "test");
  std::map<std::string, OptionValue> values;
  for (const auto& [name, value] : entry.values(spec.params)) values[name] = value;
  EXPECT_DOUBLE_EQ(std::get<double>(values.at("step_size")), 0.003);
  EXPECT_EQ(std::get<double>(values.at("weight")), 0);
}

TEST(PerceptualAttack, SaysWhereNothingMoves) {
  EXPECT_EQ(make("perceptual")->warning(), "");
  EXPECT_EQ(make("perceptual:weight=0")->warning(), "");
  EXPECT_EQ(make("perceptual:start=none")->warning(), "");
  for (const char* const spec :
       {"perceptual:weight=0,start=none", "perceptual:constraint=chebyshev,start=none"}) {
    EXPECT_NE(make(spec)->warning().find("use start=noise"), std::string::npos) << spec;
  }
}

TEST(PerceptualAttack, AsksForTheFilesOfItsDistance) {
  expect_error(ErrorKind::kUsage,
               {"constraint=lpips needs weights", "perceptual", "heads=FILE,trunk=FILE"},
               [] { static_cast<void>(make("perceptual:constraint=lpips")); });
  expect_error(ErrorKind::kUsage,
               {"constraint=dists needs weights", "perceptual", "heads=FILE,trunk=FILE"},
               [] { static_cast<void>(make("perceptual:constraint=dists,heads=there")); });
}

TEST(PerceptualAttack, PublishedDistsGoesTheOtherWay) {
  const std::string own = test::shared_path("weights/dists_weights.pt").string();
  if (own.empty()) GTEST_SKIP() << "no DISTS weights here";
  const std::string spec = "perceptual:constraint=dists,steps=3,heads=" + own +
                           ",trunk=" + test::trunk_file("vgg") + ",compat=";
  const auto dists = distance("dists", file_options("weights", "weights/dists_weights.pt"));
  test::TinyIqa model;
  const at::Tensor clean = det::picture({"p0", 48, 64, 128, 64});
  const auto reached = [&](const std::string& compat) {
    const auto outcome = make(spec + compat)->run(model, batch_of(model, clean), {Rng(1)});
    return dists->compare(clean, outcome.images).item<double>();
  };
  EXPECT_GT(reached("official"), 2 * reached("paper"));
}

}  // namespace perceptual_ascent_test
}  // namespace robiq
