#include "robiq/attack/rank/soft_rank.h"

#include <algorithm>
#include <numeric>

#include "robiq/core/error.h"

namespace robiq {
namespace {

/// A run of sorted values that share one level of the isotonic regression.
struct PooledBlock {
  std::size_t begin = 0;
  double sum = 0;
  double count = 0;
  [[nodiscard]] double mean() const { return sum / count; }
};

/// The non-increasing sequence nearest to `steps`: pool adjacent violators.
std::vector<PooledBlock> falling_regression(const std::vector<double>& steps) {
  std::vector<PooledBlock> blocks;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    blocks.push_back({i, steps[i], 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() <= blocks.back().mean()) {
      PooledBlock& before = blocks[blocks.size() - 2];
      before.sum += blocks.back().sum;
      before.count += blocks.back().count;
      blocks.pop_back();
    }
  }
  return blocks;
}

}  // namespace

SoftRank::SoftRank(std::span<const double> values, double beta)
    : beta_(beta), order_(values.size()), ranks_(values.size()) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  std::vector<double> scaled, steps;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    scaled.push_back(values[order_[i]] / beta);
    steps.push_back(scaled.back() - static_cast<double>(order_.size() - i));
  }
  for (const PooledBlock& block : falling_regression(steps)) {
    blocks_.push_back(block.begin);
    const std::size_t end = block.begin + static_cast<std::size_t>(block.count);
    for (std::size_t i = block.begin; i < end; ++i) ranks_[order_[i]] = scaled[i] - block.mean();
  }
  blocks_.push_back(order_.size());
}

std::vector<double> SoftRank::backward(std::span<const double> cotangent) const {
  if (cotangent.size() != ranks_.size()) {
    throw Error(ErrorKind::kInternal, {"a cotangent of another length than the ranks", "", ""});
  }
  std::vector<double> gradient(ranks_.size());
  for (std::size_t block = 0; block + 1 < blocks_.size(); ++block) {
    const std::size_t begin = blocks_[block], end = blocks_[block + 1];
    double mean = 0;
    for (std::size_t i = begin; i < end; ++i) mean += cotangent[order_[i]];
    mean /= static_cast<double>(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      gradient[order_[i]] = (cotangent[order_[i]] - mean) / beta_;
    }
  }
  return gradient;
}

}  // namespace robiq
