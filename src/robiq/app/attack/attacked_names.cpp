#include "robiq/app/attack/attacked_names.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/app/run/output_files.h"
#include "robiq/core/error.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {
namespace fs = std::filesystem;

AttackedNames::AttackedNames(fs::path folder, std::vector<fs::path> inputs,
                             std::vector<std::string> endings, bool force)
    : folder_(std::move(folder)),
      inputs_(std::move(inputs)),
      endings_(std::move(endings)),
      force_(force) {
  for (const fs::path& file : inputs_) {
    std::error_code code;
    if (file.extension() != ".png") continue;
    if (!fs::equivalent(file.parent_path() / ".", folder_, code)) continue;
    throw Error(ErrorKind::kUsage,
                {"the attacked pictures would overwrite the pictures in '" + folder_.string() + "'",
                 "--out", "choose a folder other than the one that holds " + file.string()});
  }
}

std::vector<std::string> AttackedNames::names_of(const std::string& stem, std::size_t count) const {
  std::vector<std::string> names;
  for (const std::string& ending : endings_) {
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back(attacked_picture_name(stem, i, count, ending));
    }
  }
  return names;
}

void AttackedNames::check(const fs::path& target) const {
  std::error_code code;
  for (const fs::path& input : inputs_) {
    if (!fs::equivalent(input, target, code)) continue;
    throw Error(ErrorKind::kUsage, {"the attacked pictures would overwrite '" + input.string() +
                                        "', which is attacked",
                                    "--out", "name another folder"});
  }
  if (force_ || !is_there(target) || fs::is_directory(target, code) || has_our_mark(target)) return;
  throw Error(ErrorKind::kUsage,
              {"'" + target.string() +
                   "' would be replaced, and robiq did not write it as an attacked picture",
               "--out", "name another folder, or replace it with --force"});
}

std::string AttackedNames::stem_for(const fs::path& file, std::size_t count) {
  const std::string own = file.stem().string();
  std::string stem = own;
  const auto is_used = [&](const std::string& name) { return used_.contains(name); };
  std::vector<std::string> names = names_of(stem, count);
  for (int number = 2; std::any_of(names.begin(), names.end(), is_used); ++number) {
    stem = own + "." + std::to_string(number);
    names = names_of(stem, count);
  }
  for (const std::string& name : names) check(folder_ / name);
  used_.insert(names.begin(), names.end());
  return stem;
}

}  // namespace robiq
