#pragma once
#include <vector>

#include "robiq/report/figures/figure_context.h"

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

/// Loss, penalty and validation measures by epoch: a figure for each model.
[[nodiscard]] std::vector<Figure> training_figures(FigureContext& context);

/// RMSE between the scores before and after: made on one model, scored on another.
[[nodiscard]] std::vector<Figure> transfer_figures(FigureContext& context);

/// SROCC on clean pictures against R under the attacks.
[[nodiscard]] std::vector<Figure> tradeoff_figures(FigureContext& context);

}  // namespace robiq
