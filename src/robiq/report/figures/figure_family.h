#pragma once
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/names/titles.h"
#include "robiq/report/figures/figure_context.h"
#include "robiq/report/report.h"

namespace robiq {

/// |change of score| against MOS with the fitted distribution (supplement, Figures S1 to S4): a
/// figure for each attack, a panel for each model.
[[nodiscard]] std::vector<Figure> score_change_figures(FigureContext& context);

/// SROCC and RMSE against lambda, clean and attacked (supplement, Figure S5): a figure for each
/// data set, two panels for each model with at least two weights.
[[nodiscard]] std::vector<Figure> lambda_figures(FigureContext& context);

/// Attacked pictures by growing intensity (supplement, Figures S6 to S8).
[[nodiscard]] std::vector<Figure> example_figures(FigureContext& context);

/// The score before an attack against that after it.
[[nodiscard]] std::vector<Figure> before_after_figures(FigureContext& context);

/// The gradient's l1 norm against |change|, with the line of the first-order bound.
[[nodiscard]] std::vector<Figure> gradient_figures(FigureContext& context);

/// RMSE and SROCC between the scores before and after, over epsilon and over steps.
[[nodiscard]] std::vector<Figure> security_figures(FigureContext& context);

/// What a set of attacks does to every picture, over its budgets: mean change, RMSE and SROCC with
/// MOS.
[[nodiscard]] std::vector<Figure> worst_case_figures(FigureContext& context);

/// The score that everyday filters gain against the SSIM and the PSNR that they cost: a figure for
/// each data set with filters of graded strengths.
[[nodiscard]] std::vector<Figure> filter_figures(FigureContext& context);

/// Loss, penalty and validation measures by epoch: a figure for each model.
[[nodiscard]] std::vector<Figure> training_figures(FigureContext& context);

/// RMSE between the scores before and after: made on one model, scored on another.
[[nodiscard]] std::vector<Figure> transfer_figures(FigureContext& context);

/// SROCC on clean pictures against how far attacks move the score, of every defense: a figure for
/// each data set that has more defenses than NT.
[[nodiscard]] std::vector<Figure> defense_figures(FigureContext& context);

/// SROCC on clean pictures against R under the attacks.
[[nodiscard]] std::vector<Figure> tradeoff_figures(FigureContext& context);

/// Ids of the families of figures, in the order of the report.
[[nodiscard]] std::vector<std::string> figure_ids();

/// A section for each family of figures that the evidence fills, or of those that
/// `settings.figures` names. Puts what they draw into `report.data`, and `report.pictures` and
/// `report.examples`, whether figures name them or not.
/// \throws Error{kUsage} for a family that does not exist
[[nodiscard]] std::vector<Section> figure_sections(const Evidence& evidence, const Titles& titles,
                                                   const ReportSettings& settings, Report& report);

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
