#include "robiq/model/weights/shipped_weights.h"

#include <dlfcn.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/model/weights/weights.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "shipped:", kEnding = ".safetensors";

/// Of this library; "" where the system does not say.
fs::path library_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&shipped_weights), &info) == 0) return {};
  std::error_code code;
  const fs::path file = fs::canonical(info.dli_fname, code);
  return code ? fs::path() : file.parent_path();
}

/// In a build beside the library, installed under share/.
fs::path models_folder() {
  const fs::path library = library_folder();
  for (const char* folder : {"models", ROBIQ_LIBRARY_TO_MODELS}) {
    std::error_code code;
    if (fs::is_directory(library / folder, code)) return (library / folder).lexically_normal();
  }
  return {};
}

fs::path file_of(const std::string& name) {
  return models_folder() / (name + std::string(kEnding));
}

}  // namespace

std::vector<std::string> shipped_weights() {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(models_folder(), code)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(kEnding)) names.push_back(name.substr(0, name.size() - kEnding.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string find_weights(const Spec& spec, const std::string& weights) {
  if (weights.empty() && !needs_weights(spec)) return "";
  if (!weights.empty() && !weights.starts_with(kPrefix)) return weights;
  const std::string name = weights.empty() ? spec.name : weights.substr(kPrefix.size());
  const std::vector<std::string> there = shipped_weights();
  if (std::find(there.begin(), there.end(), name) != there.end()) return file_of(name).string();
  const std::string choice = there.empty() ? "" : "; shipped:" + join(there, ", shipped:");
  if (weights.empty()) {
    throw Error(ErrorKind::kUsage,
                {"no weights for " + name, "--weights",
                 "name a checkpoint of " + name +
                     ", e.g. RUN/checkpoints/best.safetensors; docs/weights.md says where to get "
                     "one"});
  }
  throw Error(ErrorKind::kUsage,
              {"no weights of that name come with robiq: '" + name + "'", "--weights",
               "name a checkpoint, e.g. RUN/checkpoints/best.safetensors" + choice});
}

}  // namespace robiq
