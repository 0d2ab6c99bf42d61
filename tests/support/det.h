#pragma once
// Weights, pictures and noise made from names alone, so that two implementations can be compared
// without exchanging files. Every number is a function of a 64-bit hash of (name, index).
#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace robiq::det {

/// FNV-1a, 64 bits.
[[nodiscard]] inline std::uint64_t fnv1a64(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

/// The finaliser of SplitMix64, applied to x + its increment.
[[nodiscard]] inline std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// splitmix64(fnv1a64(name) + i) for i = 0..n-1.
[[nodiscard]] inline std::vector<std::uint64_t> hashes(std::string_view name, std::size_t n) {
  const std::uint64_t start = fnv1a64(name);
  std::vector<std::uint64_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = splitmix64(start + i);
  return out;
}

/// n numbers in [0, 1): the upper 53 bits of each hash.
[[nodiscard]] inline std::vector<double> uniform(std::string_view name, std::size_t n) {
  std::vector<double> out;
  out.reserve(n);
  for (const std::uint64_t hash : hashes(name, n)) {
    out.push_back(static_cast<double>(hash >> 11) * 0x1.0p-53);
  }
  return out;
}

namespace detail {

[[nodiscard]] inline at::Tensor float_tensor(const std::vector<double>& values,
                                             at::IntArrayRef shape) {
  return at::tensor(values, at::kDouble).to(at::kFloat).reshape(shape);
}

[[nodiscard]] inline std::size_t count_of(at::IntArrayRef shape) {
  std::size_t n = 1;
  for (const std::int64_t side : shape) n *= static_cast<std::size_t>(side);
  return n;
}

}  // namespace detail

/// The float32 tensor that stands under `name` in a state dict. Two or more dimensions:
/// (2u - 1) sqrt(3 / fan_in), fan_in = numel / shape[0]; fewer: 0.1 (u - 0.5), and 1 more where the
/// name ends in "weight" or "running_var". Integer tensors are left as the model makes them.
[[nodiscard]] inline at::Tensor weight(std::string_view name, at::IntArrayRef shape) {
  std::vector<double> values = uniform(name, detail::count_of(shape));
  if (shape.size() >= 2) {
    const double fan_in = static_cast<double>(values.size()) / static_cast<double>(shape[0]);
    const double bound = std::sqrt(3.0 / fan_in);
    for (double& value : values) value = (2 * value - 1) * bound;
  } else {
    const bool about_one = name.ends_with("weight") || name.ends_with("running_var");
    for (double& value : values) value = 0.1 * (value - 0.5) + (about_one ? 1.0 : 0.0);
  }
  return detail::float_tensor(values, shape);
}

/// float32 noise, low + (high - low) u, computed in double.
[[nodiscard]] inline at::Tensor noise(std::string_view name, double low, double high,
                                      at::IntArrayRef shape) {
  std::vector<double> values = uniform(name, detail::count_of(shape));
  for (double& value : values) value = low + (high - low) * value;
  return detail::float_tensor(values, shape);
}

/// What a picture is made of. The usual one is a diagonal ramp with six bits of texture.
struct ImageSpec {
  std::string name;
  std::int64_t h = 0, w = 0;
  std::int64_t mul = 256;       ///< contrast: floor(v mul / 256) + add
  std::int64_t add = 0;         ///< brightness
  std::int64_t flat_left = -1;  ///< not negative: the left half has this value
  /// Not negative: instead of all that, start - step x + 10 channel.
  std::int64_t ramp_start = -1, ramp_step = 0;
};

/// Reads a spec as the fixtures write it. Json: any nlohmann::basic_json
template <class Json>
[[nodiscard]] ImageSpec image_spec(const Json& json) {
  ImageSpec spec;
  spec.name = json.at("name").template get<std::string>();
  spec.h = json.at("h").template get<std::int64_t>();
  spec.w = json.at("w").template get<std::int64_t>();
  if (json.contains("kind")) {  // the only kind there is: hramp_down
    spec.ramp_start = json.at("start").template get<std::int64_t>();
    spec.ramp_step = json.at("step").template get<std::int64_t>();
    return spec;
  }
  spec.mul = json.value("mul", std::int64_t{256});
  spec.add = json.value("add", std::int64_t{0});
  spec.flat_left = json.value("flat_left", std::int64_t{-1});
  return spec;
}

/// uint8 [3,h,w]: (3 x + 2 y + 40 c + hash mod 64) mod 256, then contrast and brightness.
[[nodiscard]] inline at::Tensor image(const ImageSpec& spec) {
  const std::vector<std::uint64_t> texture =
      hashes(spec.name, static_cast<std::size_t>(3 * spec.h * spec.w));
  at::Tensor out = at::empty({3, spec.h, spec.w}, at::kByte);
  auto* pixel = out.data_ptr<std::uint8_t>();
  std::size_t i = 0;
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t y = 0; y < spec.h; ++y) {
      for (std::int64_t x = 0; x < spec.w; ++x, ++i) {
        const auto rough = static_cast<std::int64_t>(texture[i] % 64);
        std::int64_t value = ((3 * x + 2 * y + 40 * c + rough) % 256) * spec.mul / 256 + spec.add;
        if (spec.flat_left >= 0 && x < spec.w / 2) value = spec.flat_left;
        if (spec.ramp_start >= 0) value = spec.ramp_start - spec.ramp_step * x + 10 * c;
        pixel[i] = static_cast<std::uint8_t>(value);
      }
    }
  }
  return out;
}

/// image() as a batch of one: float32 [1,3,h,w] in [0,1].
[[nodiscard]] inline at::Tensor picture(const ImageSpec& spec) {
  return image(spec).to(at::kFloat).div_(255.0F).unsqueeze_(0);
}

}  // namespace robiq::det
