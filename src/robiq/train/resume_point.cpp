#include <string>
#include <system_error>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/dist/process_group.h"
#include "robiq/train/checkpoint.h"

namespace robiq {

namespace fs = std::filesystem;

namespace {

/// Processes that go on from different places would wait for each other for ever.
void check_same_checkpoint(const ProcessGroup* group, const std::vector<fs::path>& found) {
  if (group == nullptr) return;
  const std::string own = found.empty() ? "none" : found.front().filename().string();
  for (const std::string& other : group->gather(own)) {
    if (other == own) continue;
    throw Error(
        ErrorKind::kData,
        {"the processes see different checkpoints: " + own + " and " + other,
         "rank " + std::to_string(group->rank()), "put the run's folder where all of them see it"});
  }
}

/// Keeps a damaged checkpoint for whoever wants to look at it, where no run takes it for one.
void set_aside(const fs::path& folder, bool first) {
  if (!first) return;
  const fs::path place = folder.string() + ".damaged";
  std::error_code code;
  fs::remove_all(place, code);
  fs::rename(folder, place, code);
  if (!code) log::info("{} is kept as {}", folder.filename().string(), place.filename().string());
}

}  // namespace

std::optional<std::pair<fs::path, Checkpoint>> furthest_sound_checkpoint(
    const fs::path& checkpoints, const ProcessGroup* group) {
  const std::vector<fs::path> found = checkpoints_in(checkpoints);
  check_same_checkpoint(group, found);
  std::vector<fs::path> damaged;
  for (const fs::path& folder : found) {
    try {
      Checkpoint checkpoint = Checkpoint::load(folder);
      if (group != nullptr) group->barrier();  // all have read before anything is renamed
      for (const fs::path& bad : damaged) set_aside(bad, is_first(group));
      return std::pair(folder, std::move(checkpoint));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kModel) throw;
      if (folder == found.back()) throw;
      log::warning("{}: {}; going on from the one before", folder.filename().string(),
                   error.text().what);
      damaged.push_back(folder);
    }
  }
  return std::nullopt;
}

}  // namespace robiq
