#include "robiq/metric/distance/distance_file.h"

#include <ATen/ATen.h>

#include <sstream>

#include "robiq/core/error.h"
#include "robiq/io/checkpoint.h"

namespace robiq {

DistanceFile::DistanceFile(const std::string& file, const WantedFile& wanted)
    : file_(file), wanted_(wanted) {
  if (file.empty()) {
    throw Error(ErrorKind::kUsage,
                {wanted.distance + " needs a file with " + wanted.holds, wanted.distance,
                 "give " + wanted.option + "=FILE: " + wanted.source});
  }
  try {
    const CheckpointContents checkpoint = read_checkpoint(file);
    tensors_ = {checkpoint.tensors.begin(), checkpoint.tensors.end()};
  } catch (Error& error) {
    error.add_context("reading " + wanted.option + " of " + wanted.distance);
    throw;
  }
}

at::Tensor DistanceFile::tensor(const std::string& name, at::IntArrayRef shape) const {
  const auto it = tensors_.find(name);
  if (it == tensors_.end()) refuse("the file has no tensor '" + name + "'");
  const at::Tensor& found = it->second;
  if (found.sizes() != shape) {
    std::ostringstream what;
    what << "'" << name << "' is " << found.sizes() << ", not " << shape;
    refuse(what.str());
  }
  if (!found.is_floating_point()) refuse("'" + name + "' holds no floating-point numbers");
  const at::Tensor numbers = found.to(at::kFloat);
  if (!numbers.isfinite().all().item<bool>()) refuse("'" + name + "' holds NaN or Inf");
  return numbers;
}

void DistanceFile::refuse(const std::string& what) const {
  throw Error(ErrorKind::kModel, {what, file_,
                                  "give " + wanted_.holds + " as " + wanted_.option + " of " +
                                      wanted_.distance + ": " + wanted_.source});
}

}  // namespace robiq
