#include "robiq/data/picture_cache.h"

namespace robiq {

PictureCache::PictureCache(const Dataset& dataset, const PictureCacheOptions& options)
    : dataset_(dataset), limit_bytes_(options.memory_bytes) {
  if (options.folder.empty()) return;
  disk_ = std::make_unique<DiskCache>(options.folder, dataset.card().spec, options.folder_bytes);
}

at::Tensor PictureCache::from_disk_or_decoded(const ImageRecord& record) {
  if (disk_ == nullptr || record.file.empty()) return dataset_.read(record);
  const std::filesystem::path place = disk_->place_of(record.file);
  if (std::optional<at::Tensor> kept = disk_->find(place)) return *kept;
  at::Tensor picture = dataset_.read(record);
  disk_->keep(record.file, place, picture);
  return picture;
}

at::Tensor PictureCache::get(std::size_t record) {
  {
    const std::scoped_lock lock(mutex_);
    const auto it = pictures_.find(record);
    if (it != pictures_.end()) return it->second;
  }
  const ImageRecord& wanted = dataset_.records()[record];
  at::Tensor picture = from_disk_or_decoded(wanted);
  if (wanted.file.empty()) return picture;
  const std::scoped_lock lock(mutex_);
  const auto bytes = static_cast<std::int64_t>(picture.nbytes());
  if (held_bytes_ + bytes <= limit_bytes_ && pictures_.emplace(record, picture).second) {
    held_bytes_ += bytes;
  }
  return picture;
}

}  // namespace robiq
