#include "robiq/report/evidence/names/perturbation_names.h"

#include <filesystem>

#include "robiq/store/run_inputs.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "file";

bool of_a_seed(const fs::path& file) { return file.stem().string().starts_with("seed"); }

/// The path without what differs between seeds and forms of one file.
fs::path place_of(const std::string& file) {
  const fs::path path = fs::path(file).lexically_normal();
  return of_a_seed(path) ? path.parent_path() : fs::path(path).replace_extension();
}

}  // namespace

void PerturbationNames::add(const AttackOptions& options) {
  if (const std::string file = options.value(kFile); !file.empty()) files_.insert(file);
}

void PerturbationNames::add_contents(const std::string& config) {
  for (const auto& [what, hash] : inputs_in(config)) {
    if (const std::string file = file_of_input(what); !file.empty()) contents_[file] = hash;
  }
}

std::string PerturbationNames::name_of(const std::string& file) const {
  const auto identity = [&](const std::string& path) {
    const auto content = contents_.find(path);
    const bool known = content != contents_.end() && !of_a_seed(path);
    return known ? content->second : place_of(path).string();
  };
  const std::string name = place_of(file).filename().string();
  for (const std::string& other : files_) {
    const bool same_name = place_of(other).filename().string() == name;
    if (same_name && identity(other) != identity(file)) return place_of(file).string();
  }
  return name;
}

AttackOptions PerturbationNames::in_options(const AttackOptions& options) const {
  const std::string file = options.value(kFile);
  return file.empty() ? options.without(kFile) : options.with(kFile, name_of(file));
}

}  // namespace robiq
