#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "robiq/io/torch/torch_file.h"
#include "robiq/model/weights/weights.h"
#include "support/errors.h"
#include "support/model_golden.h"

namespace robiq {
namespace dbcnn_test {

using golden::Golden;
using golden::Json;
using golden::Precision;
using golden::Tolerance;
using torch::autograd::grad;

std::string precision_name(const testing::TestParamInfo<Precision>& precision) {
  return precision.param == Precision::kDouble ? "Float64" : "Float32";
}

TEST(Dbcnn, ItsStateIsTheAuthors) {
  const Golden golden("dbcnn");
  golden::expect_state(golden, *golden::filled_model(golden, Precision::kFloat));
}

class DbcnnGolden : public testing::TestWithParam<Precision> {
 protected:
  DbcnnGolden() : golden_("dbcnn"), model_(golden::filled_model(golden_, GetParam())) {}

  [[nodiscard]] Tolerance tolerance() const { return golden_.tolerance(GetParam()); }

  /// The batch of a training step in the fixture.
  [[nodiscard]] at::Tensor batch(const Json& of_step) const {
    return golden::pictures(of_step.at("images"), of_step.at("h").get<std::int64_t>(),
                            of_step.at("w").get<std::int64_t>(), GetParam());
  }

  /// The fixture's batch-norm buffers at one point of the step.
  void expect_running(const Json& l2_by_name, const std::string& when) const {
    const TensorMap state = model_->state();
    for (const auto& [name, l2] : l2_by_name.items()) {
      golden::expect_number(state.at(name).norm().item<double>(), l2.get<double>(),
                            tolerance().activation, name + " " + when);
    }
  }

  void expect_nt(const Json& wanted, bool batch_statistics) const;
  void run_passes(const Json& of_step);
  void expect_step(const Json& of_step, bool batch_statistics);
  void expect_all_gradients(const at::Tensor& loss, const Json& wanted) const;
  void expect_parameter_gradients(const at::Tensor& loss, const Json& wanted_by_name,
                                  double tolerance) const;

  Golden golden_;
  std::unique_ptr<QualityModel> model_;

