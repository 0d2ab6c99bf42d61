#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "robiq/attack/filters/picture_filter.h"

namespace robiq {
namespace {

constexpr std::int64_t kLevels = 256;
using LevelCounts = std::array<std::int64_t, kLevels>;
using LevelMap = std::array<std::uint8_t, kLevels>;

/// Halves go to the even neighbour.
std::uint8_t rounded_level(float value) {
  return static_cast<std::uint8_t>(std::clamp(std::nearbyint(value), 0.0F, 255.0F));
}

std::int64_t mirrored_index(std::int64_t i, std::int64_t side) {
  if (side == 1) return 0;
  const std::int64_t turn = i % (2 * (side - 1));
  return turn < side ? turn : 2 * (side - 1) - turn;
}

/// A grid of tiles over a plane, and the plane's pixels beyond its border.
struct TileGrid {
  TileGrid(const at::Tensor& plane, std::int64_t tiles_a_side)
      : tiles(tiles_a_side), height(plane.size(0)), width(plane.size(1)) {
    const bool whole = height % tiles == 0 && width % tiles == 0;
    // One that fits in one direction only is continued by a whole row of pixels a tile there.
    const auto tile_side = [&](std::int64_t side) {
      return whole ? side / tiles : (side + tiles - side % tiles) / tiles;
    };
    tile_height = tile_side(height);
    tile_width = tile_side(width);
  }
  [[nodiscard]] std::int64_t tile_pixels() const { return tile_height * tile_width; }

  std::int64_t tiles, height, width;
  std::int64_t tile_height = 0, tile_width = 0;
};

LevelCounts tile_counts(const std::uint8_t* pixels, const TileGrid& grid, std::int64_t row,
                        std::int64_t column) {
  LevelCounts counts{};
  for (std::int64_t y = row * grid.tile_height; y < (row + 1) * grid.tile_height; ++y) {
    const std::uint8_t* line = pixels + mirrored_index(y, grid.height) * grid.width;
    for (std::int64_t x = column * grid.tile_width; x < (column + 1) * grid.tile_width; ++x) {
      ++counts[line[mirrored_index(x, grid.width)]];
    }
  }
  return counts;
}

/// Cuts counts at the limit; the excess goes to all levels alike, its rest to evenly spaced ones.
void spread_excess(LevelCounts& counts, std::int64_t limit) {
  std::int64_t excess = 0;
  for (std::int64_t& count : counts) {
    excess += std::max<std::int64_t>(0, count - limit);
    count = std::min(count, limit);
  }
  for (std::int64_t& count : counts) count += excess / kLevels;
  std::int64_t rest = excess % kLevels;
  if (rest == 0) return;
  const std::int64_t stride = std::max<std::int64_t>(1, kLevels / rest);
  for (std::int64_t level = 0; level < kLevels && rest > 0; level += stride, --rest) {
    ++counts[static_cast<std::size_t>(level)];
  }
}

LevelMap tile_map(LevelCounts counts, std::int64_t pixels, double clip) {
  if (clip > 0) {
    const double limit = clip * static_cast<double>(pixels) / static_cast<double>(kLevels);
    spread_excess(counts, std::max<std::int64_t>(1, static_cast<std::int64_t>(limit)));
  }
  const float scale = 255.0F / static_cast<float>(pixels);
  LevelMap map{};
  std::int64_t sum = 0;
  for (std::size_t level = 0; level < map.size(); ++level) {
    sum += counts[level];
    map[level] = rounded_level(static_cast<float>(sum) * scale);
  }
  return map;
}

/// The two tiles on whose middles' connection a pixel lies, and the share of the second.
struct TilePair {
  TilePair(std::int64_t pixel, std::int64_t tile_side, std::int64_t tiles) {
    const float place = static_cast<float>(pixel) * (1.0F / static_cast<float>(tile_side)) - 0.5F;
    const float below = std::floor(place);
    share = place - below;
    const auto index = static_cast<std::int64_t>(below);
    first = static_cast<std::size_t>(std::max<std::int64_t>(0, index));
    second = static_cast<std::size_t>(std::min(tiles - 1, index + 1));
  }
  std::size_t first, second;
  float share;
};

}  // namespace

at::Tensor equalized(const at::Tensor& plane) {
  LevelCounts counts{};
  const auto* pixels = plane.data_ptr<std::uint8_t>();
  const std::int64_t total = plane.numel();
  for (std::int64_t i = 0; i < total; ++i) ++counts[pixels[i]];
  std::size_t first = 0;
  while (counts[first] == 0) ++first;
  if (counts[first] == total) return plane.clone();
  const float scale = 255.0F / static_cast<float>(total - counts[first]);
  LevelMap map{};
  std::int64_t sum = 0;
  for (std::size_t level = first + 1; level < map.size(); ++level) {
    sum += counts[level];
    map[level] = rounded_level(static_cast<float>(sum) * scale);
  }
  at::Tensor out = at::empty_like(plane);
  std::transform(pixels, pixels + total, out.data_ptr<std::uint8_t>(),
                 [&map](std::uint8_t level) { return map[level]; });
  return out;
}

at::Tensor adaptively_equalized(const at::Tensor& plane, double clip, std::int64_t tiles) {
  const TileGrid grid(plane, tiles);
  const auto* pixels = plane.data_ptr<std::uint8_t>();
  std::vector<LevelMap> maps;
  for (std::int64_t tile = 0; tile < tiles * tiles; ++tile) {
    maps.push_back(
        tile_map(tile_counts(pixels, grid, tile / tiles, tile % tiles), grid.tile_pixels(), clip));
  }
  const auto across_tiles = static_cast<std::size_t>(tiles);
  at::Tensor out = at::empty_like(plane);
  auto* target = out.data_ptr<std::uint8_t>();
  for (std::int64_t y = 0; y < grid.height; ++y) {
    const TilePair down(y, grid.tile_height, tiles);
    const LevelMap* upper = maps.data() + down.first * across_tiles;
    const LevelMap* lower = maps.data() + down.second * across_tiles;
    for (std::int64_t x = 0; x < grid.width; ++x, ++pixels, ++target) {
      const TilePair across(x, grid.tile_width, tiles);
      const auto mixed = [&](const LevelMap* row) {
        return static_cast<float>(row[across.first][*pixels]) * (1 - across.share) +
               static_cast<float>(row[across.second][*pixels]) * across.share;
      };
      *target = rounded_level(mixed(upper) * (1 - down.share) + mixed(lower) * down.share);
    }
  }
  return out;
}

}  // namespace robiq
