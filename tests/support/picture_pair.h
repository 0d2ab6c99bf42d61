#pragma once
// The two pictures of a case of ssim.json, lpips.json or dists.json, and its gradient.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "support/det.h"
#include "support/test_files.h"

namespace robiq::test {

struct PicturePair {
  at::Tensor x, y;  ///< y wants a gradient
};

/// `spec` of y: a picture by itself, or what is added to x.
[[nodiscard]] inline at::Tensor second_picture(const nlohmann::json& spec, const at::Tensor& x) {
  if (!spec.contains("lo") && !spec.contains("const")) return det::picture(det::image_spec(spec));
  if (spec.contains("const")) return (x + spec.at("const").get<float>()).clamp(0, 1);
  return (x +
          det::noise(spec.at("name").get<std::string>(), spec.at("lo"), spec.at("hi"), x.sizes()))
      .clamp(0, 1);
}

[[nodiscard]] inline PicturePair picture_pair(const nlohmann::json& x, const nlohmann::json& y) {
  const at::Tensor first = det::picture(det::image_spec(x));
  return {first, second_picture(y, first).requires_grad_(true)};
}

/// Compares with grad_l1, grad_linf where given, and the sampled values of case `c`.
/// \param relative  tolerance of one value, in units of the largest
inline void expect_gradient(const nlohmann::json& c, const at::Tensor& gradient, double relative) {
  const double linf = c.contains("grad_linf") ? c.at("grad_linf").get<double>()
                                              : gradient.abs().max().item<double>();
  EXPECT_NEAR(gradient.abs().max().item<double>(), linf, relative * linf);
  EXPECT_NEAR(gradient.abs().sum().item<double>() / c.at("grad_l1").get<double>(), 1.0, 0.01);
  const at::Tensor flat = gradient.flatten();
  const auto& places = c.at("sample_index_chw");
  ASSERT_FALSE(places.empty());
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_NEAR(flat[places[i].get<std::int64_t>()].item<double>(),
                c.at("sample_grad").at(i).get<double>(), relative * linf)
        << "value " << places[i];
  }
}

}  // namespace robiq::test
