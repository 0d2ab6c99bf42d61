#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "robiq/data/split.h"

namespace robiq {

/// The contents of a data set in the order in which they first appear.
[[nodiscard]] std::vector<std::string> contents_in_order(std::span<const ImageRecord> records);

/// 0 .. count - 1 as numpy.random.seed(seed); numpy.random.shuffle(list) would leave them (the
/// legacy generator, MT19937). \param seed  below 2^32
[[nodiscard]] std::vector<std::int64_t> numpy_order(std::uint32_t seed, std::int64_t count);

/// A pickled list (or array) of integers that is a permutation of 0 .. count - 1, such as the
/// CLIVE_traintest_index.pkl of the NT paper's authors. Pickle is read by an allow-list, never run.
/// \throws Error{kData} for anything else
[[nodiscard]] std::vector<std::int64_t> read_order(const std::filesystem::path& file,
                                                   std::int64_t count);

/// What becomes of a share that is no whole number of contents: published code rounds, or cuts.
enum class Rounding { kNearest, kDown };

/// Takes contents in the given order, as published code does: the first go to train, the next to
/// val, the last to test. What the data set itself names is not looked at.
/// \param order  a permutation of the positions in contents_in_order()
/// \throws Error{kUsage} for shares that are negative or do not sum to 1; Error{kData} when a part
///         with a share would be empty
[[nodiscard]] Split split_in_order(std::span<const ImageRecord> records,
                                   const std::vector<std::int64_t>& order,
                                   const SplitShares& shares, Rounding rounding);

}  // namespace robiq
