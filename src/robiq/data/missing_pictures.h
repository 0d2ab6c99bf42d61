#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "robiq/data/dataset.h"
#include "robiq/data/picture_cache.h"
#include "robiq/dist/process_group.h"

namespace robiq {

/// A picture that a run does without.
struct MissingPicture {
  std::size_t record = 0;  ///< index into the data set's records
  std::string reason;      ///< one line
};

/// How many pictures a run may do without, and how they are looked for.
struct MissingPolicy {
  std::int64_t allowed = 0;
  std::int64_t workers = 1;             ///< threads that read, >= 1
  PictureCacheOptions cache;            ///< what is read is kept in its folder, not in memory
  const ProcessGroup* group = nullptr;  ///< each process then reads its share
};

/// Which of `records` cannot be read, in their order; each is named in a warning. Where none may be
/// missing, only whether the files are there is looked at, and a picture that cannot be read stops
/// the run when it is met. Otherwise every picture is read once, before the run begins, so that
/// what a run uses is a function of the data and not of who met which picture first.
/// \throws Error{kData} when more than policy.allowed are missing, naming the first of them
[[nodiscard]] std::vector<MissingPicture> find_missing(const Dataset& dataset,
                                                       const std::vector<std::size_t>& records,
                                                       const MissingPolicy& policy);

/// Takes what is missing out of `records`.
void leave_out(const std::vector<MissingPicture>& missing, std::vector<std::size_t>& records);

}  // namespace robiq
