#pragma once
#include <memory>

#include "robiq/defense/purify/purified_model.h"
#include "robiq/model/crop_ensemble.h"
#include "robiq/model/picture_input.h"

namespace robiq {

/// Scores one whole picture behind a purifier: the picture is purified, then its views are cut, as
/// a program does that purifies files. A purifier may change the picture's size.
class PurifiedPicture {
 public:
  /// How views are cut of what the purifier leaves.
  struct Cutting {
    const ViewPolicy& policy;
    Rng rng;           ///< where random views are drawn
    bool fit = false;  ///< enlarge what is left where it is smaller than a crop
  };

  /// \param model  of views; must outlive this  \param whole  the picture, not yet purified
  /// \throws Error{kData} when the purified picture is smaller than a crop, and not to be enlarged
  PurifiedPicture(QualityModel& model, const std::shared_ptr<const Purifier>& purifier,
                  const Purification& purification, const WholePicture& whole,
                  const Cutting& cutting);

  /// Of pictures of that size; call begin() first.
  [[nodiscard]] PurifiedModel& model() noexcept { return purified_; }
  /// How many views are cut of the purified picture.
  [[nodiscard]] std::int64_t views() const noexcept { return std::ssize(whole_.views); }

 private:
  WholePicture whole_;  ///< after purifying
  CropEnsemble ensemble_;
  PurifiedModel purified_;
};

}  // namespace robiq
