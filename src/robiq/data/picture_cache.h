#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "robiq/data/dataset.h"
#include "robiq/data/disk_cache.h"

namespace robiq {

/// Where decoded pictures are kept, and how many.
struct PictureCacheOptions {
  std::int64_t memory_bytes = std::int64_t{1} << 30;
  std::filesystem::path folder;  ///< "": none
  std::int64_t folder_bytes = std::int64_t{20} << 30;
};

/// Decoded pictures kept in memory up to a limit, and in a folder up to another; what comes after
/// is decoded each time. Pictures that are made on the fly are not kept: their data set does that.
/// Safe to use from many threads.
class PictureCache {
 public:
  /// \throws as DiskCache
  PictureCache(const Dataset& dataset, const PictureCacheOptions& options);

  /// uint8 [3,H,W]; shared, not to be written to. \throws as Dataset::read().
  [[nodiscard]] at::Tensor get(std::size_t record);

 private:
  [[nodiscard]] at::Tensor from_disk_or_decoded(const ImageRecord& record);

  const Dataset& dataset_;
  std::int64_t limit_bytes_, held_bytes_ = 0;
  std::unique_ptr<DiskCache> disk_;
  std::mutex mutex_;
  std::unordered_map<std::size_t, at::Tensor> pictures_;
};

}  // namespace robiq
