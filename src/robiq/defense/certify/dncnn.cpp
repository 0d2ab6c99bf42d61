#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/defense/certify/noisy_scores.h"

namespace robiq {
namespace {

constexpr std::int64_t kDnCnnWidth = 64;
constexpr int kDnCnnMiddle = 15;
constexpr double kDnCnnEpsilon = 1e-4;

std::string dncnn_layer(int index) { return "dncnn." + std::to_string(index); }

std::map<std::string, std::vector<std::int64_t>> dncnn_shapes() {
  std::map<std::string, std::vector<std::int64_t>> shapes = {
      {dncnn_layer(0) + ".weight", {kDnCnnWidth, 3, 3, 3}},
      {dncnn_layer(0) + ".bias", {kDnCnnWidth}},
      {dncnn_layer(2 + 3 * kDnCnnMiddle) + ".weight", {3, kDnCnnWidth, 3, 3}}};
  for (int i = 0; i < kDnCnnMiddle; ++i) {
    shapes[dncnn_layer(2 + 3 * i) + ".weight"] = {kDnCnnWidth, kDnCnnWidth, 3, 3};
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
      shapes[dncnn_layer(3 + 3 * i) + part] = {kDnCnnWidth};
    }
  }
  return shapes;
}

[[noreturn]] void refuse_dncnn(const std::string& what) {
  throw Error(ErrorKind::kModel, {what, "DnCNN", "give the weights of a 17-layer colour DnCNN"});
}

}  // namespace

DnCnn::DnCnn(TensorMap state) : state_(std::move(state)) {
  const auto shapes = dncnn_shapes();
  for (const auto& [name, shape] : shapes) {
    const auto it = state_.find(name);
    if (it == state_.end()) refuse_dncnn("the tensor '" + name + "' is missing");
    if (it->second.sizes() == at::IntArrayRef(shape)) continue;
    std::ostringstream what;
    what << "the tensor '" << name << "' is " << it->second.sizes() << ", wanted "
         << at::IntArrayRef(shape);
    refuse_dncnn(what.str());
  }
  for (const auto& [name, tensor] : state_) {
    if (!shapes.contains(name) && !name.ends_with("num_batches_tracked")) {
      refuse_dncnn("the tensor '" + name + "' is left over");
    }
  }
}

at::Tensor DnCnn::operator()(const at::Tensor& images) const {
  const auto tensor = [&](int layer, const char* part) {
    return state_.at(dncnn_layer(layer) + part).to(images.device(), images.scalar_type());
  };
  at::Tensor x = at::relu(at::conv2d(images, tensor(0, ".weight"), tensor(0, ".bias"), 1, 1));
  for (int i = 0; i < kDnCnnMiddle; ++i) {
    const int norm = 3 + 3 * i;
    x = at::conv2d(x, tensor(norm - 1, ".weight"), {}, 1, 1);
    x = at::relu(at::batch_norm(x, tensor(norm, ".weight"), tensor(norm, ".bias"),
                                tensor(norm, ".running_mean"), tensor(norm, ".running_var"), false,
                                0, kDnCnnEpsilon, false));
  }
  return images - at::conv2d(x, tensor(2 + 3 * kDnCnnMiddle, ".weight"), {}, 1, 1);
}

}  // namespace robiq
