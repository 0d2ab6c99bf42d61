#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/core/rng.h"
#include "robiq/data/synthetic/scene/planes.h"

namespace robiq {

/// What `robiq data synthesize` is told.
struct SynthesizeRequest {
  std::string from, out;
  std::vector<std::string> only;  ///< file name patterns; empty: every picture
  std::int64_t size = 256, scenes = 0, per_photo = 4, short_side = 0, seed = 0;
  double noise = 0;

  static OptionTable<SynthesizeRequest> options();
};

/// What was synthesized.
struct SynthesizedSet {
  std::int64_t photographs = 0;  ///< that gave a scene
  std::size_t scenes = 0, pictures = 0;
  double mos_least = 100, mos_greatest = 0;
  std::filesystem::path csv;     ///< the table of labels
  bool finished_before = false;  ///< by an earlier run of the same request

  static ResultColumns<SynthesizedSet> columns();
};

/// Cuts photographs into square scenes, makes every scene worse in the ways of the built-in data
/// (data/synthetic/distortion.h), labels all with the pseudo-MOS and writes OUT/images/*.png, then
/// OUT/dataset.csv (image,mos,content,distortion; content is the photograph's file name), which
/// `csv:OUT/dataset.csv` reads. The same request writes the same bytes, whatever the machine's
/// cores.
/// \throws Error{kUsage} for an OUT that holds anything but this request's earlier output;
///         Error{kData} for a FROM without usable photographs or with fewer scenes than are wanted;
///         Interrupted when the user asked to stop
[[nodiscard]] SynthesizedSet synthesize(const SynthesizeRequest& request);

/// How photographs become scenes.
struct CutRule {
  std::int64_t size = 256;        ///< side of a scene, pixels
  std::int64_t short_side = 768;  ///< photographs with a longer short side are shrunk to it first
  std::int64_t per_photo = 4;     ///< at most so many scenes of one; 0: all
};

/// The square scenes of one photograph: a grid without overlap in its middle, without nearly flat
/// parts; where there are more than `per_photo`, some drawn at random. A photograph that is too
/// small, or flat everywhere, gives none. \throws Error{kData} when it cannot be read
[[nodiscard]] std::vector<synthetic::BytePlanes> cut_photograph(const std::filesystem::path& file,
                                                                const CutRule& rule,
                                                                const Rng& rng);

/// What `robiq data verify` is told.
struct VerifyRequest {
  std::string data, split_file;
  std::int64_t threads = 0;

  static OptionTable<VerifyRequest> options();
};

/// One check of a data set; nothing is wrong where there are no faults.
struct DataCheck {
  std::string check, hint;
  std::vector<std::string> faults;  ///< an example each

  static ResultColumns<DataCheck> columns();
};

/// Checks a copy of a data set: what it has against what its publisher states, labels against the
/// scale, every picture decoded to its end, files with the same bytes, files that are not what
/// their names say, scenes in more than one part of the split.
/// \return one row a check
/// \throws Error{kData} when it cannot be opened at all; Interrupted when the user asked to stop
[[nodiscard]] std::vector<DataCheck> verify_dataset(const VerifyRequest& request);

}  // namespace robiq
