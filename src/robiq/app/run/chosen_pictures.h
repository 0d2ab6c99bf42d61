#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/run/shared_choices.h"
#include "robiq/data/dataset.h"
#include "robiq/data/missing_pictures.h"
#include "robiq/data/split.h"
#include "robiq/model/weights/weights.h"

namespace robiq {

/// Which pictures of a data set a command works on: its flags.
struct PictureChoice {
  SplitPart part = SplitPart::kTest;
  std::string split_file;  ///< of `robiq data split`; "": drawn from the seed
  /// Absent: that of the weights' training on the same pictures, else `seed`.
  std::optional<std::int64_t> split_seed;
  std::int64_t seed = 0;
  std::int64_t limit = 0;  ///< at most so many, spread evenly over the kinds of distortion; 0: all
};

/// A data set's split, and the records chosen of it.
struct ChosenPictures {
  Split split;
  std::vector<std::size_t> records;     ///< indexes into Dataset::records()
  std::vector<std::string> identities;  ///< of the records, in their order, once they were taken
};

/// The records of one part of a split; of kAll, all.
/// \param all  how many records the data set has
[[nodiscard]] std::vector<std::size_t> records_of(SplitPart part, const Split& split,
                                                  std::size_t all);

/// \param card  of the weights in use: the part must be the one that their training left out
/// \throws Error{kData} when fewer than `least` pictures are chosen
[[nodiscard]] ChosenPictures choose_pictures(const Dataset& dataset, const PictureChoice& choice,
                                             const WeightsCard& card, std::size_t least);

/// Says how many of the expected pictures a run uses, and writes those left out, with the reason,
/// to `file` (columns image and reason), so that a number is never read without what it leaves
/// out. Where none is left out, an earlier file is removed.
/// \return "298 of 300 pictures are used; left out: a.jpg, b.jpg"
std::string report_missing(const Dataset& dataset, const std::vector<MissingPicture>& missing,
                           std::int64_t expected, const std::filesystem::path& file);

}  // namespace robiq
