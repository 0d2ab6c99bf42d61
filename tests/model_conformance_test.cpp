// The promises of model/quality_model.h, for every model that is registered.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <set>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/model/quality_model.h"
#include "robiq/tensor/random.h"
#include "robiq/train/loss.h"
#include "support/det.h"
#include "support/script_module.h"

namespace robiq {
namespace {

/// What a model needs to be made: a file of its own, for the one that comes in a file.
Params options_of(const std::string& name, std::uint64_t seed) {
  if (name != "torchscript") return {};
  static const TemporaryFolder folder;
  const auto file = folder.path() / (std::to_string(seed) + ".pt");
  return {{"file", {test::save_script(file, test::kGoodScript, seed), "test"}}};
}

class ModelConformance : public testing::TestWithParam<std::string> {
 protected:
  /// The same seed gives the same random weights.
  [[nodiscard]] static std::unique_ptr<QualityModel> make(std::uint64_t seed = 1) {
    seed_torch_globals(Rng(seed));
    auto model = Registry<QualityModel>::instance().make(GetParam(), options_of(GetParam(), seed));
    model->set_training(false);
    return model;
  }
  void SetUp() override {
    model_ = make();
    side_ = std::max(model_->card().min_side, model_->card().views.side);
    std::int64_t parameters = 0;
    for (const ParamGroup& group : model_->parameter_groups()) {
      for (const at::Tensor& tensor : group.tensors) parameters += tensor.numel();
    }
    heavy_ = parameters > 50'000'000;
    std::vector<at::Tensor> pictures;
    for (const char* name : {"a", "b", "c"}) {
      if (!heavy_ || pictures.size() < 2) {
        pictures.push_back(det::picture({name, side_, side_, 200, 20}));
      }
    }
    images_ = at::cat(pictures);
  }
  [[nodiscard]] at::Tensor scores(const at::Tensor& images) {
    const at::NoGradGuard no_grad;
    return model_->score(images);
  }
  /// [N,3,H,W], attached to the graph when asked.
  [[nodiscard]] at::Tensor gradient(const at::Tensor& leaf, bool create_graph = false) {
    return torch::autograd::grad({model_->score(leaf).sum()}, {leaf}, {}, create_graph,
                                 create_graph)[0];
  }
  /// For what one picture shows as well as several: passes of a heavy model take seconds each.
  [[nodiscard]] at::Tensor few_images() const { return heavy_ ? images_.narrow(0, 0, 1) : images_; }
  [[nodiscard]] at::Tensor leaf() const { return images_.clone().requires_grad_(true); }

