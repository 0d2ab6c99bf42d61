#include "robiq/attack/universal_file.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/numpy/npy.h"
#include "robiq/io/safetensors.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {
namespace {

constexpr const char* kTensor = "perturbation";
constexpr const char* kBoundKey = "robiq.bound";
constexpr const char* kSourceKey = "robiq.source";
constexpr const char* kPicturesKey = "robiq.pictures";
constexpr double kPngOffset = 0.5, kLevels = 255;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& problem) {
  throw Error(
      ErrorKind::kModel,
      {problem, file.string(), "give a .safetensors of `robiq uap`, a .npy of [h,w,3], or a .png"});
}

UniversalPerturbation from_safetensors(const std::filesystem::path& file) {
  const SafetensorsFile contents = read_safetensors(file);
  const auto it = contents.tensors.find(kTensor);
  if (it == contents.tensors.end()) refuse(file, "the file holds no 'perturbation'");
  UniversalPerturbation universal{it->second};
  const auto bound = contents.metadata.find(kBoundKey);
  if (bound != contents.metadata.end() && !parse_number(bound->second, universal.bound)) {
    refuse(file, "its bound '" + bound->second + "' is not a number");
  }
  if (!(universal.bound > 0)) {
    refuse(file, "its bound " + number_text(universal.bound) + " is not above 0");
  }
  const auto pictures = contents.metadata.find(kPicturesKey);
  if (pictures != contents.metadata.end() && !pictures->second.empty()) {
    universal.pictures = split(pictures->second, ' ');
    std::sort(universal.pictures.begin(), universal.pictures.end());
  }
  return universal;
}

/// [1,3,h,w] from [h,w,3], [3,h,w] or [1,3,h,w].
at::Tensor in_our_shape(const at::Tensor& values, const std::filesystem::path& file) {
  at::Tensor shaped = values;
  if (shaped.dim() == 3 && shaped.size(2) == 3 && shaped.size(0) != 3) {
    shaped = shaped.permute({2, 0, 1});
  }
  if (shaped.dim() == 3) shaped = shaped.unsqueeze(0);
  const bool fits = shaped.dim() == 4 && shaped.size(0) == 1 && shaped.size(1) == 3 &&
                    shaped.numel() > 0 && shaped.is_floating_point();
  if (!fits) refuse(file, "what it holds is not one perturbation of three channels");
  shaped = shaped.to(at::kFloat).contiguous();
  if (!at::isfinite(shaped).all().item<bool>() || shaped.abs().max().item<double>() > 1) {
    refuse(file, "its values are not all finite and within [-1,1]");
  }
  return shaped;
}

}  // namespace

UniversalPerturbation read_universal(const std::filesystem::path& file, double png_offset) {
  const std::string ending = file.extension().string();
  UniversalPerturbation universal;
  if (ending == ".safetensors") {
    universal = from_safetensors(file);
  } else if (ending == ".npy") {
    universal.values = read_npy(file);
  } else if (ending == ".png") {
    universal.values = read_picture(file).to(at::kFloat).div(kLevels).sub(png_offset);
  } else {
    refuse(file, "a perturbation does not end in '" + ending + "'");
  }
  universal.values = in_our_shape(universal.values, file);
  return universal;
}

bool is_our_universal(const std::filesystem::path& file) {
  try {
    const SafetensorsFile contents = read_safetensors(file);
    return contents.tensors.contains(kTensor) && contents.metadata.contains(kSourceKey);
  } catch (const Error&) {
    return false;
  }
}

void write_universal(const std::filesystem::path& file, const UniversalPerturbation& perturbation,
                     const std::string& source) {
  if (file.extension() != ".safetensors") {
    throw Error(ErrorKind::kUsage, {"a perturbation is written as .safetensors", file.string(),
                                    "let the name end in .safetensors"});
  }
  write_safetensors(file, {{{kTensor, perturbation.values}},
                           {{kBoundKey, number_text(perturbation.bound)},
                            {kSourceKey, source},
                            {kPicturesKey, join(perturbation.pictures, " ")}}});
  const at::Tensor bytes = ((perturbation.values[0].cpu() + kPngOffset) * kLevels)
                               .round()
                               .clamp(0, kLevels)
                               .to(at::kByte);
  write_file(std::filesystem::path(file).replace_extension(".png"),
             with_our_mark(encode_png(bytes)));
}

}  // namespace robiq
