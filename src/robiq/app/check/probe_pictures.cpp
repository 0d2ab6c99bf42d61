#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/app/check/promise_checks.h"
#include "robiq/data/synthetic/rated_scene.h"
#include "robiq/data/synthetic/scene/scene.h"

namespace robiq {
namespace {

at::Tensor probe_picture(std::int64_t index, std::int64_t height, std::int64_t width) {
  using namespace synthetic;
  constexpr std::uint64_t kSeed = 2024;
  const std::int64_t side = std::clamp(std::max(height, width), kSmallestScene, kLargestScene);
  const auto number = static_cast<std::uint64_t>(index);
  Planes scene = render_scene(kSeed, number, side);
  if (index > 0) {
    const Distortion kind = kDistortions[number % kDistortions.size()];
    const int level = 1 + static_cast<int>(index) % kDistortionLevels;
    scene = distort(scene, kind, distortion_strength(kind, level), Rng(kSeed).child(number));
  }
  at::Tensor picture = at::tensor(scene.values).view({1, 3, side, side});
  if (side < std::max(height, width)) {
    const std::int64_t longest = std::max(height, width);
    picture = at::upsample_nearest2d(picture, {longest, longest});
  }
  return picture.narrow(2, 0, height).narrow(3, 0, width);
}

}  // namespace

at::Tensor probe_pictures(std::int64_t count, std::int64_t height, std::int64_t width) {
  std::vector<at::Tensor> pictures;
  for (std::int64_t i = 0; i < count; ++i) pictures.push_back(probe_picture(i, height, width));
  return at::cat(pictures).clamp(0, 1) * 0.9 + 0.05;
}

}  // namespace robiq
