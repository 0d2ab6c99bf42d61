#pragma once
#include <filesystem>
#include <string>

#include "robiq/core/error.h"

namespace robiq {

/// The files of one run: where each is, and how a run begins.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path config() const { return path_ / "config.toml"; }
  [[nodiscard]] std::filesystem::path results() const { return path_ / "results.sqlite"; }
  [[nodiscard]] std::filesystem::path log() const { return path_ / "log.txt"; }
  /// Held by the program that trains here.
  [[nodiscard]] std::filesystem::path lock() const { return path_ / "lock"; }
  [[nodiscard]] std::filesystem::path history() const { return path_ / "history.csv"; }
  [[nodiscard]] std::filesystem::path split() const { return path_ / "split.csv"; }
  /// Pictures that the run does without.
  [[nodiscard]] std::filesystem::path missing() const { return path_ / "missing.csv"; }
  [[nodiscard]] std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  [[nodiscard]] std::filesystem::path best() const { return checkpoints() / "best.safetensors"; }
  [[nodiscard]] std::filesystem::path last() const { return checkpoints() / "last.safetensors"; }
  /// Tables as the MSU benchmark keeps them.
  [[nodiscard]] std::filesystem::path msu() const { return path_ / "msu"; }
  /// Saved pictures of one attack.
  [[nodiscard]] std::filesystem::path artifacts(const std::string& attack) const {
    return path_ / "artifacts" / attack;
  }

 private:
  std::filesystem::path path_;
};

/// Copies the log to a file for the life of the guard.
class ScopedLogCopy {
 public:
  explicit ScopedLogCopy(const std::filesystem::path& file);
  ~ScopedLogCopy();
  ScopedLogCopy(const ScopedLogCopy&) = delete;
  ScopedLogCopy& operator=(const ScopedLogCopy&) = delete;
};

/// Now, "2026-01-31T12:00:00Z".
[[nodiscard]] std::string utc_now();

/// The command line of this thread's work, for provenance; set by main(), and by calls of Python.
void set_command_line(std::string text);
[[nodiscard]] const std::string& command_line();

/// Keeps two programs from working on one folder; the system takes it back when a program ends,
/// however it ends.
class FolderLock {
 public:
  /// \param file  is made where it is not there   \param busy  what is wrong when another has it
  /// \throws Error{kUsage} when another program has it, Error{kData} when the file cannot be made
  FolderLock(const std::filesystem::path& file, const ErrorText& busy);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Whether some program has it now.
  [[nodiscard]] static bool held(const std::filesystem::path& file);

 private:
  int descriptor_ = -1;
};

}  // namespace robiq
