#include "robiq/tensor/image_batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <sstream>

#include "robiq/core/error.h"

namespace robiq {

at::Tensor to_float(const at::Tensor& bytes) {
  // A float's to(kFloat) is the same memory.
  return bytes.scalar_type() == at::kFloat ? bytes.div(255.0F) : bytes.to(at::kFloat).div_(255.0F);
}

at::Tensor to_bytes(const at::Tensor& images) {
  return images.detach().mul(255.0F).round_().clamp_(0.0F, 255.0F).to(at::kByte);
}

at::Tensor quantize_to_8bit(const at::Tensor& images) { return to_float(to_bytes(images)); }

void check_images(const at::Tensor& images, const std::string& who, at::ScalarType type) {
  const bool good = images.defined() && images.scalar_type() == type && images.dim() == 4 &&
                    images.size(1) == 3 && images.numel() > 0;
  if (good) return;
  std::ostringstream got;
  if (images.defined()) {
    got << images.scalar_type() << " " << images.sizes();
  } else {
    got << "an undefined tensor";
  }
  throw Error(ErrorKind::kData,
              {who + " got " + got.str() + ", wants " +
                   (type == at::kFloat ? "float32" : at::toString(type)) + " [N,3,H,W]",
               who, "batch the pictures and convert them with to_float()"});
}

std::vector<BatchPiece> batch_pieces(std::int64_t rows, std::int64_t size, std::int64_t least) {
  std::vector<BatchPiece> pieces;
  for (std::int64_t first = 0; first < rows; first += size) {
    pieces.push_back({first, std::min(size, rows - first)});
  }
  if (pieces.size() > 1 && size >= least && pieces.back().count < least) {
    const std::int64_t rest = pieces.back().count;
    pieces.pop_back();
    pieces.back().count += rest;
  }
  return pieces;
}

std::int64_t times_written(const at::Tensor& images) {
  return images.is_inference() ? 0 : static_cast<std::int64_t>(images._version());
}

}  // namespace robiq
