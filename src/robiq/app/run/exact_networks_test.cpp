#include "robiq/app/run/exact_networks.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "robiq/core/options/registry.h"
#include "robiq/model/quality_model.h"
#include "robiq/net/convolution_norm.h"
#include "support/errors.h"

namespace robiq {
namespace exact_networks_test {

std::unique_ptr<QualityModel> model_of(const std::string& name) {
  return Registry<QualityModel>::instance().make(name, {});
}

TEST(ExactNetworks, AnOptionThatChangesNothingIsRefused) {
  const auto cnniqa = model_of("cnniqa");
  expect_error(ErrorKind::kUsage, {"no effect", "--exact", "leave it out"},
               [&] { use_exact_networks(true, {cnniqa.get()}); });
  EXPECT_FALSE(exact_networks());
}

TEST(ExactNetworks, OneModelThatFoldsIsEnoughAndTheNextCommandFoldsAgain) {
  const auto cnniqa = model_of("cnniqa"), linearity = model_of("linearityiqa");
  use_exact_networks(true, {cnniqa.get(), linearity.get()});
  EXPECT_TRUE(exact_networks());
  use_exact_networks(false, {linearity.get()});
  EXPECT_FALSE(exact_networks());
}

}  // namespace exact_networks_test
}  // namespace robiq
