#pragma once
// Compares a model, whose weights are made from their names (det.h), with what the authors' code
// computed with the same weights: tests/fixtures/models/NAME.json.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "robiq/model/quality_model.h"
#include "robiq/tensor/random.h"
#include "support/det.h"
#include "support/test_files.h"

namespace robiq::golden {

using Json = nlohmann::json;

/// What is compared with the authors' float64 numbers: our float64 tightly, our float32 loosely.
enum class Precision { kDouble, kFloat };

[[nodiscard]] inline at::ScalarType scalar_type(Precision precision) {
  return precision == Precision::kDouble ? at::kDouble : at::kFloat;
}

/// Relative, unless it says otherwise.
struct Tolerance {
  double activation = 1e-9, score = 1e-8, gradient = 1e-6;
  double sample = 1e-6;    ///< of single gradient entries, in units of the largest
  double fraction = 1e-5;  ///< absolute
  double nt = 1e-5;        ///< of the NT term with running statistics or without batch norm
  double nt_batch = 1e-5;  ///< the same with batch statistics
  double parameter = 1e-5, parameter_batch = 1e-5;  ///< l2 of one tensor's gradient
  double parameter_global = 1e-5;                   ///< l2 of all of them
  double absolute = 1e-12;                          ///< of a parameter gradient, in units of all
};

struct Golden {
  std::string model;
  Json json;

  explicit Golden(const std::string& name)
      : model(name), json(test::read_json(test::fixture_path("models/" + name + ".json"))) {}

  [[nodiscard]] Tolerance tolerance(Precision precision) const {
    if (precision == Precision::kDouble) return {};
    const double nt_batch = model == "linearityiqa"
                                ? 3e-2
                                : (model == "hyperiqa" ? 5e-3 : (model == "dbcnn" ? 1e-3 : 2e-3));
    return {.activation = 1e-5,
            .score = 5e-5,
            .gradient = 1e-3,
            .sample = 1e-3,
            .fraction = 5e-4,
            .nt = 2e-3,
            .nt_batch = nt_batch,
            .parameter = 3e-2,
            .parameter_batch = 8e-2,
            .parameter_global = 1e-2,
            .absolute = 1e-7};
  }
};

/// The fixture's changes to the weights of det.h, in float32. False: the model's own value stays.
[[nodiscard]] inline bool tweak(const std::string& model, const std::string& name,
                                at::Tensor& weight) {
  if (model == "hyperiqa" && name.ends_with("bn3.weight")) weight.mul_(0.25F);
  if (model == "linearityiqa" && name.starts_with("features.") && name.ends_with("bn2.weight")) {
    weight.mul_(0.25F);
  }
  if (model == "dbcnn" && name == "fc.weight") weight.mul_(4096.0F);
  if (model == "maniqa") {
    if (name.ends_with("attn_mask")) return false;
    const bool query_or_key = name.ends_with("c_q.weight") || name.ends_with("c_k.weight");
    if (name.starts_with("tablock") && query_or_key) weight.mul_(0.25F);
    if (name == "fc_score.3.bias") weight.add_(12.0F);
  }
  return true;
}

/// Writes the fixture's weights into every floating-point tensor that the fixture lists.
inline void fill(const Golden& golden, const TensorMap& state) {
  const at::NoGradGuard no_grad;
  for (const Json& entry : golden.json.at("state_dict")) {
    const auto name = entry.at("key").get<std::string>();
    const auto it = state.find(name);
    if (it == state.end() || !it->second.is_floating_point()) continue;
    at::Tensor weight = det::weight(name, it->second.sizes());
    if (tweak(golden.model, name, weight)) it->second.copy_(weight);
  }
}

/// The registered model with the fixture's weights, in evaluation mode.
[[nodiscard]] inline std::unique_ptr<QualityModel> filled_model(const Golden& golden,
                                                                Precision precision) {
  seed_torch_globals(Rng(1));
  auto model = Registry<QualityModel>::instance().make(golden.model, {});
  model->set_training(false);
  fill(golden, model->state());
  model->convert_to(scalar_type(precision));
  return model;
}

/// The pictures of these names, float32 and then cast. \return [N,3,h,w]
[[nodiscard]] inline at::Tensor pictures(const Json& names, std::int64_t h, std::int64_t w,
                                         Precision precision) {
  std::vector<at::Tensor> images;
  for (const Json& name : names) images.push_back(det::picture({name.get<std::string>(), h, w}));
  return at::cat(images).to(scalar_type(precision));
}

/// `.f64` or `.f32` of a case: our numbers are always compared with float64.
[[nodiscard]] inline const Json& wanted(const Json& of_case) { return of_case.at("f64"); }

[[nodiscard]] inline at::Tensor doubles(const Json& numbers) {
  return at::tensor(numbers.get<std::vector<double>>(), at::kDouble);
}

/// Numbers that belong together: relative to the largest.
inline void expect_numbers(const at::Tensor& got, const Json& numbers, double relative,
                           const std::string& what) {
  const at::Tensor want = doubles(numbers);
  const at::Tensor have = got.detach().to(at::kDouble).flatten();
  ASSERT_EQ(have.numel(), want.numel()) << what;
  EXPECT_LE((have - want).abs().max().item<double>(), relative * want.abs().max().item<double>())
      << what << ": " << have << want;
}

inline void expect_number(double got, double want, double relative, const std::string& what) {
  EXPECT_NEAR(got, want, relative * std::abs(want)) << what;
}

/// Entries of a flattened tensor by index.
inline void expect_samples(const at::Tensor& flat, const Json& indices, const Json& values,
                           double absolute, const std::string& what) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    EXPECT_NEAR(flat[indices[i].get<std::int64_t>()].item<double>(), values[i].get<double>(),
                absolute)
        << what << " at " << indices[i];
  }
}

