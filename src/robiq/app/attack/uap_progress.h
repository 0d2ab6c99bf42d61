#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "robiq/attack/gradient/universal.h"

namespace robiq {

/// Before the first step and before the last one so far.
struct UapLosses {
  double first = 0, last = 0;
};

/// What an unfinished training of a universal perturbation leaves beside its output, so that the
/// same command goes on: OUT.unfinished.safetensors for OUT.safetensors.
class UapProgress {
 public:
  /// \param identity  of the training: its options, weights and data
  UapProgress(const std::filesystem::path& out, std::string identity);

  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
  /// Goes on from the file, where there is one.
  /// \return how many steps are done; `losses` are then those of the first and the last of them
  /// \throws Error{kUsage} for the state of another training, Error{kModel} for a damaged one
  [[nodiscard]] std::int64_t resume(UniversalTrainer& trainer, UapLosses& losses) const;
  /// \throws Error{kData} when it cannot be written
  void save(const UniversalTrainer& trainer, std::int64_t steps, const UapLosses& losses) const;
  /// Once the perturbation itself is written.
  void remove() const;

 private:
  std::filesystem::path file_;
  std::string identity_;
};

}  // namespace robiq
