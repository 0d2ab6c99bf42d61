#include "robiq/app/tools/bench_tools.h"

#include <algorithm>
#include <chrono>

#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/tensor/random.h"

namespace robiq {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double seconds_of(const std::function<void()>& work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

std::unique_ptr<QualityModel> random_model(const std::string& spec, const Rng& rng,
                                           c10::Device device) {
  seed_torch_globals(rng.child("init"));
  auto model = Registry<QualityModel>::instance().make(parse_spec(spec, "--model"), "--model");
  model->move_to(device);
  return model;
}

void throw_if_bench_stopped() {
  if (stop_requested()) throw Interrupted("the bench was stopped");
}

}  // namespace robiq
