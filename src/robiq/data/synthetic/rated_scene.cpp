#include "robiq/data/synthetic/rated_scene.h"

#include "robiq/data/synthetic/pseudo_mos.h"

namespace robiq::synthetic {

std::string Treatment::name() const {
  return level == 0 ? "pristine" : distortion_name(kind) + "-" + std::to_string(level);
}

std::vector<Treatment> all_treatments(int levels) {
  std::vector<Treatment> all = {Treatment{}};
  for (const Distortion kind : kDistortions) {
    for (int level = 1; level <= levels; ++level) all.push_back({kind, level, levels});
  }
  return all;
}

BytePlanes treat(const BytePlanes& pristine, const Treatment& treatment, const Rng& noise) {
  if (treatment.level == 0) return pristine;
  // One pattern of noise for all levels of a kind, so that a level differs by its strength alone.
  const Rng pattern = noise.child(distortion_name(treatment.kind));
  const double strength = distortion_strength(treatment.kind, treatment.level, treatment.levels);
  return to_bytes(distort(to_planes(pristine), treatment.kind, strength, pattern));
}

std::vector<RatedPicture> rate_scene(const BytePlanes& pristine, const Rng& noise, int levels) {
  const PseudoMos judge(pristine);
  std::vector<RatedPicture> rated;
  for (const Treatment& treatment : all_treatments(levels)) {
    RatedPicture& picture = rated.emplace_back();
    picture.bytes = treat(pristine, treatment, noise);
    picture.mos = judge.mos(picture.bytes);
  }
  return rated;
}

}  // namespace robiq::synthetic
