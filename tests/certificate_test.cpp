// A certificate of a trained CNNIQA holds against the attack that it is made for.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/run/flag_parts.h"
#include "robiq/data/dataset.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/model/weights/weights.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"
#include "support/workbench.h"

namespace robiq {
namespace {

constexpr double kSigma = 0.12, kRadius = 0.1;
constexpr std::int64_t kSide = 32;

/// The middle of 100 built-in pictures, as large as the model's view.
std::vector<at::Tensor> hundred_pictures() {
  const auto dataset = make_dataset("builtin:scenes=8,size=64");
  std::vector<at::Tensor> pictures;
  for (const ImageRecord& record : dataset->records()) {
    if (pictures.size() == 100) break;
    const at::Tensor picture = to_float(dataset->read(record)).unsqueeze(0);
    const std::int64_t top = (picture.size(2) - kSide) / 2, left = (picture.size(3) - kSide) / 2;
    pictures.push_back(picture.narrow(2, top, kSide).narrow(3, left, kSide).contiguous());
  }
  return pictures;
}

/// PGD in the l2 ball against the smoothed score: ascends the mean score of 16 noisy copies, drawn
/// anew in each step, in the direction `sign`.
at::Tensor attacked_in_l2(QualityModel& model, const at::Tensor& image, double sign) {
  constexpr std::int64_t kDraws = 16;
  constexpr std::uint64_t kSteps = 8;
  at::Tensor change = at::zeros_like(image);
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const at::Tensor leaf = (image + change).detach().requires_grad_(true);
    const at::Tensor noise = normal_tensor(Rng(77).child(step), {kDraws, 3, kSide, kSide});
    const at::Tensor value = sign * model.score(add_clipped_noise(leaf, noise, kSigma)).sum();
    const at::Tensor gradient = torch::autograd::grad({value}, {leaf})[0];
    change = change + kRadius / 4 * gradient / gradient.norm().clamp_min(1e-12);
    change = change * (kRadius / std::max(kRadius, change.norm().item<double>()));
    change = (image + change).clamp(0, 1) - image;
  }
  return image + change;
}

TEST(Certificate, IsNeverBrokenByPgdInsideItsRadiusOnAHundredPictures) {
  const auto loaded =
      load_model(parse_spec("cnniqa", "test"), test::Workbench::get().path("w.safetensors"),
                 std::nullopt, c10::kCPU);
  QualityModel& model = *loaded.model;
  const ScopedFrozen frozen(model);
  CertificateSettings settings;
  settings.sampling.sigma = kSigma;
  settings.sampling.samples = 120;
  settings.sampling.chunk = 120;
  settings.radii = {0, kRadius};
  const std::vector<at::Tensor> pictures = hundred_pictures();
  ASSERT_EQ(pictures.size(), 100U);
  double moved = 0, width = 0;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::string id = std::to_string(i);
    SCOPED_TRACE(id);
    const PictureCertificate clean = certify_picture(model, pictures[i], id, Rng(1), settings);
    const double sign = i % 2 == 0 ? 1 : -1;
    const at::Tensor attacked = attacked_in_l2(model, pictures[i], sign);
    EXPECT_LE((attacked - pictures[i]).norm().item<double>(), kRadius * (1 + 1e-5));
    const PictureCertificate after = certify_picture(model, attacked, id, Rng(2), settings);
    // What the attacked picture's own smoothed score is not sure of.
    EXPECT_GE(*after.medians[0].upper, *clean.medians[1].lower);
    EXPECT_LE(*after.medians[0].lower, *clean.medians[1].upper);
    EXPECT_GE(after.mean, clean.means[1].lower);
    EXPECT_LE(after.mean, clean.means[1].upper);
    moved += sign * (after.score - clean.score) / 100;
    width += (*clean.medians[1].upper - *clean.medians[1].lower) / 100;
  }
  EXPECT_GT(moved, 0) << "the attack must go its way";
  EXPECT_GT(width, moved) << "a certificate is wider than what an attack reaches";
}

}  // namespace
}  // namespace robiq
