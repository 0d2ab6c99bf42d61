#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace robiq {

/// The files of a study: those of a run folder, and what its cells make.
class StudyFolder {
 public:
  explicit StudyFolder(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path config() const { return path_ / "config.toml"; }
  [[nodiscard]] std::filesystem::path results() const { return path_ / "results.sqlite"; }
  [[nodiscard]] std::filesystem::path log() const { return path_ / "log.txt"; }
  /// Held by the process that works on the study.
  [[nodiscard]] std::filesystem::path lock() const { return path_ / "lock"; }
  /// The names of its cells, for `robiq experiment status`.
  [[nodiscard]] std::filesystem::path cells() const { return path_ / "cells.json"; }
  /// Of a cell: OUT/train/cnniqa/none/seed0.
  [[nodiscard]] std::filesystem::path of_cell(std::string cell) const {
    std::replace(cell.begin(), cell.end(), ':', '-');
    return path_ / cell;
  }
  /// The split that all models of a seed share.
  [[nodiscard]] std::filesystem::path split(std::int64_t seed) const {
    return path_ / "splits" / ("seed" + std::to_string(seed) + ".csv");
  }

 private:
  std::filesystem::path path_;
};

/// Where a study works. \param out  as asked for; "": runs/NAME   \param name  of the study
[[nodiscard]] inline StudyFolder study_folder(const std::string& out, const std::string& name) {
  return StudyFolder(out.empty() ? std::filesystem::path("runs") / name
                                 : std::filesystem::path(out));
}

}  // namespace robiq
