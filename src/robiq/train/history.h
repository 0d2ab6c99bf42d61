#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace robiq {

/// One finished epoch; `seconds` and rates are not among what a resumed run repeats.
struct EpochReport {
  std::int64_t epoch = 0;    ///< from 1, over all phases
  std::int64_t phase = 1;    ///< from 1
  std::int64_t step = 0;     ///< optimiser steps so far
  double loss = 0;           ///< the task's, mean over the steps
  double penalty = 0;        ///< the defense's, weighted
  double gradient_norm = 0;  ///< estimate of the l1 norm, mean over the pictures; 0: not measured
  double learning_rate = 0;  ///< of the first group, at the last step
  std::map<std::string, double> validation;  ///< measure -> value
  double seconds = 0;
  double images_per_second = 0;  ///< pictures of the data set, however many crops each gives
};

/// The finished epochs as history.csv, rewritten whole and atomically.
void write_history(const std::vector<EpochReport>& history, const std::filesystem::path& file);

/// An epoch in a line, for people: losses, measures, time.
[[nodiscard]] std::string epoch_text(const EpochReport& report);

}  // namespace robiq
