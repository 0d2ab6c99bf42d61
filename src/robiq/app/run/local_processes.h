#pragma once
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "robiq/core/error.h"

namespace robiq {

/// This program, started again so that several processes of one machine share the work of one
/// command (--parallel): they find each other as those of torchrun do (dist/process_place.h).
class LocalProcesses {
 public:
  /// Starts `count` - 1 processes with the command line of this one and makes this one the first of
  /// them. Those that were started so start nothing themselves.
  /// \throws Error{kUsage} where a launcher has started several processes already
  /// \throws Error{kDevice} when a process cannot be started
  explicit LocalProcesses(std::int64_t count);
  /// Ends what still runs.
  ~LocalProcesses();
  LocalProcesses(const LocalProcesses&) = delete;
  LocalProcesses& operator=(const LocalProcesses&) = delete;

  /// Does this process's part of the work, then waits for the others. A stop that this process
  /// hears of is told to them. Where `work` throws, the others are ended (those that a stop finds
  /// at work save first), and what one of them had to say about its own end is printed.
  /// \throws what `work` throws
  void during(const std::function<void()>& work);

 private:
  /// One that was started, and the file in memory that takes what it prints.
  struct Started {
    pid_t process = 0;
    int printed = -1;
  };

  void start(std::int64_t rank, std::int64_t count, const std::vector<std::string>& arguments);
  void tell_of_stop(const std::stop_token& over) const;
  void let_others_end() const;
  void print_last_words(const Error& error) const;
  void end_all();

  std::vector<Started> started_;
};

}  // namespace robiq
