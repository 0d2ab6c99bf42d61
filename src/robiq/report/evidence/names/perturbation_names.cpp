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

void PerturbationNames::add_contents(const std::string& config, const std::string& folder) {
  for (const auto& [what, hash] : inputs_in(config)) {
    if (const std::string file = file_of_input(what); !file.empty()) {
      contents_[file][folder] = hash;
    }
  }
}

std::string PerturbationNames::name_of(const std::string& file) const {
  const auto identity = [&](const std::string& path) {
    const auto content = contents_.find(path);
    const bool known = content != contents_.end() && !of_a_seed(path);
    return known ? content->second.begin()->second : place_of(path).string();
  };
  const std::string name = place_of(file).filename().string();
  for (const std::string& other : files_) {
    const bool same_name = place_of(other).filename().string() == name;
    if (same_name && identity(other) != identity(file)) return place_of(file).string();
  }
  return name;
}

std::string PerturbationNames::remade_mark(const std::string& file,
                                           const std::string& folder) const {
  constexpr std::size_t kDigits = 6;
  const auto content = contents_.find(file);
  if (content == contents_.end() || of_a_seed(file)) return "";
  const auto own = content->second.find(folder);
  std::set<std::string> hashes;
  for (const auto& [of, hash] : content->second) hashes.insert(hash);
  if (own == content->second.end() || hashes.size() < 2) return "";
  return " " + own->second.substr(0, kDigits);
}

AttackOptions PerturbationNames::in_options(const AttackOptions& options,
                                            const std::string& folder) const {
  const std::string file = options.value(kFile);
  return file.empty() ? options.without(kFile)
                      : options.with(kFile, name_of(file) + remade_mark(file, folder));
}

}  // namespace robiq
