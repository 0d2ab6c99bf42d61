#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/files/result_columns.h"
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

/// A file that holds one division of a data set.
struct WrittenSplit {
  std::string file;
  std::optional<std::int64_t> seed;  ///< nothing where an order was given
  std::string by, draw;
  bool official = false;                      ///< whether the data set's own parts were kept
  std::size_t train = 0, val = 0, test = 0;   ///< pictures
  std::size_t scenes = 0, scenes_shared = 0;  ///< shared: in more than one part
  std::string sha256;

  static ResultColumns<WrittenSplit> columns();
};

/// Divides a data set and writes what it drew as CSV files that `--split-file` reads: OUT, or with
/// repeats OUT-0, OUT-1, ... in front of its ending, drawn from seed, seed + 1, ... The draw of
/// seed S is the one that `robiq train --seed S` makes.
/// \return one row a file
/// \throws Error{kUsage} for flags that contradict each other, or an OUT that is another split;
///         Error{kData} for data or an order that cannot be used
[[nodiscard]] std::vector<WrittenSplit> split_dataset(const SplitRequest& request);

/// Reads --split-file and warns when scenes are in more than one of its parts.
/// \throws Error{kData} when it is of another data set
[[nodiscard]] Split read_split_file(const std::string& file, const Dataset& dataset);

}  // namespace robiq
