#pragma once
// Weights files of the networks below LPIPS and DISTS, under torchvision's names, made from those
// names (det.h).
#include <array>
#include <filesystem>
#include <string>

#include "robiq/core/files/files.h"
#include "robiq/io/safetensors.h"
#include "support/det.h"

namespace robiq::test {

/// A convolution `features.NAME` with a kernel of kernel x kernel.
struct TrunkLayer {
  std::string name;
  std::int64_t in, out, kernel;
};

[[nodiscard]] inline std::vector<TrunkLayer> trunk_layers(const std::string& net) {
  if (net == "alex") {
    return {{"0", 3, 64, 11},
            {"3", 64, 192, 5},
            {"6", 192, 384, 3},
            {"8", 384, 256, 3},
            {"10", 256, 256, 3}};
  }
  if (net == "vgg") {
    return {{"0", 3, 64, 3},     {"2", 64, 64, 3},    {"5", 64, 128, 3},   {"7", 128, 128, 3},
            {"10", 128, 256, 3}, {"12", 256, 256, 3}, {"14", 256, 256, 3}, {"17", 256, 512, 3},
            {"19", 512, 512, 3}, {"21", 512, 512, 3}, {"24", 512, 512, 3}, {"26", 512, 512, 3},
            {"28", 512, 512, 3}};
  }
  std::vector<TrunkLayer> layers = {{"0", 3, 64, 3}};
  const std::array<std::array<std::int64_t, 3>, 8> fires = {{{3, 64, 16},
                                                             {4, 128, 16},
                                                             {6, 128, 32},
                                                             {7, 256, 32},
                                                             {9, 256, 48},
                                                             {10, 384, 48},
                                                             {11, 384, 64},
                                                             {12, 512, 64}}};
  for (const auto& [index, in, squeezed] : fires) {
    const std::string fire = std::to_string(index) + ".";
    layers.push_back({fire + "squeeze", in, squeezed, 1});
    layers.push_back({fire + "expand1x1", squeezed, 4 * squeezed, 1});
    layers.push_back({fire + "expand3x3", squeezed, 4 * squeezed, 3});
  }
  return layers;
}

/// The network's tensors, and one of the classifier as in torchvision's files.
[[nodiscard]] inline TensorMap trunk_tensors(const std::string& net) {
  TensorMap tensors = {{"classifier.1.bias", at::zeros({2})}};
  for (const TrunkLayer& layer : trunk_layers(net)) {
    const std::string name = "features." + layer.name;
    tensors[name + ".weight"] =
        det::weight(name + ".weight", {layer.out, layer.in, layer.kernel, layer.kernel});
    tensors[name + ".bias"] = det::weight(name + ".bias", {layer.out});
  }
  return tensors;
}

/// NET.safetensors, written once a test program.
[[nodiscard]] inline std::string trunk_file(const std::string& net) {
  static const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / (net + ".safetensors");
  if (!std::filesystem::exists(file)) write_safetensors(file, {trunk_tensors(net), {}});
  return file.string();
}

}  // namespace robiq::test
