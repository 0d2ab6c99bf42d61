// The promises of attack/attack.h, for every attack that is registered, on a small random model;
// and whether it beats noise, on a model that is trained as the demo's.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "robiq/app/train/train_run.h"
#include "robiq/attack/attack.h"
#include "robiq/attack/universal_file.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/data/dataset.h"
#include "robiq/model/weights/weights.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"
#include "support/det.h"

namespace robiq {
namespace {

/// Fewer steps than the defaults where a whole walk would amplify rounding until rows of different
/// batches differ, and a file for the attack that needs one.
Params options_of(const std::string& name) {
  static const TemporaryFolder folder;
  if (name == "perceptual") return {{"steps", {std::int64_t{2}, "test"}}};
  for (const char* asks_scores :
       {"boundary", "nes", "one-pixel", "parsimonious", "patch-rs", "spsa", "square"}) {
    if (name == asks_scores) return {{"queries", {std::int64_t{300}, "test"}}};
  }
  if (name == "sini") return {{"steps", {std::int64_t{4}, "test"}}};
  if (name == "standard") return {{"budget", {std::string("4/255"), "test"}}};
  if (name == "korhonen") {
    return {{"most_steps", {std::int64_t{4}, "test"}}, {"least_steps", {std::int64_t{4}, "test"}}};
  }
  if (name == "uap") {
    const auto file = folder.path() / "u.safetensors";
    write_universal(file, {det::noise("u", -0.1, 0.1, {1, 3, 32, 32}), 0.1}, "test");
    return {{"file", {file.string(), "test"}}};
  }
  return {};
}

class AttackConformance : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    attack_ = Registry<Attack>::instance().make(GetParam(), options_of(GetParam()));
    seed_torch_globals(Rng(3));
    victim_ = Registry<QualityModel>::instance().make(
        parse_spec("cnniqa:hidden=32,filters=16", "test"), "test");
    victim_->set_training(false);
    take_pictures(40, 48);
  }
  void take_pictures(std::int64_t height, std::int64_t width) {
    pictures_.clear();
    for (const char* name : {"a", "b", "c"}) {
      pictures_.push_back(det::picture({name, height, width, 220, 10}));
    }
    const at::Tensor scores = clean_scores(at::cat(pictures_));
    // So that the scores lie on both sides of the middle of the scale.
    victim_->set_scale({scores.min().item<double>() - 0.1, scores.max().item<double>() + 0.1});
    set_ = {{"a", "b", "c"}, {}, {}};
    for (int i = 0; i < 3; ++i) {
      set_.clean_scores.push_back(victim_->card().scale.normalise(scores[i].item<double>()));
    }
  }
  [[nodiscard]] at::Tensor clean_scores(const at::Tensor& images) {
    const at::NoGradGuard no_grad;
    return victim_->score(images);
  }
  [[nodiscard]] AttackBatch batch(const std::vector<std::size_t>& rows) {
    const std::vector<std::string> ids = {"a", "b", "c"};
    AttackBatch made;
    std::vector<at::Tensor> images;
    for (const std::size_t row : rows) {
      images.push_back(pictures_[row]);
      made.ids.push_back(ids[row]);
    }
    made.images = at::cat(images);
    made.clean_scores = clean_scores(made.images);
    return made;
  }
  [[nodiscard]] AttackOutcome run(const AttackBatch& batch, std::uint64_t seed = 1) {
    return attack_->run(*victim_, batch, {Rng(seed), [] { return false; }, &set_});
  }

  AttackedSet set_;
  std::unique_ptr<Attack> attack_;
  std::unique_ptr<QualityModel> victim_;
  std::vector<at::Tensor> pictures_;
};

TEST_P(AttackConformance, ItsCardIsFilledIn) {
  EXPECT_EQ(attack_->card().name, GetParam());
  EXPECT_NE(attack_->card().paper, "");
  EXPECT_GT(attack_->card().linf_budget, 0);
  EXPECT_LE(attack_->card().linf_budget, 1);
  EXPECT_EQ(attack_->warning(), "") << "the defaults need no warning";
}

TEST_P(AttackConformance, StaysInTheBudgetAndInTheUnitRange) {
  AttackBatch all = batch({0, 1, 2});
  // At the ends of the range there is only one way to go.
  all.images =
      at::where(all.images.lt(0.2), 0, at::where(all.images.gt(0.8), 1, all.images)).to(at::kFloat);
  all.clean_scores = clean_scores(all.images);
  const at::Tensor kept = all.images.clone();
  const AttackOutcome outcome = run(all);
  EXPECT_TRUE(at::equal(all.images, kept)) << "the input was written to";
  EXPECT_FALSE(outcome.images.requires_grad());
  EXPECT_EQ(outcome.images.sizes(), kept.sizes());
  EXPECT_EQ(outcome.images.scalar_type(), at::kFloat);
  EXPECT_GE(outcome.images.min().item<float>(), 0);
  EXPECT_LE(outcome.images.max().item<float>(), 1);
  EXPECT_LE((outcome.images - kept).abs().max().item<double>(), attack_->card().linf_budget + 1e-6);
  EXPECT_FALSE(at::equal(outcome.images, kept)) << "nothing moved";
  EXPECT_EQ(outcome.forwards > 0, attack_->card().uses_model);
}

