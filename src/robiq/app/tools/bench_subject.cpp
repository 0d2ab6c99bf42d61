#include "robiq/app/tools/bench_subject.h"

#include <ATen/ATen.h>

#include <array>
#include <utility>
#include <vector>

#include "robiq/app/run/flag_parts.h"
#include "robiq/app/tools/bench_tools.h"
#include "robiq/core/stop.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/random.h"

namespace robiq {

BenchSubject::BenchSubject(const PictureBench& request)
    : request_(request),
      threads_(prepare_arithmetic(request.threads)),
      device_(parse_device(request.device)),
      rng_(static_cast<std::uint64_t>(request.seed)),
      model_(another_model()) {
  model_->set_training(false);
}

std::unique_ptr<QualityModel> BenchSubject::another_model() const {
  if (request_.weights.empty()) return random_model(request_.model, rng_, device_);
  return load_model_flag(request_.model, request_.weights, "", request_.device).model;
}

void BenchSubject::reduce_precision(NumberFormat precision) {
  model_ = with_precision(std::move(model_), precision);
}

at::Tensor BenchSubject::bytes_of(std::int64_t number) const {
  const Rng rng = rng_.child("picture").child(static_cast<std::uint64_t>(number)).child("images");
  const std::vector<std::int64_t> size = {request_.height, request_.width};
  at::Tensor sum = at::zeros({1, 3, request_.height, request_.width});
  constexpr std::array<std::int64_t, 4> kCells{4, 16, 64, 0};
  for (const std::int64_t cells : kCells) {
    const std::int64_t h = cells > 0 ? cells : size[0], w = cells > 0 ? cells : size[1];
    const at::Tensor noise = uniform_tensor(rng.child(static_cast<std::uint64_t>(cells)),
                                            {1, 3, h, w}, 0, 0.25, c10::kCPU);
    sum += at::upsample_bilinear2d(noise, size, false);
  }
  return to_bytes(sum.squeeze(0));
}

ModelInput BenchSubject::input_of(std::int64_t number) const {
  const PictureScorer scorer(*model_, parse_views(request_.views, model_->card()));
  return scorer.input(bytes_of(number), rng_);
}

AttackedPicture BenchSubject::attack(const Attack& attack, AttackLevel level,
                                     const ModelInput& input) {
  const AttackContext context{rng_, stop_requested};
  const auto& [picture, views] = input;
  if (level_of(attack, level) == AttackLevel::kView) {
    return attack_views({*model_, *model_}, attack, picture, views, "bench", context);
  }
  CropEnsemble whole(*model_, views, view_chunk(model_->card(), views));
  return attack_whole({whole, whole}, attack, picture, "bench", context);
}

}  // namespace robiq
