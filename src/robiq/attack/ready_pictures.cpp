#include "robiq/attack/ready_pictures.h"

#include <algorithm>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

/// The name that no other picture has.
fs::path own_name(const std::string& id) { return bounded_stem_of(id, kPictureStemBytes) + ".png"; }

/// Names that other pictures may have too, the nearest first.
std::vector<fs::path> shared_names(const std::string& id) {
  std::vector<fs::path> names;
  const auto add = [&](const fs::path& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  const fs::path tree = fs::path(id).lexically_normal();
  const fs::path file = tree.filename();
  const bool inside = tree.is_relative() && (tree.empty() || *tree.begin() != "..");
  for (const fs::path& name : inside ? std::vector{tree, file} : std::vector{file}) {
    if (name == tree && name.has_parent_path()) add(name);
    add(fs::path(name).concat(".png"));
    add(fs::path(name).replace_extension(".png"));
    add(name);
  }
  return names;
}

/// How the picture may be put into the folder, for a message.
std::string advice(const std::string& id) {
  const fs::path tree = fs::path(id).lexically_normal();
  const bool in_folder = tree.has_parent_path() && tree.is_relative() && *tree.begin() != "..";
  return in_folder
             ? fs::path(tree).replace_extension(".png").string() + " or " + own_name(id).string()
             : own_name(id).string();
}

}  // namespace

PictureFolder::PictureFolder(fs::path folder) : folder_(std::move(folder)) {
  std::error_code code;
  if (fs::is_directory(folder_, code)) return;
  throw Error(ErrorKind::kData, {"there is no folder '" + folder_.string() + "' of pictures",
                                 "files", "write files:FOLDER"});
}

bool PictureFolder::holds(const fs::path& name) const {
  std::error_code code;  // a name may be longer than the system takes
  return fs::is_regular_file(folder_ / name, code);
}

std::vector<fs::path> PictureFolder::names_of(const std::string& id) const {
  const fs::path own = own_name(id);
  return holds(own) ? std::vector{own} : shared_names(id);
}

void PictureFolder::know(const std::vector<std::string>& ids) {
  askers_.clear();
  for (const std::string& id : ids) {
    for (const fs::path& name : names_of(id)) askers_[name.string()].push_back(id);
  }
  std::erase_if(askers_, [](const auto& entry) { return entry.second.size() < 2; });
}

fs::path PictureFolder::file_of(const std::string& id) const {
  for (const fs::path& name : names_of(id)) {
    if (!holds(name)) continue;
    const auto askers = askers_.find(name.string());
    if (askers == askers_.end()) return folder_ / name;
    const std::vector<std::string>& all = askers->second;
    const std::string& other = all.front() == id ? all[1] : all.front();
    throw Error(ErrorKind::kData,
                {"'" + name.string() + "' could stand for '" + id + "' or '" + other + "'",
                 folder_.string(), "put the pictures there as " + advice(id)});
  }
  throw Error(ErrorKind::kData,
              {"no picture stands for '" + id + "'", folder_.string(),
               "put one there as " + fs::path(id).stem().string() + ".png, or " + advice(id)});
}

}  // namespace robiq
