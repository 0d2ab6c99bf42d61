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
  void add_finished(const std::string& stage, double seconds);
  void add_left(const std::string& stage) { ++stages_[stage].left; }
  void take_left(const std::string& stage) { --stages_[stage].left; }

  /// "about 4 min 05 s left", "more than ..." while some stage has no finished cell, "" where none
  /// has or nothing is left. \param processes  that share the work
  [[nodiscard]] std::string left_text(std::int64_t processes) const;

 private:
  struct Stage {
    std::vector<double> seconds;  ///< of the finished cells
    std::int64_t left = 0;
  };
  std::map<std::string, Stage> stages_;
};

}  // namespace robiq
