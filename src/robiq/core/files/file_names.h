#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace robiq {

/// The longest name of one file or folder that file systems take.
inline constexpr std::size_t kMostNameBytes = 255;

/// `name`, or where it is longer than `most` bytes its beginning and the beginning of its hash: two
/// long names stay two. \param most  at least 24
[[nodiscard]] std::string shortened_name(const std::string& name, std::size_t most);

/// An id or a spec as the name of one file, file_stem_of(), of `most` bytes at the most: what is
/// put behind it must have room too.
[[nodiscard]] std::string bounded_stem_of(std::string_view id, std::size_t most = kMostNameBytes);

/// The room that the endings of saved pictures need (".view07.triplet.png").
inline constexpr std::size_t kPictureStemBytes = kMostNameBytes - 24;

}  // namespace robiq
