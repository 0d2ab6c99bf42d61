#pragma once
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "robiq/report/figures/figure_context.h"

namespace robiq {

/// Which stored examples one figure shows: pictures x subjects x attack settings, of one seed.
struct ExampleGrid {
  std::string dataset;
  std::vector<std::string> pictures;  ///< highest MOS first
  std::vector<Subject> subjects;
  std::vector<Situation> attacks;  ///< by growing intensity
  std::map<std::tuple<std::string, Subject, Situation>, const FoundExample*> cells;
};

/// The grids that the evidence fills: one for each attack with several settings, one for all
/// others together; for each data set. At most 8 subjects, 7 settings and, where more than 4
/// pictures are stored, 2 pictures: one of the highest MOS and one of the lowest among those with
/// most examples.
[[nodiscard]] std::vector<ExampleGrid> example_grids(const FigureContext& context);

}  // namespace robiq
