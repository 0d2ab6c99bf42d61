#include "robiq/app/attack/named_distances.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>

#include "robiq/core/error.h"

namespace robiq {

NamedDistances::NamedDistances(const std::vector<std::string>& specs) {
  for (const std::string& text : specs) {
    const Spec spec = parse_spec(text, "--distance");
    if (!distances_.emplace(spec.name, Registry<Fidelity>::instance().make(spec, "--distance"))
             .second) {
      throw Error(ErrorKind::kUsage,
                  {"the distance '" + spec.name + "' was asked for twice", "--distance",
                   "one of its forms at a time: evaluate into another folder for the other"});
    }
  }
}

std::map<std::string, double> NamedDistances::between(const AttackedPicture& attacked,
                                                      c10::Device device) const {
  const at::NoGradGuard no_grad;
  const std::int64_t rows = attacked.images.size(0);
  std::map<std::string, double> means;
  for (const auto& [name, distance] : distances_) {
    double sum = 0;
    for (std::int64_t row = 0; row < rows; ++row) {  // one at a time bounds the memory
      sum += distance
                 ->compare(attacked.clean.narrow(0, row, 1).to(device),
                           attacked.images.narrow(0, row, 1).to(device))
                 .item<double>();
    }
    means[name] = sum / static_cast<double>(rows);
  }
  return means;
}

}  // namespace robiq
