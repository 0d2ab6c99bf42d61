#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/options/options.h"
#include "robiq/data/split.h"

namespace robiq {

/// What `robiq data split` is told.
struct SplitRequest {
  std::string data, out;
  std::string by = "scene", draw = "robiq", order;
  double train = 0.7, val = 0.1, test = 0.2;
  std::int64_t repeats = 1, seed = 0;
  bool official = true;

  static OptionTable<SplitRequest> options();
  static void settle(SplitRequest& request, const Params& given);
};

/// Divides a data set and writes what it drew as CSV files that `--split-file` reads: OUT, or with
/// repeats OUT-0, OUT-1, ... in front of its ending, drawn from seed, seed + 1, ... The draw of
/// seed S is the one that `robiq train --seed S` makes. \return one row a file: {file, seed, by,
/// draw, official, train, val, test, scenes,
///         scenes_shared, sha256}
/// \throws Error{kUsage} for flags that contradict each other, or an OUT that is another split;
///         Error{kData} for data or an order that cannot be used
[[nodiscard]] nlohmann::ordered_json split_dataset(const SplitRequest& request);

/// Reads --split-file and warns when scenes are in more than one of its parts.
/// \throws Error{kData} when it is of another data set
[[nodiscard]] Split read_split_file(const std::string& file, const Dataset& dataset);

}  // namespace robiq
