#pragma once
// What the program prints with --format jsonl.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/core/text/text.h"

namespace robiq::test {

[[nodiscard]] inline std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> rows;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) rows.push_back(nlohmann::json::parse(line));
  }
  return rows;
}

}  // namespace robiq::test
