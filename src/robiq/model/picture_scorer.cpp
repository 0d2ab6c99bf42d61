#include "robiq/model/picture_scorer.h"

#include <ATen/ATen.h>

#include <utility>

#include "robiq/tensor/pictures/image_io.h"

namespace robiq {

ModelInput PictureScorer::input(const at::Tensor& bytes, const Rng& rng) const {
  ModelInput input{picture_input(bytes, model_->card(), views_, fit_, model_->device()), {}};
  input.views = make_views(views_, input.picture.size(2), input.picture.size(3), rng);
  return input;
}

WholePicture PictureScorer::whole(const at::Tensor& bytes, const Rng& rng) const {
  return whole_picture(bytes, model_->card(), views_, fit_, model_->device(), rng);
}

std::unique_ptr<CropEnsemble> PictureScorer::ensemble(std::int64_t height, std::int64_t width,
                                                      const Rng& rng) const {
  const bool resized = views_.resize_height > 0;
  std::vector<View> views = make_views(views_, resized ? views_.resize_height : height,
                                       resized ? views_.resize_width : width, rng);
  const std::int64_t chunk = view_chunk(model_->card(), views);
  return std::make_unique<CropEnsemble>(
      *model_, std::move(views), chunk,
      std::pair<std::int64_t, std::int64_t>{views_.resize_height, views_.resize_width});
}

double PictureScorer::score(const ModelInput& input) const {
  return score_picture(*model_, input.picture, input.views);
}

double PictureScorer::score(const at::Tensor& bytes, const Rng& rng) const {
  return score(input(bytes, rng));
}

double PictureScorer::score_file(const std::filesystem::path& file, const Rng& rng) const {
  return score(read_picture(file), rng);
}

PictureGradient PictureScorer::gradient(const ModelInput& input) const {
  return score_gradient(*model_, input.picture, input.views);
}

}  // namespace robiq
