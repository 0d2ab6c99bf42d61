#include "robiq/app/study/study_plan.h"

#include "robiq/app/study/study_planner.h"
#include "robiq/core/options/params.h"

namespace robiq {

std::vector<StudyCell> plan_study(const Study& study, const StudyFolder& folder) {
  return StudyPlanner(study, folder).plan();
}

std::string cell_options(const StudyCell& cell) {
  const std::string options = std::visit(
      [](const auto& request) { return toml_text(option_values(request)); }, cell.request);
  return options + (cell.recipe_weight ? "weights of the recipe\n" : "");
}

}  // namespace robiq
