#include "robiq/defense/certify/noisy_scores.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/defense/purify/pixel_operations.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"

namespace robiq {
namespace {

void check_sampling(const at::Tensor& image, const NoisySampling& sampling, at::ScalarType type) {
  check_images(image, "smoothing", type);
  if (image.size(0) != 1) {
    throw Error(ErrorKind::kUsage, {std::to_string(image.size(0)) + " pictures were given",
                                    "smoothing", "certify one picture at a time"});
  }
  if (sampling.sigma > 0 && sampling.samples >= 1 && sampling.chunk >= 1 && sampling.first >= 0) {
    return;
  }
  throw Error(ErrorKind::kUsage, {"no scores come of " + std::to_string(sampling.samples) +
                                      " samples, " + std::to_string(sampling.chunk) +
                                      " at a time, with sigma " + number_text(sampling.sigma),
                                  "smoothing", "give sigma above 0 and 1 sample or more"});
}

at::Tensor denoised(const at::Tensor& noisy, const Denoiser& denoise) {
  if (!denoise) return noisy;
  at::Tensor clean = denoise(noisy);
  if (clean.sizes() == noisy.sizes()) return clean;
  throw Error(ErrorKind::kModel, {"the denoiser changed the size of the pictures", "smoothing",
                                  "give one that keeps it"});
}

}  // namespace

NoiseDraw normal_draws(const Rng& rng) {
  return [rng](std::int64_t draw, at::IntArrayRef shape) {
    return normal_tensor(rng.child(static_cast<std::uint64_t>(draw)), shape);
  };
}

std::vector<double> noisy_scores(QualityModel& model, const at::Tensor& image,
                                 const NoiseDraw& noise, const NoisySampling& sampling) {
  check_sampling(image, sampling, model.scalar_type());
  const at::NoGradGuard no_grad;
  const at::IntArrayRef shape = image.sizes().slice(1);
  const std::int64_t end = sampling.first + sampling.samples;
  std::vector<double> scores;
  for (std::int64_t from = sampling.first; from < end; from += sampling.chunk) {
    if (sampling.stop()) throw Interrupted("the certificate was stopped");
    std::vector<at::Tensor> drawn;
    for (std::int64_t k = from; k < std::min(end, from + sampling.chunk); ++k) {
      drawn.push_back(noise(k, shape));
    }
    const at::Tensor noisy = add_clipped_noise(image, at::stack(drawn), sampling.sigma);
    const at::Tensor scored = model.score(denoised(noisy, sampling.denoise));
    check_finite(scored, model.card().name);
    const at::Tensor chunk = scored.to(at::kCPU, at::kDouble).contiguous();
    scores.insert(scores.end(), chunk.data_ptr<double>(), chunk.data_ptr<double>() + chunk.numel());
  }
  return scores;
}

}  // namespace robiq
