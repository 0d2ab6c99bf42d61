#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/dataset.h"

namespace robiq {

/// Which records of a data set are for what.
struct Split {
  std::vector<std::size_t> train, val, test;  ///< indices into Dataset::records(), ascending
  std::string sha256;  ///< of the lines "id<TAB>split", sorted: equal for equal splits
};

/// How many of the contents go where; they sum to 1. A part whose share is 0 stays empty.
struct SplitShares {
  double train = 0.7, val = 0.1, test = 0.2;
};

/// \throws Error{kUsage} for shares that are negative or do not sum to 1.
void check_shares(const SplitShares& shares);

/// What a split is for: only training needs a training part.
enum class SplitPurpose { kTraining, kDividing, kEvaluating };

/// Divides by content, so that no content is in two parts. What the data set itself names
/// (ImageRecord::split) stays there, and a part of which it names pictures gets no others; the
/// contents that are not named are drawn for the rest, by their shares of it; where no part is left
/// for them, they are in none. Of two contents one is for training, one for
/// tests, and none for validation. \param rng  the draw's place in the randomness
/// \throws Error{kUsage} for shares that are negative or do not sum to 1; Error{kData} when the
///         data set puts one content into two parts, when there is nothing to train on and
///         `purpose` is training, and, unless it is evaluating, when a part with a share is empty
///         in a data set that names no parts.
[[nodiscard]] Split make_split(std::span<const ImageRecord> records, const SplitShares& shares,
                               const Rng& rng, SplitPurpose purpose = SplitPurpose::kDividing);

/// The split in which record i is for parts[i]: "train", "val", "test" or, for none, "".
[[nodiscard]] Split split_from_parts(std::span<const ImageRecord> records,
                                     const std::vector<std::string>& parts);

/// The contents of which pictures are in more than one part, sorted: what a model was trained on
/// is then what it is judged by.
[[nodiscard]] std::vector<std::string> shared_contents(const Split& split,
                                                       std::span<const ImageRecord> records);

/// Writes columns image,mos,content,split in record order, atomically; a record in no part (left
/// out by a limit) has an empty split.
void write_split(const Split& split, std::span<const ImageRecord> records,
                 const std::filesystem::path& file);

/// Reads what write_split() wrote. Where the file has a column content, that is what must not be in
/// two parts: a split that was drawn by picture says so there.
/// \throws Error{kData} for a picture that is unknown, missing or listed twice, for a word that is
///         no split and for a content in two parts.
[[nodiscard]] Split read_split(const std::filesystem::path& file,
                               std::span<const ImageRecord> records);

}  // namespace robiq
