#pragma once
#include <cstdint>
#include <vector>

#include "robiq/data/synthetic/rated_scene.h"

namespace robiq::synthetic {

/// Which scenes.
struct SetRecipe {
  std::int64_t scenes = 60;
  std::int64_t size = 256;  ///< pixels of each side
  std::uint64_t seed = 0;
  double texture = 0;              ///< 0..1, of render_scene()
  int levels = kDistortionLevels;  ///< of each kind, up to kMostDistortionLevels
};

/// Every scene under every treatment, rated when it is made. Pictures are kept in memory as far as
/// the limit goes; the others are rendered again when they are asked for, with the same bytes.
class RatedSet {
 public:
  /// \param threads  how many render; changes nothing in the result
  /// \param most_kept_bytes  pictures kept in memory
  RatedSet(const SetRecipe& recipe, std::int64_t threads, std::int64_t most_kept_bytes);

  [[nodiscard]] const std::vector<Treatment>& treatments() const noexcept { return treatments_; }
  /// \param treatment  an index into treatments()
  [[nodiscard]] double mos(std::int64_t scene, std::size_t treatment) const {
    return mos_[static_cast<std::size_t>(scene)][treatment];
  }
  /// Safe to call from several threads.
  [[nodiscard]] BytePlanes picture(std::int64_t scene, std::size_t treatment) const;

 private:
  [[nodiscard]] BytePlanes pristine(std::int64_t scene) const;
  [[nodiscard]] Rng noise(std::int64_t scene) const;

  SetRecipe recipe_;
  std::vector<Treatment> treatments_;
  std::vector<std::vector<double>> mos_;
  std::vector<std::vector<BytePlanes>> kept_;  ///< by scene; empty where not kept
};

}  // namespace robiq::synthetic
