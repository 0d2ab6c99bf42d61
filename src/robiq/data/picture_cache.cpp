#include "robiq/data/picture_cache.h"

namespace robiq {

at::Tensor PictureCache::get(std::size_t record) {
  {
    const std::scoped_lock lock(mutex_);
    const auto it = pictures_.find(record);
    if (it != pictures_.end()) return it->second;
  }
  const ImageRecord& wanted = dataset_.records()[record];
  at::Tensor picture = dataset_.read(wanted);
  if (wanted.file.empty()) return picture;
  const std::scoped_lock lock(mutex_);
  const auto bytes = static_cast<std::int64_t>(picture.nbytes());
  if (held_bytes_ + bytes <= limit_bytes_ && pictures_.emplace(record, picture).second) {
    held_bytes_ += bytes;
  }
  return picture;
}

}  // namespace robiq
