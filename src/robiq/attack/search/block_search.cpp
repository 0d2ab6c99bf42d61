#include "robiq/attack/search/block_search.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <queue>
#include <utility>

namespace robiq {
namespace {

/// Cells of one channel, [top, top + height) x [left, left + width).
struct SignBlock {
  std::int64_t channel, top, left, height, width;
};

std::vector<SignBlock> sign_blocks(std::int64_t height, std::int64_t width, std::int64_t side) {
  std::vector<SignBlock> blocks;
  for (std::int64_t top = 0; top < height; top += side) {
    for (std::int64_t left = 0; left < width; left += side) {
      for (std::int64_t channel = 0; channel < 3; ++channel) {
        blocks.push_back(
            {channel, top, left, std::min(side, height - top), std::min(side, width - left)});
      }
    }
  }
  return blocks;
}

/// The signs of one picture, what they reach, and flips of blocks.
class SignGrid {
 public:
  SignGrid(ScoreQueries& queries, const at::Tensor& picture, const BlockSearch& walk)
      : queries_(queries),
        picture_(picture),
        epsilon_(walk.epsilon),
        signs_(at::full(
            {1, 3, std::min(walk.grid, picture.size(2)), std::min(walk.grid, picture.size(3))},
            -1.0, picture.options())),
        value_(queries.value(attacked(signs_))) {}

  [[nodiscard]] std::int64_t height() const { return signs_.size(2); }
  [[nodiscard]] std::int64_t width() const { return signs_.size(3); }
  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] at::Tensor result() const { return attacked(signs_); }
  [[nodiscard]] bool raised(const SignBlock& block) const {
    return signs_[0][block.channel][block.top][block.left].item<double>() > 0;
  }

  /// The values after a flip of each block; of as many as there are queries left for.
  [[nodiscard]] std::vector<double> values_of(const std::vector<SignBlock>& blocks) {
    const auto most = std::min(blocks.size(), static_cast<std::size_t>(queries_.left()));
    return queries_.values_of(most, [&](std::size_t i) { return attacked(flipped(blocks[i])); });
  }
  void flip(const SignBlock& block, double value) {
    signs_ = flipped(block);
    value_ = value;
  }

 private:
  [[nodiscard]] at::Tensor flipped(const SignBlock& block) const {
    at::Tensor signs = signs_.clone();
    signs[0][block.channel]
        .narrow(0, block.top, block.height)
        .narrow(1, block.left, block.width)
        .neg_();
    return signs;
  }
  [[nodiscard]] at::Tensor attacked(const at::Tensor& signs) const {
    const at::Tensor stretched =
        at::upsample_nearest2d(signs, {picture_.size(2), picture_.size(3)});
    return (picture_ + epsilon_ * stretched).clamp(0, 1);
  }

  ScoreQueries& queries_;
  at::Tensor picture_;
  double epsilon_;
  at::Tensor signs_;
  double value_;
};

/// Flips the blocks that raise the value, those with the largest gains first. A gain that was
/// computed before the last flip is computed again before it counts.
/// \return whether a block was flipped
bool lazy_greedy(SignGrid& grid, const std::vector<SignBlock>& blocks,
                 const ScoreQueries& queries) {
  struct Candidate {
    double gain;
    std::size_t block;
    bool operator<(const Candidate& other) const {
      return gain < other.gain || (gain == other.gain && block > other.block);
    }
  };
  std::priority_queue<Candidate> waiting;
  const std::vector<double> values = grid.values_of(blocks);
  for (std::size_t i = 0; i < values.size(); ++i) waiting.push({values[i] - grid.value(), i});
  bool changed = false;
  while (!waiting.empty()) {
    const Candidate top = waiting.top();
    waiting.pop();
    double value = values[top.block];
    if (changed) {
      if (queries.left() == 0) break;
      value = grid.values_of({blocks[top.block]}).front();
    }
    const double gain = value - grid.value();
    if (!waiting.empty() && gain < waiting.top().gain) {
      waiting.push({gain, top.block});
      continue;
    }
    if (!(gain > 0)) break;
    grid.flip(blocks[top.block], value);
    changed = true;
  }
  return changed;
}

/// One pass over a batch: blocks are raised, then lowered. \return whether a block was flipped
bool search_batch(SignGrid& grid, const std::vector<SignBlock>& batch,
                  const ScoreQueries& queries) {
  bool changed = false;
  for (const bool raised : {false, true}) {
    std::vector<SignBlock> chosen;
    std::copy_if(batch.begin(), batch.end(), std::back_inserter(chosen),
                 [&](const SignBlock& block) { return grid.raised(block) == raised; });
    changed = lazy_greedy(grid, chosen, queries) || changed;
  }
  return changed;
}

}  // namespace

at::Tensor block_search(ScoreQueries& queries, const at::Tensor& picture, const BlockSearch& walk,
                        const SearchDraws& draws) {
  SignGrid grid(queries, picture, walk);
  std::int64_t side = walk.block;
  bool goes_on = true;
  while (goes_on && queries.left() > 0) {
    std::vector<SignBlock> blocks = sign_blocks(grid.height(), grid.width(), side);
    for (std::size_t i = blocks.size(); i > 1; --i) {
      std::swap(blocks[i - 1],
                blocks[static_cast<std::size_t>(draws.below(static_cast<std::int64_t>(i)))]);
    }
    bool changed = false;
    const auto batch = static_cast<std::size_t>(walk.batch);
    for (std::size_t first = 0; first < blocks.size() && queries.left() > 0; first += batch) {
      const std::size_t last = std::min(blocks.size(), first + batch);
      changed = search_batch(grid,
                             {blocks.begin() + static_cast<std::ptrdiff_t>(first),
                              blocks.begin() + static_cast<std::ptrdiff_t>(last)},
                             queries) ||
                changed;
    }
    goes_on = changed || side > 1;
    side = std::max<std::int64_t>(1, side / 2);
  }
  return grid.result();
}

}  // namespace robiq
