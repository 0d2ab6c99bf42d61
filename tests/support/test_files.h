#pragma once
// Where tests find their golden files and, on machines that have it, real data.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "support/places.h"

namespace robiq::test {

/// tests/fixtures/RELATIVE.
[[nodiscard]] inline std::filesystem::path fixture_path(const std::string& relative) {
  return std::filesystem::path(fixtures_folder()) / relative;
}

/// A file or folder of the shared data: under $ROBIQ_SHARED, else beside the source tree. Empty
/// when it is not there; the test then skips.
[[nodiscard]] inline std::filesystem::path shared_path(const std::string& relative) {
  const char* const given = std::getenv("ROBIQ_SHARED");
  const std::filesystem::path root =
      given != nullptr ? given : std::filesystem::path(source_folder()) / ".." / "shared";
  const std::filesystem::path path = root / relative;
  return std::filesystem::exists(path) ? path : std::filesystem::path();
}

[[nodiscard]] inline nlohmann::json read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return nlohmann::json::parse(in);
}

}  // namespace robiq::test
