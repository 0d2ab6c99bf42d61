#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/model/weights/weights.h"
#include "support/errors.h"

namespace robiq {
namespace weight_names_test {

using testing::ElementsAre;
using testing::Key;

/// A model of named tensors: a body that the field publishes, a branch that it does not, a head.
class NamedModel final : public QualityModel {
 public:
  NamedModel() : QualityModel(make_card()) {
    for (const char* name : {"body.conv.weight", "body.norm.num_batches_tracked",
                             "body.branch.weight", "head.weight", "head.mask"}) {
      tensors_[name] = at::zeros({2});
    }
  }
  [[nodiscard]] std::vector<ParamGroup> parameter_groups() override { return {}; }
  [[nodiscard]] TensorMap state() const override { return tensors_; }
  void set_training(bool /*on*/) override {}
  [[nodiscard]] bool training() const override { return false; }
  void set_batch_statistics(bool /*on*/) override {}
  void move_to(c10::Device /*device*/) override {}
  [[nodiscard]] c10::Device device() const override { return c10::kCPU; }
  [[nodiscard]] float value_of(const std::string& name) const {
    return tensors_.at(name)[0].item<float>();
  }

 protected:
  [[nodiscard]] at::Tensor forward(const at::Tensor& images) override { return images; }

 private:
  static ModelCard make_card() {
    ModelCard card;
    card.name = "named";
    card.constant_names = {".mask"};
    card.layouts = {{"others", {{"trunk.", "body."}, {"top.", "head."}}, ScoreScale{0, 1}}};
    ModelPart part;
    part.name = "backbone";
    part.source = "somebody";
    part.prefix = "body.";
    part.rules = {{"", "body."}};
    part.dropped = {"fc."};
    part.not_in_file = {"body.branch."};
    card.parts = {part};
    return card;
  }
  TensorMap tensors_;
};

TensorMap filled(const std::vector<std::string>& names, float value = 1) {
  TensorMap tensors;
  for (const std::string& name : names) tensors[name] = at::full({2}, value);
  return tensors;
}

TEST(WeightNames, LoseTheModulePrefixOnlyWhenAllHaveIt) {
  const NamedModel model;
  const FittedNames all = fit_names(filled({"module.a", "module.b"}), model.card());
  EXPECT_THAT(all.tensors, ElementsAre(Key("a"), Key("b")));
  EXPECT_EQ(all.note, "without 'module.'");
  const FittedNames some = fit_names(filled({"module.a", "b"}), model.card());
  EXPECT_THAT(some.tensors, ElementsAre(Key("b"), Key("module.a")));
  EXPECT_EQ(some.note, "");
}

TEST(WeightNames, OfAnotherLayoutBecomeTheModelsOwn) {
  const NamedModel model;
  const FittedNames fitted =
      fit_names(filled({"module.trunk.conv.weight", "module.top.weight"}), model.card());
  EXPECT_THAT(fitted.tensors, ElementsAre(Key("body.conv.weight"), Key("head.weight")));
  ASSERT_NE(fitted.layout, nullptr);
  EXPECT_EQ(fitted.layout->scale, (ScoreScale{0, 1}));
  EXPECT_EQ(fitted.note, "without 'module.', names of others");
  EXPECT_EQ(fit_names(filled({"trunk.conv.weight"}), model.card()).layout, nullptr)
      << "every rule must find a name";
}

TEST(LoadState, LacksOnlyCountersAndConstants) {
  NamedModel model;
  model.load_state(filled({"body.conv.weight", "body.branch.weight", "head.weight"}));
  EXPECT_EQ(model.value_of("head.weight"), 1);
  EXPECT_EQ(model.value_of("head.mask"), 0);
  expect_error(
      ErrorKind::kModel, {"not the constants they must be (1): head.mask", "named", "*"}, [&] {
        model.load_state(
            filled({"body.conv.weight", "body.branch.weight", "head.weight", "head.mask"}));
      });
}

TEST(LoadPart, TakesAFileOfThePartAloneAndLeavesTheRest) {
  NamedModel model;
  load_part(model, model.card().parts[0], filled({"conv.weight", "fc.weight"}));
  EXPECT_EQ(model.value_of("body.conv.weight"), 1);
  EXPECT_EQ(model.value_of("body.branch.weight"), 0);
  EXPECT_EQ(model.value_of("head.weight"), 0);
}

TEST(LoadPart, TakesThePartOutOfAFileOfTheWholeModel) {
  NamedModel model;
  load_part(model, model.card().parts[0],
            filled({"module.body.conv.weight", "module.body.branch.weight", "module.head.weight"}));
  EXPECT_EQ(model.value_of("body.conv.weight"), 1);
  EXPECT_EQ(model.value_of("body.branch.weight"), 1);
  EXPECT_EQ(model.value_of("head.weight"), 0);
}

TEST(LoadPart, RefusesWhatLacksATensorOfThePart) {
  NamedModel model;
  expect_error(ErrorKind::kModel,
               {"missing (1): body.conv.weight; left over (1): body.other, as the part 'backbone'",
                "named", "give weights of somebody"},
               [&] { load_part(model, model.card().parts[0], filled({"other"})); });
  expect_error(ErrorKind::kModel, {"left over (1): body.more", "named", "give weights of somebody"},
               [&] {
                 load_part(model, model.card().parts[0],
                           filled({"body.conv.weight", "body.branch.weight", "body.more"}));
               });
  EXPECT_THAT(parts_that_fit(model, filled({"conv.weight", "fc.bias"})), ElementsAre("backbone"));
  EXPECT_THAT(parts_that_fit(model, filled({"other"})), ElementsAre());
}

TEST(ConvertTo, MakesEveryFloatingTensorDoubleAndBack) {
  NamedModel model;
  model.convert_to(at::kDouble);
  EXPECT_EQ(model.state().at("head.weight").scalar_type(), at::kDouble);
  EXPECT_EQ(model.scalar_type(), at::kDouble);
  model.convert_to(at::kFloat);
  EXPECT_EQ(model.state().at("head.weight").scalar_type(), at::kFloat);
}

}  // namespace weight_names_test
}  // namespace robiq
