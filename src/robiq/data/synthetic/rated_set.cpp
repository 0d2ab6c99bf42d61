#include "robiq/data/synthetic/rated_set.h"

#include "robiq/core/error.h"
#include "robiq/core/parallel.h"
#include "robiq/core/stop.h"
#include "robiq/data/synthetic/scene/scene.h"

namespace robiq::synthetic {

RatedSet::RatedSet(const SetRecipe& recipe, std::int64_t threads, std::int64_t most_kept_bytes)
    : recipe_(recipe), treatments_(all_treatments(recipe.levels)) {
  const auto count = static_cast<std::size_t>(recipe.scenes);
  mos_.resize(count);
  kept_.resize(count);
  const auto each = static_cast<std::int64_t>(treatments_.size()) * 3 * recipe.size * recipe.size;
  for_each_index(recipe.scenes, threads, [&](std::int64_t scene) {
    if (stop_requested()) throw Interrupted("drawing the scenes was stopped");
    const auto index = static_cast<std::size_t>(scene);
    const bool keep = (scene + 1) * each <= most_kept_bytes;
    for (RatedPicture& rated : rate_scene(pristine(scene), noise(scene), recipe_.levels)) {
      mos_[index].push_back(rated.mos);
      if (keep) kept_[index].push_back(std::move(rated.bytes));
    }
  });
}

BytePlanes RatedSet::picture(std::int64_t scene, std::size_t treatment) const {
  const std::vector<BytePlanes>& kept = kept_[static_cast<std::size_t>(scene)];
  if (!kept.empty()) return kept[treatment];
  return treat(pristine(scene), treatments_[treatment], noise(scene));
}

BytePlanes RatedSet::pristine(std::int64_t scene) const {
  return to_bytes(
      render_scene(recipe_.seed, static_cast<std::uint64_t>(scene), recipe_.size, recipe_.texture));
}

Rng RatedSet::noise(std::int64_t scene) const {
  return Rng(recipe_.seed).child("distortion").child(static_cast<std::uint64_t>(scene));
}

}  // namespace robiq::synthetic