  // Of the last expect_step().
  at::Tensor scores_, moved_scores_, gradient_;
};

TEST_P(DbcnnGolden, ScoresAndGradientsAreTheAuthors) {
  for (const Json& of_case : golden_.json.at("cases")) {
    golden::expect_case(golden_, *model_, of_case, GetParam());
  }
}

/// `gradient_` is by the [0,1] picture; the fixture's norms are by the normalised one.
void DbcnnGolden::expect_nt(const Json& wanted, bool batch_statistics) const {
  const double relative = batch_statistics ? tolerance().nt_batch : tolerance().nt;
  const double step = golden_.json.at("nt").at("h_step").get<double>();
  const at::Tensor slopes = (moved_scores_ - scores_) / step;
  golden::expect_numbers(scores_, wanted.at("f_x"), tolerance().score, "f(x)");
  golden::expect_numbers(moved_scores_, wanted.at("f_pert"), relative, "f(x + h d)");
  golden::expect_numbers(slopes, wanted.at("fd"), relative, "slopes");
  golden::expect_number(slopes.square().mean().item<double>() / 2,
                        wanted.at("official_half_mean_square").get<double>(), relative, "square");
  golden::expect_number(slopes.abs().mean().item<double>(),
                        wanted.at("paper_mean_abs_fd").get<double>(), relative, "abs");
  const at::Tensor normalised = gradient_ * stddev_like(model_->card(), gradient_);
  golden::expect_numbers(normalised.abs().sum({1, 2, 3}), wanted.at("grad_l1_normalised_input"),
                         relative, "l1");
  golden::expect_numbers(normalised.square().sum({1, 2, 3}).sqrt(),
                         wanted.at("grad_l2_normalised_input"), relative, "l2");
  EXPECT_NEAR(gradient_.gt(0).to(at::kDouble).mean().item<double>(),
              wanted.at("frac_positive_direction").get<double>(), tolerance().fraction);
  EXPECT_EQ(gradient_.eq(0).sum().item<std::int64_t>(),
            wanted.at("n_zero_direction").get<std::int64_t>());
}

void DbcnnGolden::expect_parameter_gradients(const at::Tensor& loss, const Json& wanted_by_name,
                                             double tolerance) const {
  const TensorMap state = model_->state();
  std::vector<at::Tensor> tensors;
  for (const auto& [name, l2] : wanted_by_name.items()) tensors.push_back(state.at(name));
  const auto gradients = grad({loss}, tensors, {}, /*retain_graph=*/true);
  std::size_t i = 0;
  for (const auto& [name, l2] : wanted_by_name.items()) {
    golden::expect_number(gradients[i++].norm().item<double>(), l2.get<double>(), tolerance, name);
  }
}

/// A clean pass, the authors' second one, and one of the moved pictures.
void DbcnnGolden::run_passes(const Json& of_step) {
  const Json& wanted = golden::wanted(of_step);
  expect_running(wanted.at("bn_running_l2_before"), "before");
  const at::Tensor images = batch(of_step).requires_grad_(true);
  scores_ = model_->score(images);
  expect_running(wanted.at("bn_running_l2_after_1_forward"), "after one pass");
  gradient_ = grad({scores_.sum()}, {images}, {}, /*retain_graph=*/true)[0];
  {
    const at::NoGradGuard no_grad;
    static_cast<void>(model_->score(images));
  }
  const at::Tensor unit = wanted.at("h").get<double>() * stddev_like(model_->card(), images);
  moved_scores_ = model_->score(images.detach() + unit * gradient_.sign());
  expect_running(wanted.at("bn_running_l2_after_official_3_forwards"), "after three passes");
}

/// The task's loss and the NT term with the shared clean pass, as the trainer computes them.
void DbcnnGolden::expect_step(const Json& of_step, bool batch_statistics) {
  const Json& wanted = golden::wanted(of_step);
  const double relative = batch_statistics ? tolerance().nt_batch : tolerance().nt;
  const double single = batch_statistics ? tolerance().parameter_batch : tolerance().parameter;
  model_->set_training(true);
  model_->set_batch_statistics(batch_statistics);
  run_passes(of_step);
  const at::Tensor labels = golden::doubles(wanted.at("labels")).to(scores_.scalar_type());
  const at::Tensor slopes = (moved_scores_ - scores_) / wanted.at("h").get<double>();
  const at::Tensor task = (scores_ - labels).square().mean();
  const at::Tensor total = task + wanted.at("lambda").get<double>() * slopes.square().mean() / 2;
  golden::expect_number(task.item<double>(), wanted.at("task_loss").get<double>(), relative,
                        "task loss");
  golden::expect_number(total.item<double>(), wanted.at("total").get<double>(), relative, "loss");
  expect_parameter_gradients(task, wanted.at("grad_task_named_l2"), single);
  expect_parameter_gradients(total, wanted.at("grad_total").at("named_l2"), single);
  expect_all_gradients(total, wanted.at("grad_total"));
}

void DbcnnGolden::expect_all_gradients(const at::Tensor& loss, const Json& wanted) const {
  std::vector<at::Tensor> parameters;
  for (const ParamGroup& group : model_->parameter_groups()) {
    parameters.insert(parameters.end(), group.tensors.begin(), group.tensors.end());
  }
  double square = 0;
  for (const at::Tensor& gradient : grad({loss}, parameters)) {  // throws for one without
    square += gradient.square().sum(at::kDouble).item<double>();
  }
  EXPECT_EQ(wanted.at("n_params_without_grad"), 0);
  golden::expect_number(std::sqrt(square), wanted.at("global_l2").get<double>(),
                        tolerance().parameter_global, "all gradients");
}

TEST_P(DbcnnGolden, TrainingStepWithBatchStatistics) {
  expect_step(golden_.json.at("train_step"), true);
  expect_nt(golden::wanted(golden_.json.at("nt").at("train_bn")), true);
}

TEST_P(DbcnnGolden, TrainingStepWithRunningStatistics) {
  expect_step(golden_.json.at("train_step_frozen_bn"), false);
  expect_nt(golden::wanted(golden_.json.at("nt").at("eval_bn")), false);
}

INSTANTIATE_TEST_SUITE_P(Precision, DbcnnGolden,
                         testing::Values(Precision::kDouble, Precision::kFloat), precision_name);

const ModelPart& part_of(const QualityModel& model, const std::string& name) {
  for (const ModelPart& part : model.card().parts) {
    if (part.name == name) return part;
  }
  throw std::runtime_error("no part " + name);
}

/// The tensors of a file that holds one state dict.
TensorMap tensors_of(const TorchFile& file) {
  TensorMap tensors;
  for (const auto& [key, value] : *file.root->get_if<Object::Dict>()) {
    const auto* const name = key->get_if<std::string>();
    const auto* const tensor = value->get_if<at::Tensor>();
    if (name != nullptr && tensor != nullptr) tensors.emplace(*name, *tensor);
  }
  return tensors;
}

/// What S-CNN's own head makes of its features: the class scores of its pretraining.
at::Tensor scnn_logits(const TensorMap& file, const at::Tensor& features) {
  const auto at = [&](const std::string& name) { return file.at("module." + name); };
  at::Tensor x = at::avg_pool2d(features, {14, 14});
  for (const int i : {0, 3}) {
    const std::string convolution = "projection." + std::to_string(i);
    const std::string norm = "projection." + std::to_string(i + 1);
    x = at::conv2d(x, at(convolution + ".weight"), at(convolution + ".bias"));
    x = at::relu(at::batch_norm(x, at(norm + ".weight"), at(norm + ".bias"),
                                at(norm + ".running_mean"), at(norm + ".running_var"), false, 0.1,
                                1e-5, false));
  }
  return at::linear(x.flatten(1), at("classifier.weight"), at("classifier.bias"));
}

/// S-CNN's features by the model's tensors, layer by layer.
at::Tensor scnn_features(const TensorMap& state, at::Tensor x) {
  const auto at = [&](int index, const char* name) {
    return state.at("features2." + std::to_string(index) + "." + name);
  };
  for (int i = 0; i < 27; i += 3) {
    const bool halves = i == 3 || i == 9 || i == 15 || i == 24;
    const std::int64_t stride = halves ? 2 : 1;
    x = at::conv2d(x, at(i, "weight"), at(i, "bias"), {stride, stride}, {1, 1});
    x = at::relu(at::batch_norm(x, at(i + 1, "weight"), at(i + 1, "bias"),
                                at(i + 1, "running_mean"), at(i + 1, "running_var"), false, 0.1,
                                1e-5, false));
  }
  return x;
}

TEST(Dbcnn, ThePublishedScnnFitsItsPart) {
  const auto path = test::shared_path("weights/scnn.pkl");
  if (path.empty()) GTEST_SKIP() << "the shared weights are not there";
  const at::NoGradGuard no_grad;
  const Golden golden("dbcnn");
  const Json& wanted = golden.json.at("scnn_pretrained");
  const TensorMap file = tensors_of(read_torch_file(path));
  EXPECT_EQ(file.size(), wanted.at("entries").get<std::size_t>());
  for (const auto& [name, l2] : wanted.at("key_l2").items()) {
    ASSERT_TRUE(file.contains(name)) << name;
    golden::expect_number(file.at(name).to(at::kDouble).norm().item<double>(), l2.get<double>(),
                          1e-12, name);
  }
  const auto model = golden::filled_model(golden, Precision::kFloat);
  const TensorMap state = model->state();
  const at::Tensor vgg = state.at("features1.0.weight").clone();
  load_part(*model, part_of(*model, "scnn"), file);
  EXPECT_TRUE(at::equal(state.at("features1.0.weight"), vgg));
  const Json& input = wanted.at("input");
  const at::Tensor image = golden::pictures({input.at("image")}, input.at("h").get<std::int64_t>(),
                                            input.at("w").get<std::int64_t>(), Precision::kFloat);
  const auto row = [&](const char* key) {
    return golden::doubles(golden.json.at("normalisation").at(key))
        .to(at::kFloat)
        .view({1, 3, 1, 1});
  };
  const at::Tensor features = scnn_features(state, (image - row("mean")) / row("std"));
  golden::expect_statistics(features, wanted.at("features"), 1e-5, "features");
  golden::expect_numbers(scnn_logits(file, features), wanted.at("logits"), 1e-5, "logits");
}

TEST(Dbcnn, TorchvisionsNamesFillItsOtherPart) {
  const Golden golden("dbcnn");
  const auto model = golden::filled_model(golden, Precision::kFloat);
  TensorMap file;
  for (const auto& [name, tensor] : model->state()) {
    const std::string prefix = "features1.";
    if (!name.starts_with(prefix)) continue;
    file.emplace("features." + name.substr(prefix.size()), tensor.detach() + 1);
  }
  file.emplace("classifier.0.weight", at::zeros({2, 2}));
  load_part(*model, part_of(*model, "vgg16"), file);
  EXPECT_TRUE(at::equal(model->state().at("features1.28.bias"), file.at("features.28.bias")));
}

TEST(Dbcnn, TheLinearLayerIsTheHead) {
  const auto model = Registry<QualityModel>::instance().make("dbcnn", {});
  const auto groups = model->parameter_groups();
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].name, "backbone");
  EXPECT_EQ(groups[0].tensors.size(), 62U);
  EXPECT_EQ(groups[1].name, "head");
  ASSERT_EQ(groups[1].tensors.size(), 2U);
  EXPECT_EQ(groups[1].tensors[0].numel(), 65536);
}

TEST(Dbcnn, TrainsOnCropsOrOnWholePictures) {
  const auto& models = Registry<QualityModel>::instance();
  const auto crop_side = [&](const char* spec) {
    return models.make(parse_spec(spec, "test"), "test")->card().recipe.crop_side;
  };
  EXPECT_EQ(crop_side("dbcnn"), 448);
  EXPECT_EQ(crop_side("dbcnn:crop=none"), 0);
  expect_error(ErrorKind::kUsage, {"crop", "*", "none"}, [&] { crop_side("dbcnn:crop=some"); });
}

TEST(Dbcnn, PicturesOfAnySizeFrom32Pixels) {
  const auto model = Registry<QualityModel>::instance().make("dbcnn", {});
  model->set_training(false);
  const at::NoGradGuard no_grad;
  EXPECT_EQ(model->score(at::rand({2, 3, 45, 67})).sizes(), at::IntArrayRef({2}));
  expect_error(ErrorKind::kData, {"40x31 is too small", "dbcnn", "at least 32"}, [&] {
    static_cast<void>(model->score(at::zeros({1, 3, 31, 40})));
  });
}

}  // namespace dbcnn_test
}  // namespace robiq
