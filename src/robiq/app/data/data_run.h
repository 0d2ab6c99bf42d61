#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "robiq/core/options/options.h"

namespace robiq {

/// What `robiq data synthesize` is told.
struct SynthesizeRequest {
  std::string from, out;
  std::vector<std::string> only;  ///< file name patterns; empty: every picture
  std::int64_t size = 256, scenes = 0, per_photo = 4, short_side = 0, seed = 0;
  double noise = 0;

  static OptionTable<SynthesizeRequest> options();
};

/// Cuts photographs into square scenes, makes every scene worse in the ways of the built-in data
/// (data/synthetic/distortion.h), labels all with the pseudo-MOS and writes OUT/images/*.png, then
/// OUT/dataset.csv (image,mos,content,distortion; content is the photograph's file name), which
/// `csv:OUT/dataset.csv` reads. The same request writes the same bytes, whatever the machine's
/// cores.
/// \return counts, range of the labels and where the table is, as one object
/// \throws Error{kUsage} for an OUT that holds anything but this request's earlier output;
///         Error{kData} for a FROM without usable photographs or with fewer scenes than are wanted;
///         Interrupted when the user asked to stop
[[nodiscard]] nlohmann::ordered_json synthesize(const SynthesizeRequest& request);

}  // namespace robiq
