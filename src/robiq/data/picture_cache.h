#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "robiq/data/dataset.h"

namespace robiq {

/// Decoded pictures kept in memory up to a limit; what comes after is decoded each time. Pictures
/// that are made on the fly are not kept: their data set does that. Safe to use from many threads.
class PictureCache {
 public:
  PictureCache(const Dataset& dataset, std::int64_t limit_bytes)
      : dataset_(dataset), limit_bytes_(limit_bytes) {}

  /// uint8 [3,H,W]; shared, not to be written to. \throws as Dataset::read().
  [[nodiscard]] at::Tensor get(std::size_t record);

 private:
  const Dataset& dataset_;
  std::int64_t limit_bytes_, held_bytes_ = 0;
  std::mutex mutex_;
  std::unordered_map<std::size_t, at::Tensor> pictures_;
};

}  // namespace robiq
