#include "robiq/app/evaluate/shown_pixels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "robiq/core/rng.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/resample.h"

namespace robiq {
namespace {

/// The middle `side` pixels of a dimension.
at::Tensor middle(const at::Tensor& picture, std::int64_t dimension, std::int64_t side) {
  const std::int64_t size = picture.size(dimension);
  const std::int64_t kept = std::min(side, size);
  return picture.narrow(dimension, (size - kept) / 2, kept);
}

Blob part_of(const at::Tensor& pictures, std::int64_t side) {
  const at::Tensor picture = pictures.select(0, pictures.size(0) / 2);
  return {encode_png(to_bytes(middle(middle(picture, 1, side), 2, side)))};
}

}  // namespace

std::string thumbnail_of(const at::Tensor& bytes) {
  constexpr double kSide = 96;
  const double shrink = kSide / static_cast<double>(std::max(bytes.size(1), bytes.size(2)));
  if (shrink >= 1) return encode_jpeg(bytes);
  const auto shrunk = [&](std::int64_t size) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(size) * shrink));
  };
  return encode_jpeg(resize_bytes(bytes, shrunk(bytes.size(1)), shrunk(bytes.size(2))));
}

ExampleRow example_of(const AttackedPicture& attacked, const ScoreRow& score, const std::string& id,
                      std::int64_t side) {
  ExampleRow row;
  row.attack = score.attack;
  row.attack_options = score.attack_options;
  row.level = score.level;
  row.surrogate = score.surrogate;
  row.change = std::abs(score.after - score.before);
  // The same for every model and attack, so that they can be compared on one picture.
  row.draw = RandomStream(Rng(0).child("example").child(id)).uniform();
  row.clean = part_of(attacked.clean, side);
  row.attacked = part_of(attacked.images, side);
  return row;
}

}  // namespace robiq