TEST_P(AttackConformance, LeavesTheVictimAsItWas) {
  TensorMap before;
  for (const auto& [name, tensor] : victim_->state()) before[name] = tensor.detach().clone();
  const AttackBatch all = batch({0, 1, 2});
  for (const bool training : {true, false}) {
    victim_->set_training(training);
    static_cast<void>(run(all));
    EXPECT_EQ(victim_->training(), training);
  }
  for (const auto& [name, tensor] : victim_->state()) {
    EXPECT_TRUE(at::equal(tensor, before.at(name))) << name;
    EXPECT_TRUE(tensor.requires_grad()) << name;
    EXPECT_FALSE(tensor.grad().defined()) << name << " has gathered a gradient";
  }
}

TEST_P(AttackConformance, EqualSeedsGiveEqualBytes) {
  const AttackBatch all = batch({0, 1, 2});
  const at::Tensor first = run(all).images;
  static_cast<void>(at::rand({5}));  // global randomness does not matter
  EXPECT_TRUE(at::equal(first, run(all).images));
}

TEST_P(AttackConformance, TheBatchDoesNotMatter) {
  const AttackOutcome together = run(batch({0, 1, 2}));
  const AttackOutcome alone = run(batch({1})), turned = run(batch({2, 1, 0}));
  const auto expect_same = [&](const at::Tensor& a, const at::Tensor& b) {
    if (GetParam() == "standard") {
      // Its walks cannot be shortened: two may part, but both come as far.
      constexpr double kPoints = 10;
      const at::Tensor scores = clean_scores(at::stack({a, b}));
      const double apart = (scores[0] - scores[1]).abs().item<double>();
      EXPECT_LT(apart * victim_->card().scale.factor(), kPoints);
      return;
    }
    // A gradient of nearly zero may change its sign with the batch's rounding; few do.
    EXPECT_LT((a - b).abs().gt(1e-5).to(at::kDouble).mean().item<double>(), 1e-3);
  };
  expect_same(together.images[1], alone.images[0]);
  expect_same(together.images[1], turned.images[1]);
  expect_same(together.images[0], turned.images[2]);
  EXPECT_EQ(together.forwards, alone.forwards) << "passes are counted by the row";
}

TEST_P(AttackConformance, WorksWhereGradientsAreOff) {
  const AttackBatch all = batch({0});
  const at::Tensor wanted = run(all).images;
  const at::NoGradGuard no_grad;
  EXPECT_TRUE(at::equal(run(all).images, wanted));
  EXPECT_FALSE(at::GradMode::is_enabled());
}

TEST_P(AttackConformance, StopsWhenAsked) {
  const AttackContext context{Rng(1), [] { return true; }, &set_};
  EXPECT_THROW(static_cast<void>(attack_->run(*victim_, batch({0}), context)), Interrupted);
  EXPECT_FALSE(victim_->training());
  EXPECT_TRUE(victim_->state().begin()->second.requires_grad());
}

/// A mean of the pictures that has no gradient anywhere: the root of 0 sees to it.
class NoGradient final : public QualityModel {
 public:
  NoGradient() : QualityModel(make_card()) {}
  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override { return {}; }
  [[nodiscard]] TensorMap state() const override { return {}; }
  void set_training(bool on) override { training_ = on; }
  [[nodiscard]] bool training() const override { return training_; }
  void set_batch_statistics(bool /*on*/) override {}
  void move_to(c10::Device /*device*/) override {}
  [[nodiscard]] c10::Device device() const override { return c10::kCPU; }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override {
    return 100 * (images + (images - images).sqrt()).mean({1, 2, 3});
  }

 private:
  static ModelCard make_card() {
    ModelCard card;
    card.name = "no-gradient";
    return card;
  }
  bool training_ = false;
};

TEST_P(AttackConformance, SaysSoWhereAModelHasNoGradient) {
  if (!attack_->card().uses_model || attack_->card().score_only) return;
  victim_ = std::make_unique<NoGradient>();
  take_pictures(40, 48);
  try {
    static_cast<void>(run(batch({0, 1})));
    FAIL() << "a gradient that is NaN looks like robustness";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNumeric) << error.what();
  }
}

