#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace robiq {

/// Estimates how long the rest of a study takes from its finished cells, by stage.
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
    double seconds = 0;
    std::int64_t finished = 0, left = 0;
  };
  std::map<std::string, Stage> stages_;
};

}  // namespace robiq
