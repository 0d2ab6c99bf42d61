#pragma once
// TorchScript modules made from source texts, without Python: good ones, and one for every way in
// which a module can disappoint.
#include <torch/script.h>

#include <filesystem>
#include <string>

#include "support/det.h"

namespace robiq::test {

/// h = relu(conv(x)), mean over the picture [N,8], z [N]: what most modules below begin with.
inline constexpr const char* kScriptFeatures = R"(
def features(self, x):
    h = torch.relu(torch.conv2d(x, self.weight, self.bias, [2, 2]))
    return h.mean([2, 3])
def z(self, x):
    return 8 * torch.matmul(self.features(x) - 0.5, self.head)
)";

/// The body of forward(self, x) that keeps every promise.
inline constexpr const char* kGoodScript = "    return 100 * torch.sigmoid(self.z(x))\n";

/// Parameters weight [8,3,5,5], bias [8], head [8], filled by their names and `seed`; a buffer
/// `offset` [1] of zeros. \param body  of forward(self, x), indented lines
inline torch::jit::Module make_script(const std::string& body, std::uint64_t seed = 1) {
  torch::jit::Module module("ScriptIqa");
  const auto add = [&](const std::string& name, at::IntArrayRef shape, bool flat = false) {
    const at::Tensor filled = det::weight(name + std::to_string(seed), shape);
    const at::Tensor tensor = flat ? filled.flatten() : filled;
    module.register_parameter(name, tensor.detach().requires_grad_(true), false);
  };
  add("weight", {8, 3, 5, 5});
  add("bias", {8});
  add("head", {8, 1}, true);
  module.register_buffer("offset", at::zeros({1}));
  module.define(std::string(kScriptFeatures) + "def forward(self, x):\n" + body);
  return module;
}

/// The same, saved. \return the file, as text
inline std::string save_script(const std::filesystem::path& file, const std::string& body,
                               std::uint64_t seed = 1) {
  make_script(body, seed).save(file.string());
  return file.string();
}

}  // namespace robiq::test
