#include "robiq/app/score/purified_picture.h"

#include <ATen/ATen.h>

#include "robiq/model/picture_score.h"

namespace robiq {
namespace {

/// The views of what the purifier leaves of the picture.
WholePicture purified_whole(const QualityModel& model, const Purifier& purifier,
                            const WholePicture& whole, const PurifiedPicture::Cutting& cutting) {
  const at::Tensor purified = purifier.purify(whole.picture, {cutting.rng});
  if (purified.sizes() == whole.picture.sizes()) return whole;
  const at::Tensor size_alone = at::zeros(purified.sizes().slice(1), at::kByte);
  WholePicture left = whole_picture(size_alone, model.card(), cutting.policy, cutting.fit,
                                    model.device(), cutting.rng);
  const bool resizes = left.resize.first > 0;
  if (!resizes && left.picture.sizes() != purified.sizes()) {  // --fit enlarged it
    left.resize = {left.picture.size(2), left.picture.size(3)};
  }
  return left;
}

}  // namespace

PurifiedPicture::PurifiedPicture(QualityModel& model,
                                 const std::shared_ptr<const Purifier>& purifier,
                                 const Purification& purification, const WholePicture& whole,
                                 const Cutting& cutting)
    : whole_(purified_whole(model, *purifier, whole, cutting)),
      ensemble_(model, whole_.views, view_chunk(model.card(), whole_.views), whole_.resize),
      purified_(ensemble_, purifier, purification) {}

}  // namespace robiq