/// Shape (ones at its end do not count), mean, std, l2, least, largest, sampled entries.
inline void expect_statistics(const at::Tensor& got, const Json& want, double relative,
                              const std::string& what) {
  const at::Tensor flat = got.detach().to(at::kDouble).contiguous().flatten();
  const auto trimmed = [](std::vector<std::int64_t> shape) {
    while (!shape.empty() && shape.back() == 1) shape.pop_back();
    return shape;
  };
  EXPECT_EQ(trimmed(got.sizes().vec()), trimmed(want.at("shape").get<std::vector<std::int64_t>>()))
      << what;
  const double l2 = want.at("l2").get<double>();
  const double rms = l2 / std::sqrt(static_cast<double>(flat.numel()));
  const double largest =
      std::max(std::abs(want.at("min").get<double>()), std::abs(want.at("max").get<double>()));
  EXPECT_NEAR(flat.norm().item<double>(), l2, relative * l2) << what;
  EXPECT_NEAR(flat.mean().item<double>(), want.at("mean").get<double>(), relative * rms) << what;
  EXPECT_NEAR(flat.std(false).item<double>(), want.at("std").get<double>(), relative * rms) << what;
  EXPECT_NEAR(flat.min().item<double>(), want.at("min").get<double>(), relative * largest) << what;
  EXPECT_NEAR(flat.max().item<double>(), want.at("max").get<double>(), relative * largest) << what;
  if (!want.contains("sample_index")) return;
  ASSERT_LT(want.at("sample_index").back().get<std::int64_t>(), flat.numel()) << what;
  expect_samples(flat, want.at("sample_index"), want.at("sample_value"), relative * largest, what);
}

/// A score's gradient by one [0,1] picture. \param got  [3,H,W] or [1,3,H,W]
inline void expect_gradient(const at::Tensor& got, const Json& want, const Tolerance& tolerance,
                            const std::string& what) {
  const at::Tensor flat = got.detach().to(at::kDouble).contiguous().flatten();
  const auto number = [&](const char* key) { return want.at(key).get<double>(); };
  const auto relative = tolerance.gradient;
  const double linf = number("linf"), absolute = tolerance.sample * linf;
  expect_number(flat.abs().sum().item<double>(), number("l1"), relative, what + " l1");
  expect_number(flat.norm().item<double>(), number("l2"), relative, what + " l2");
  expect_number(flat.abs().max().item<double>(), linf, relative, what + " linf");
  EXPECT_NEAR(flat.sum().item<double>(), number("sum"), relative * number("l1")) << what;
  EXPECT_NEAR(flat.gt(0).to(at::kDouble).mean().item<double>(), number("frac_positive"),
              tolerance.fraction)
      << what;
  EXPECT_NEAR(flat.eq(0).to(at::kDouble).mean().item<double>(), number("frac_zero"),
              tolerance.fraction)
      << what;
  expect_samples(flat, want.at("sample_index"), want.at("sample_value"), absolute, what);
  expect_samples(flat, want.at("largest_index"), want.at("largest_value"), absolute, what);
}

/// Every tensor of the state: name, shape, type, parameter or buffer, and l2 norm, which proves
/// that the weights are the fixture's.
/// \param ours_only  names that the authors' state dict does not have
inline void expect_state(const Golden& golden, const QualityModel& model,
                         const std::set<std::string>& ours_only = {}) {
  const TensorMap state = model.state();
  std::set<std::string> names = ours_only;
  std::int64_t parameters = 0, tensors = 0;
  for (const Json& entry : golden.json.at("state_dict")) {
    const auto name = entry.at("key").get<std::string>();
    names.insert(name);
    ASSERT_TRUE(state.contains(name)) << name;
    const at::Tensor& tensor = state.at(name);
    EXPECT_EQ(tensor.sizes(), at::IntArrayRef(entry.at("shape").get<std::vector<std::int64_t>>()))
        << name;
    EXPECT_EQ(tensor.scalar_type(), entry.at("dtype") == "int64" ? at::kLong : at::kFloat) << name;
    EXPECT_EQ(tensor.requires_grad(), entry.at("kind") == "param") << name;
    if (entry.at("kind") == "param") {
      parameters += tensor.numel();
      ++tensors;
    }
    if (entry.contains("sum")) {
      EXPECT_EQ(tensor.sum().item<std::int64_t>(), entry.at("sum").get<std::int64_t>()) << name;
    } else {
      expect_number(tensor.detach().to(at::kDouble).norm().item<double>(),
                    entry.at("l2").get<double>(), 1e-12, name);
    }
  }
  for (const auto& [name, tensor] : state) EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_EQ(parameters, golden.json.at("counts").at("params").get<std::int64_t>());
  EXPECT_EQ(tensors, golden.json.at("counts").at("param_tensors").get<std::int64_t>());
}

/// Score and gradient by the [0,1] picture of one of `cases`.
inline void expect_case(const Golden& golden, QualityModel& model, const Json& of_case,
                        Precision precision) {
  const auto name = of_case.at("name").get<std::string>();
  const Json& input = of_case.at("input");
  const at::Tensor image = pictures({input.at("image")}, input.at("h").get<std::int64_t>(),
                                    input.at("w").get<std::int64_t>(), precision)
                               .requires_grad_(true);
  const Tolerance tolerance = golden.tolerance(precision);
  const at::Tensor score = model.score(image);
  EXPECT_EQ(score.scalar_type(), scalar_type(precision));
  expect_number(score.item<double>(), wanted(of_case).at("score").get<double>(), tolerance.score,
                name + " score");
  expect_gradient(torch::autograd::grad({score.sum()}, {image})[0], wanted(of_case).at("grad"),
                  tolerance, name + " gradient");
}

}  // namespace robiq::golden
