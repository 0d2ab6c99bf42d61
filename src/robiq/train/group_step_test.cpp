#include "robiq/train/group_step.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "robiq/model/quality_model.h"
#include "robiq/model/running_statistics.h"
#include "support/process_groups.h"

namespace robiq {
namespace group_step_test {

TEST(GroupStep, RunningStatisticsBecomeThoseOfTheFirstAndParametersStay) {
  SKIP_WITHOUT_PROCESS_GROUPS();
  test::run_as_group(2, [](const ProcessGroup& group) {
    const auto own = static_cast<double>(group.rank() + 1);
    const auto model = Registry<QualityModel>::instance().make("korhonen-substitute", {});
    for (const auto& [name, tensor] : model->state()) {
      if (tensor.is_floating_point()) tensor.detach().fill_(own);
    }
    broadcast_running_statistics(group, *model);
    const TensorMap statistics = running_statistics(*model);
    EXPECT_GT(statistics.size(), 100U);
    for (const auto& [name, tensor] : model->state()) {
      if (!tensor.is_floating_point()) continue;
      const double wanted = statistics.contains(name) ? 1 : own;
      EXPECT_TRUE(tensor.eq(wanted).all().item<bool>()) << name;
    }
  });
}

}  // namespace group_step_test
}  // namespace robiq
