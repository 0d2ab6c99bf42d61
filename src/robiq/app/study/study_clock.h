#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace robiq {

/// Estimates how long the rest of a study takes: for each stage the median of its finished cells,
/// since one that was cut off and went on the next day counts the night.
class StudyClock {
 public:
  /// Cells that one process has before it, by stage; a share of one counts as part of one.
  using Cells = std::map<std::string, double>;

  void add_finished(const std::string& stage, double seconds);

  /// "about 4 min 05 s left", "more than ..." while some stage has no finished cell, "" where none
  /// has or nothing is left.
  [[nodiscard]] std::string left_text(const Cells& left) const;

 private:
  std::map<std::string, std::vector<double>> seconds_;  ///< of the finished cells, by stage
};

}  // namespace robiq
