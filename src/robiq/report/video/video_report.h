#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "robiq/report/report.h"
#include "robiq/report/video/video_log.h"

namespace robiq {

/// At most so many points are drawn of one video; each is then the mean of neighbouring frames.
inline constexpr std::size_t kMostVideoPoints = 1500;

/// A report of scored videos: of each measure one figure, the score over time with a line for each
/// video, and a table of the pooled scores.
/// \param logs  at least one  \param title  "": a general one
[[nodiscard]] Report compose_video_report(const std::vector<VideoLog>& logs,
                                          const std::string& title);

}  // namespace robiq
