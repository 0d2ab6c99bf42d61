#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace robiq {

/// Randomness as a function of position: a key derived from a seed and a path of names and
/// counters. The same path gives the same numbers whatever ran before, in whatever thread, so a
/// run can be resumed exactly with nothing to save.
///
///   Rng augment = Rng(seed).child("augment").child(epoch).child(sample);
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) noexcept : key_(mix(seed)) {}

  [[nodiscard]] constexpr Rng child(std::string_view name) const noexcept {
    std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return Rng(key_ ^ mix(hash));
  }
  [[nodiscard]] constexpr Rng child(std::uint64_t index) const noexcept {
    return Rng(key_ + 0x9E3779B97F4A7C15ULL * (index + 1));
  }
  [[nodiscard]] constexpr std::uint64_t key() const noexcept { return key_; }

  /// SplitMix64's finaliser (Steele, Lea and Flood 2014).
  static constexpr std::uint64_t mix(std::uint64_t z) noexcept {
    z += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t key_;
};

/// A stream of numbers drawn at one position. Cheap to make (SplitMix64, one word of state).
/// Distributions are written out, so that every standard library gives the same numbers.
class RandomStream {
 public:
  explicit RandomStream(const Rng& rng) noexcept : state_(rng.key()) {}

  /// 64 uniform bits.
  std::uint64_t bits() noexcept {
    const std::uint64_t out = Rng::mix(state_);
    state_ += 0x9E3779B97F4A7C15ULL;
    return out;
  }
  /// Uniform in [0, 1), 53 bits.
  double uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  /// Uniform in [low, high).
  double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
  /// Uniform in {0, ..., n - 1}; n > 0. The bias, below n / 2^64, is accepted.
  std::uint64_t below(std::uint64_t n) noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(bits()) * n) >> 64);
  }
  /// Standard normal (Box and Muller 1958).
  double normal() noexcept {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - u lies in (0, 1]
    const double angle = 2.0 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

  /// Fisher-Yates.
  template <class T>
  void shuffle(std::vector<T>& items) noexcept {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace robiq
