#include "robiq/app/run/exact_networks.h"

#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/model/net_model.h"
#include "robiq/net/convolution_norm.h"

namespace robiq {

void use_exact_networks(bool exact, const std::vector<const QualityModel*>& models) {
  const auto folds = [](const QualityModel* model) {
    const auto* const net = dynamic_cast<const NetModel*>(model);
    return net != nullptr && net->folds();
  };
  if (exact && std::none_of(models.begin(), models.end(), folds)) {
    throw Error(ErrorKind::kUsage,
                {"option --exact has no effect: this model is computed as it stands anyway",
                 "--exact", "leave it out"});
  }
  set_exact_networks(exact);
}

}  // namespace robiq
