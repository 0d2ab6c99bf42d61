#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/core/options/params.h"
#include "robiq/data/dataset.h"
#include "robiq/store/run_inputs.h"

namespace robiq {

/// The files that a spec names, as it names them: its argument and texts among its options, also of
/// a path with a '=' in it. Folders are left out.
[[nodiscard]] std::vector<std::string> files_in(const Spec& spec);

/// Adds the files that options of a spec name ("uap:FILE", "lpips:heads=FILE"): files_in().
/// \param what  for messages, e.g. "the attack uap"
void add_files_of(const Spec& spec, const std::string& what, ReadInputs& inputs);

/// Of the pictures' pixels, and of their names.
/// \param identities  of the records, in their order (data/picture_identity.h)
[[nodiscard]] std::string pictures_sha256(const Dataset& dataset,
                                          const std::vector<std::size_t>& records,
                                          const std::vector<std::string>& identities);
/// Of the files of all pictures of a set, sound or not, and of their names: quicker.
[[nodiscard]] std::string picture_files_sha256(const Dataset& dataset);

/// The paths of a list such as `ls`, `find -print0` or an editor writes it: one a line (LF or CRLF,
/// blank lines are passed over), or, where a NUL stands in it, one between NULs, to the letter. A
/// UTF-8 byte order mark is skipped.
/// \throws Error{kData} for a list in UTF-16
[[nodiscard]] std::vector<std::filesystem::path> parse_path_list(const std::string& bytes);

}  // namespace robiq
