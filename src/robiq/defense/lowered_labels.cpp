#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/defense/task_ascent.h"

namespace robiq {
namespace {

/// Rounding of labels that were mapped to the scale in float32, as a share of its width.
constexpr double kLabelSlack = 1e-4;

}  // namespace

at::Tensor lowered_labels(const at::Tensor& labels, const at::Tensor& loss, double penalty,
                          const ScoreScale& scale) {
  const double low = scale.least(), high = scale.greatest();
  const double slack = kLabelSlack * (high - low);
  const double least = labels.min().item<double>(), most = labels.max().item<double>();
  if (least < low - slack || most > high + slack) {
    throw Error(ErrorKind::kUsage,
                {"a label of " + number_text(least < low - slack ? least : most) +
                     " stands outside the range " + number_text(scale.worst) + ":" +
                     number_text(scale.best),
                 "adversarial", "give the range of the labels: range=WORST:BEST"});
  }
  const at::Tensor fall = penalty * (scale.best - scale.worst) * loss.to(labels.scalar_type());
  return (labels - fall.detach()).clamp(low, high);
}

ScoreScale parse_label_range(const std::string& text) {
  const std::vector<std::string> ends = split(text, ':');
  ScoreScale scale;
  if (ends.size() == 2 && parse_number(ends[0], scale.worst) && parse_number(ends[1], scale.best) &&
      scale.valid()) {
    return scale;
  }
  throw Error(ErrorKind::kUsage, {"'" + text + "' is not a range of labels", "range",
                                  "write range=WORST:BEST, for example range=1:5, or range=scale"});
}

}  // namespace robiq