  std::unique_ptr<QualityModel> model_;
  std::int64_t side_ = 0;
  at::Tensor images_;   ///< three, two of a heavy model
  bool heavy_ = false;  ///< so large that a test of it counts in minutes
};

TEST_P(ModelConformance, ItsCardIsFilledIn) {
  const ModelCard& card = model_->card();
  EXPECT_EQ(card.name, GetParam());
  EXPECT_NE(card.paper, "");
  EXPECT_NE(card.scale.worst, card.scale.best);
  for (const double deviation : card.stddev) EXPECT_GT(deviation, 0);
  EXPECT_GE(card.min_side, 1);
  EXPECT_NO_THROW(static_cast<void>(Registry<Loss>::instance().find(card.recipe.loss)));
  EXPECT_GT(card.recipe.epochs, 0);
  EXPECT_GT(card.recipe.batch_size, 0);
}

TEST_P(ModelConformance, ItsGroupsHoldEveryParameterOnce) {
  std::set<std::string> names;
  std::set<const void*> tensors;
  std::size_t count = 0;
  for (const ParamGroup& group : model_->parameter_groups()) {
    EXPECT_TRUE(names.insert(group.name).second) << group.name;
    for (const at::Tensor& tensor : group.tensors) {
      EXPECT_TRUE(tensor.requires_grad() && tensor.is_leaf());
      tensors.insert(tensor.unsafeGetTensorImpl());
      ++count;
    }
  }
  EXPECT_EQ(tensors.size(), count);
  for (const auto& [name, tensor] : model_->state()) {
    if (!tensor.requires_grad()) continue;
    EXPECT_TRUE(tensors.contains(tensor.unsafeGetTensorImpl())) << name;
  }
  for (const auto& [name, rate] : model_->card().recipe.group_rates) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST_P(ModelConformance, OneFiniteScoreAPictureTheSameEveryTime) {
  const at::Tensor kept = images_.clone();
  const at::Tensor first = scores(images_);
  EXPECT_EQ(first.sizes(), at::IntArrayRef({images_.size(0)}));
  EXPECT_EQ(first.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::isfinite(first).all().item<bool>());
  EXPECT_TRUE(at::equal(first, scores(images_)));
  EXPECT_TRUE(at::equal(images_, kept)) << "the pictures were written to";
  EXPECT_GT((first - first[0]).abs().max().item<float>(), 0) << "different pictures, same score";
}

TEST_P(ModelConformance, RowsDoNotInfluenceEachOther) {
  const at::Tensor x = leaf();
  const at::Tensor attached = model_->score(x), together = attached.detach();
  const double near = 1e-5 * std::max(1.0, together.abs().max().item<double>());
  for (std::int64_t i = 0; i < images_.size(0); ++i) {
    EXPECT_NEAR(scores(images_.narrow(0, i, 1)).item<double>(), together[i].item<double>(), near);
  }
  EXPECT_TRUE(heavy_ || at::allclose(scores(images_.flip(0)).flip(0), together, 1e-5, near));
  const at::Tensor of_second = torch::autograd::grad({attached[1]}, {x})[0].abs().amax({1, 2, 3});
  EXPECT_EQ(of_second[0].item<float>(), 0);
  EXPECT_GT(of_second[1].item<float>(), 0);
}

TEST_P(ModelConformance, ItsGradientAgreesWithFiniteDifferences) {
  // In double: deep networks bend within steps that stand out of float's rounding.
  model_->convert_to(at::kDouble);
  const at::Tensor images = images_.narrow(0, 0, heavy_ ? 1 : 2).to(at::kDouble);
  const at::Tensor slope = gradient(images.clone().requires_grad_(true));
  EXPECT_TRUE(at::isfinite(slope).all().item<bool>());
  for (std::uint64_t draw = 0; draw < (heavy_ ? 1U : 3U); ++draw) {
    // Random halves of the gradient's sign: directions whose slope stands out of the rounding.
    const at::Tensor mask = uniform_tensor(Rng(draw), images.sizes(), 0, 1, c10::kCPU).gt(0.5);
    const at::Tensor direction = slope.sign() * mask;
    const double wanted = (slope * direction).sum().item<double>();
    ASSERT_GT(wanted, 0) << "the gradient is zero";
    const double h = 1e-6;
    const double change =
        (scores(images + h * direction) - scores(images - h * direction)).sum().item<double>();
    EXPECT_NEAR(change / (2 * h), wanted, 0.01 * wanted);
  }
}

TEST_P(ModelConformance, ItsGradientCanBeDifferentiatedByTheParameters) {
  const at::Tensor one = images_.narrow(0, 0, 1).clone().requires_grad_(true);
  const at::Tensor norm = gradient(one, true).abs().sum();
  std::vector<at::Tensor> parameters;
  for (const ParamGroup& group : model_->parameter_groups()) {
    parameters.insert(parameters.end(), group.tensors.begin(), group.tensors.end());
  }
  const auto slopes = torch::autograd::grad({norm}, parameters, {}, false, false, true);
  double largest = 0;
  for (const at::Tensor& slope : slopes) {
    if (!slope.defined()) continue;
    EXPECT_TRUE(at::isfinite(slope).all().item<bool>());
    largest = std::max(largest, slope.abs().max().item<double>());
  }
  EXPECT_GT(largest, 0);
}

TEST_P(ModelConformance, TrainingOutputsBeginWithTheScore) {
  const at::NoGradGuard no_grad;
  const at::Tensor images = few_images();
  const at::Tensor outputs = model_->training_outputs(images);
  ASSERT_EQ(outputs.dim(), 2);
  EXPECT_EQ(outputs.size(0), images.size(0));
  EXPECT_TRUE(at::allclose(outputs.select(1, 0), model_->score(images), 1e-4, 1e-5));
}

TEST_P(ModelConformance, ItsStateMakesAnotherModelTheSame) {
  const auto other = make(2);
  const at::NoGradGuard no_grad;
  const at::Tensor images = few_images(), wanted = model_->score(images);
  EXPECT_FALSE(at::equal(other->score(images), wanted));
  other->load_state(model_->state());
  EXPECT_TRUE(at::equal(other->score(images), wanted));
  EXPECT_TRUE(at::equal(make(1)->score(images), wanted)) << "the seed decides the weights";
}

TEST_P(ModelConformance, TrainingModeIsKeptAndRestored) {
  EXPECT_FALSE(model_->training());
  model_->set_training(true);
  EXPECT_TRUE(model_->training());
  {
    const ScopedFrozen frozen(*model_);
    EXPECT_FALSE(model_->training());
    EXPECT_FALSE(model_->score(few_images()).requires_grad());
  }
  EXPECT_TRUE(model_->training());
  EXPECT_TRUE(model_->score(few_images()).requires_grad());
  EXPECT_EQ(model_->device(), c10::Device(c10::kCPU));
}

TEST_P(ModelConformance, WrongPicturesAreRefusedInThreeTexts) {
  const std::vector<at::Tensor> wrong = {images_[0], images_.narrow(1, 0, 1),
                                         images_.to(at::kDouble), images_.narrow(0, 0, 0),
                                         (images_ * 255).to(at::kByte)};
  const auto expect_refused = [&](const at::Tensor& images) {
    try {
      static_cast<void>(model_->score(images));
      ADD_FAILURE() << "accepted " << images.sizes() << " " << images.scalar_type();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kData);
      EXPECT_NE(error.text().what, "");
      EXPECT_NE(error.text().where, "");
      EXPECT_NE(error.text().hint, "");
    }
  };
  for (const at::Tensor& images : wrong) expect_refused(images);
  const std::int64_t least = model_->card().min_side;
  if (least > 1) expect_refused(at::zeros({1, 3, least - 1, least}));
  EXPECT_NO_THROW(static_cast<void>(model_->score(at::zeros({1, 3, least, least}))));
}

std::vector<std::string> every_model() {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<QualityModel>::instance().entries()) {
    names.push_back(name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Every, ModelConformance, testing::ValuesIn(every_model()),
                         [](const auto& model) {
                           std::string name = model.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace robiq
