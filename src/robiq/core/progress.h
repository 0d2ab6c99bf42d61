#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace robiq {

/// Says on stderr how far a long job is: a line that redraws itself on a terminal, otherwise one
/// line every half minute, nothing with --quiet. Destroying it removes the line.
class Progress {
 public:
  /// \param label  what is counted, e.g. "evaluate fgsm"
  /// \param unit   one thing, in the plural: "pictures"
  Progress(std::string label, std::int64_t total, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// \param done   how many of `total` are done; those already done at the first call (a resumed
  ///               run) do not count towards the rate
  /// \param extra  a few words at the end of the line
  void update(std::int64_t done, const std::string& extra = "");

  /// Wipes the current line so that a message can be printed; the next update redraws it.
  static void clear_line();

 private:
  using Clock = std::chrono::steady_clock;

  std::string label_, unit_;
  std::int64_t total_;
  std::int64_t first_ = -1;
  Clock::time_point started_ = Clock::now();
  Clock::time_point shown_;
};

/// Several threads count on one progress line.
class SharedProgress {
 public:
  SharedProgress(const char* label, std::int64_t total, const char* unit)
      : progress_(label, total, unit) {}
  void add(std::int64_t count) {
    const std::lock_guard guard(lock_);
    progress_.update(done_ += count);
  }

 private:
  std::mutex lock_;
  std::int64_t done_ = 0;
  Progress progress_;
};

}  // namespace robiq
