#include "robiq/attack/filters/picture_filter.h"

#include <ATen/ATen.h>

#include <cmath>

#include "robiq/core/error.h"

namespace robiq {

template <>
Registry<PictureFilter>& Registry<PictureFilter>::instance() {
  static Registry<PictureFilter> the_registry;
  return the_registry;
}

void PictureFilter::check_strength(double strength) const {
  const FilterCard& facts = card();
  std::string why = objection(strength);
  if (!(strength >= facts.least && strength <= facts.most)) {
    why = "it takes " + number_text(facts.least) + " to " + number_text(facts.most);
  } else if (facts.whole_numbers && strength != std::round(strength)) {
    why = "it takes whole numbers";
  }
  if (why.empty()) return;
  throw Error(ErrorKind::kUsage,
              {"strength " + number_text(strength) + " is none of the filter " + facts.name,
               "strength", why});
}

at::Tensor PictureFilter::apply(const at::Tensor& images, double strength,
                                const at::Tensor& draws) const {
  check_strength(strength);
  if (card().needs_draws && !draws.defined()) {
    throw Error(ErrorKind::kInternal,
                {"the filter " + card().name + " was given no draws", "", "report this as a bug"});
  }
  return filtered(images, strength, draws).clamp(0, 1);
}

}  // namespace robiq
