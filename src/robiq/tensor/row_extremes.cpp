#include "robiq/tensor/row_extremes.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "robiq/core/parallel.h"

namespace robiq {
namespace {

/// The largest and the smallest value so far, and where they lie.
template <class Number>
struct Extremes {
  Number most, least;
  std::int64_t largest = 0, smallest = 0;

  /// Takes one more value. \return false where it is NaN, after which no other counts
  bool add(Number value, std::int64_t place) {
    if (std::isnan(value)) {
      largest = smallest = place;
      return false;
    }
    if (value > most) {
      most = value;
      largest = place;
    }
    if (value < least) {
      least = value;
      smallest = place;
    }
    return true;
  }
};

/// Some values of a row, looked at together.
template <class Number>
class Block {
  static constexpr std::int64_t kVectors = 4;
  using Vector [[gnu::vector_size(16)]] = Number;

 public:
  static constexpr std::int64_t kSize = kVectors * static_cast<std::int64_t>(16 / sizeof(Number));

  /// Whether all lie between the extremes so far; false where one is NaN.
  static bool lies_between(const Number* values, const Extremes<Number>& so_far) {
    const Vector most = Vector{} + so_far.most, least = Vector{} + so_far.least;
    auto between = most == most;
    for (std::int64_t i = 0; i < kVectors; ++i) {
      Vector x;
      std::memcpy(&x, values + i * kSize / kVectors, sizeof x);
      between &= (x <= most) & (x >= least);
    }
    std::array<std::int64_t, 2> bits;  // all are set where all is true
    std::memcpy(bits.data(), &between, sizeof between);
    return (bits[0] & bits[1]) == -1;
  }
};

/// A row has few new extremes, so that most blocks are passed over.
template <class Number>
Extremes<Number> extremes_of(const Number* row, std::int64_t size) {
  constexpr std::int64_t kBlock = Block<Number>::kSize;
  Extremes<Number> so_far{row[0], row[0]};
  std::int64_t place = 0;
  while (place < size) {
    const bool whole = place + kBlock <= size;
    if (whole && Block<Number>::lies_between(row + place, so_far)) {
      place += kBlock;
      continue;
    }
    for (const std::int64_t end = std::min(place + kBlock, size); place < end; ++place) {
      if (!so_far.add(row[place], place)) return so_far;
    }
  }
  return so_far;
}

template <class Number>
void fill(const at::Tensor& rows, RowExtremes& places) {
  constexpr std::int64_t kShare = 1 << 18;  // values that are worth a thread
  const std::int64_t size = rows.size(-1);
  const auto* const values = rows.data_ptr<Number>();
  auto* const largest = places.largest.data_ptr<std::int64_t>();
  auto* const smallest = places.smallest.data_ptr<std::int64_t>();
  for_each_range(places.largest.numel(), std::max<std::int64_t>(1, kShare / size),
                 at::get_num_threads(), [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t row = begin; row < end; ++row) {
                     const auto found = extremes_of(values + row * size, size);
                     largest[row] = found.largest;
                     smallest[row] = found.smallest;
                   }
                 });
}

}  // namespace

RowExtremes row_extremes(const at::Tensor& rows) {
  const bool is_float = rows.scalar_type() == at::kFloat;
  if (!rows.is_cpu() || rows.numel() == 0 || (!is_float && rows.scalar_type() != at::kDouble)) {
    return {std::get<1>(rows.max(-1)), std::get<1>(rows.min(-1))};
  }
  const at::Tensor dense = rows.detach().contiguous();
  const auto like = dense.options().dtype(at::kLong);
  RowExtremes places{at::empty(dense.sizes().slice(0, dense.dim() - 1), like), {}};
  places.smallest = at::empty_like(places.largest);
  is_float ? fill<float>(dense, places) : fill<double>(dense, places);
  return places;
}

bool any_row_is_nan(const at::Tensor& rows) {
  return rows.flatten(1).isnan().all(1).any().item<bool>();
}

}  // namespace robiq
