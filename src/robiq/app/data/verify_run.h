#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq data verify` is told.
struct VerifyRequest {
  std::string data, split_file;
  std::int64_t threads = 0;

  static OptionTable<VerifyRequest> options();
};

/// Checks a copy of a data set: what it has against what its publisher states, labels against the
/// scale, every picture decoded to its end, files with the same bytes, files that are not what
/// their names say, scenes in more than one part of the split.
/// \return one row a check: {check, faults, examples, hint}; nothing is wrong where faults is 0
/// \throws Error{kData} when it cannot be opened at all; Interrupted when the user asked to stop
[[nodiscard]] nlohmann::ordered_json verify_dataset(const VerifyRequest& request);

}  // namespace robiq