/// Attacks that need not beat random signs of their own size, and why.
const std::map<std::string, std::string>& no_match_for_noise() {
  static const std::map<std::string, std::string> kReasons{
      {"files", "its pictures are made elsewhere"},
      {"random-signs", "it is noise of its size"},
      {"gaussian-noise", "it is noise of its size"},
      {"one-pixel", "it changes three pixels, and noise of that size changes all of them"},
      {"patch-rs", "it changes a small square, and noise of that size changes every pixel"},
      {"boundary", "its largest change stands at edges alone, and noise has it everywhere"},
      {"nes",
       "the queries of this test are seven of its 250 steps, and noise has their whole size"},
      {"parsimonious",
       "the 300 queries of this test try few of its blocks, which all begin at -epsilon"},
      {"sega", "it spares the calmer half of a picture, and noise of that size is everywhere"},
      {"stadv", "it moves edges, whose pixels change much, and noise has that size everywhere"},
      {"uap", "one perturbation for all pictures, upwards alone, from twelve steps of training"},
      {"ioi", "of a step of 0.1 it keeps what texture hides, and noise has that size everywhere"},
      {"filters", "a filter's largest change stands at edges alone, and noise has it everywhere"}};
  return kReasons;
}

/// CNNIQA trained on a few built-in pictures, as `robiq demo` trains it on more, and some of these.
class TrainedVictim {
 public:
  static TrainedVictim& get() {
    static TrainedVictim victim;
    return victim;
  }

  std::unique_ptr<QualityModel> model;
  AttackBatch batch;
  AttackedSet set;
  TemporaryFolder folder;

 private:
  TrainedVictim() {
    constexpr const char* kPictures = "builtin:scenes=8,size=64";
    TrainRequest train;
    train.data = kPictures;
    train.out = (folder.path() / "trained").string();
    train.epochs = 4;
    train.compute.threads = 1;
    train.compute.device = "cpu";
    const TrainResult trained = run_training(train);
    model = load_model(parse_spec("cnniqa", "test"), trained.best, std::nullopt, c10::kCPU).model;
    model->set_training(false);
    const auto pictures = Registry<Dataset>::instance().make(parse_spec(kPictures, "test"), "test");
    std::vector<at::Tensor> images;
    for (const std::size_t i : {3U, 60U, 120U, 180U}) {
      const ImageRecord& record = pictures->records()[i];
      images.push_back(to_float(pictures->read(record)).unsqueeze(0));
      batch.ids.push_back(record.id);
    }
    batch.images = at::cat(images);
    const at::NoGradGuard no_grad;
    batch.clean_scores = model->score(batch.images);
    set.ids = batch.ids;
    for (std::int64_t i = 0; i < batch.clean_scores.size(0); ++i) {
      set.clean_scores.push_back(
          model->card().scale.normalise(batch.clean_scores[i].item<double>()));
    }
  }
};

Params options_against_noise(const std::string& name) {
  // With the default weight its similarity term dominates a model's score by design: the picture
  // stays where it is, and noise may move it more.
  if (name == "perceptual") {
    return {{"steps", {std::int64_t{10}, "test"}}, {"weight", {0.0, "test"}}};
  }
  return options_of(name);
}

class AttackAgainstNoise : public testing::TestWithParam<std::string> {};

TEST_P(AttackAgainstNoise, MovesScoresFurtherThanRandomSignsOfItsSize) {
  if (const auto why = no_match_for_noise().find(GetParam()); why != no_match_for_noise().end()) {
    EXPECT_NE(why->second, "");
    return;
  }
  const TrainedVictim& victim = TrainedVictim::get();
  const AttackBatch& all = victim.batch;
  const auto attack =
      Registry<Attack>::instance().make(GetParam(), options_against_noise(GetParam()));
  const AttackOutcome outcome =
      attack->run(*victim.model, all, {Rng(1), [] { return false; }, &victim.set});
  const at::NoGradGuard no_grad;
  const auto moved_by = [&](const at::Tensor& images) {
    return (victim.model->score(images) - all.clean_scores).abs();
  };
  const at::Tensor size = (outcome.images - all.images).abs().amax({1, 2, 3}, true);
  at::Tensor by_noise = at::zeros_like(all.clean_scores);
  constexpr std::uint64_t kDraws = 5;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    const at::Tensor noise = row_noise(all, Rng(draw), -1, 1).sign() * size;
    by_noise += moved_by((all.images + noise).clamp(0, 1)) / static_cast<double>(kDraws);
  }
  EXPECT_GT(moved_by(outcome.images).mean().item<double>(), by_noise.mean().item<double>());
}

std::vector<std::string> every_attack() {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<Attack>::instance().entries()) names.push_back(name);
  return names;
}

/// All but `files`, whose pictures are made elsewhere: picture_folder_test holds it to its
/// promises.
std::vector<std::string> attacks_that_make_pictures() {
  std::vector<std::string> names = every_attack();
  std::erase(names, "files");
  return names;
}

std::string attack_test_name(const testing::TestParamInfo<std::string>& attack) {
  std::string name = attack.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Every, AttackConformance, testing::ValuesIn(attacks_that_make_pictures()),
                         attack_test_name);
INSTANTIATE_TEST_SUITE_P(Every, AttackAgainstNoise, testing::ValuesIn(every_attack()),
                         attack_test_name);

TEST(NoMatchForNoise, NamesAttacksThatThereAre) {
  for (const auto& [name, why] : no_match_for_noise()) {
    EXPECT_TRUE(Registry<Attack>::instance().entries().contains(name)) << name;
  }
}

}  // namespace
}  // namespace robiq
