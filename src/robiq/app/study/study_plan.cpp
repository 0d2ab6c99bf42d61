#include "robiq/app/study/study_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "robiq/app/study/study_planner.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"

namespace robiq {

namespace fs = std::filesystem;

fs::path StudyFolder::of_cell(const std::string& cell) const {
  std::string name = cell;
  std::replace(name.begin(), name.end(), ':', '-');
  return path_ / name;
}

fs::path StudyFolder::split(std::int64_t seed) const {
  return path_ / "splits" / fmt::format("seed{}.csv", seed);
}

std::vector<StudyCell> plan_study(const Study& study, const StudyFolder& folder) {
  return StudyPlanner(study, folder).plan();
}

std::string cell_options(const StudyCell& cell) {
  const std::string options = std::visit(
      [](const auto& request) { return toml_text(option_values(request)); }, cell.request);
  return options + (cell.recipe_weight ? "weights of the recipe\n" : "");
}

}  // namespace robiq
