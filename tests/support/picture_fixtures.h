#pragma once
// tests/fixtures/pictures: small files with the colours that are to be read in them.
#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "support/test_files.h"

namespace robiq::test {

[[nodiscard]] inline std::string bytes_of_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

/// A file of pillow.json, as bytes.
[[nodiscard]] inline std::string picture_fixture(const std::string& name) {
  static const nlohmann::json all = read_json(fixture_path("pictures/pillow.json"));
  return bytes_of_hex(all.at(name).at("file"));
}

/// What is to be read in it. \return uint8 [3,H,W]
[[nodiscard]] inline at::Tensor colours_of(const nlohmann::json& entry) {
  const std::string rgb = bytes_of_hex(entry.at("rgb"));
  const at::Tensor pixels =
      at::empty({entry.at("height").get<std::int64_t>(), entry.at("width").get<std::int64_t>(), 3},
                at::kByte);
  std::copy(rgb.begin(), rgb.end(), reinterpret_cast<char*>(pixels.data_ptr<std::uint8_t>()));
  return pixels.permute({2, 0, 1}).contiguous();
}

}  // namespace robiq::test
