#pragma once
#include <cstdint>
#include <string>

#include "robiq/core/options/option_rules.h"
#include "robiq/core/options/options.h"
#include "robiq/dist/join_processes.h"

// What requests of several commands have in common: each part has its rows of the option table
// (options_of() puts them into a request's).

namespace robiq {

/// Where a command computes, with how much, and from which seed.
struct Compute {
  std::int64_t seed = 0, threads = 0;
  std::string device = "auto";

  static OptionTable<Compute> options();
};

/// How pictures become a model's inputs.
struct ViewChoice {
  std::string policy = "grid";  ///< of parse_views()
  bool fit = false;

  static OptionTable<ViewChoice> options();
};

/// Purifiers between picture and model.
struct PurifierChoice {
  std::string spec;         ///< SPEC[+SPEC]; "": none
  std::int64_t draws = 10;  ///< of a randomised one

  [[nodiscard]] bool any() const { return !spec.empty(); }
  static OptionTable<PurifierChoice> options();
};

/// The model that an attacker has in place of the victim, or several: A+B, and their weights
/// FILE+FILE.
struct SurrogateChoice {
  std::string model, weights;

  static OptionTable<SurrogateChoice> options();
};

/// Pictures that cannot be read.
struct MissingChoice {
  std::int64_t allowed = 0;  ///< how many may be left out
  std::int64_t workers = 1;

  static OptionTable<MissingChoice> options();
};

/// How long the processes of one run wait for each other.
struct WaitChoice {
  double join_seconds = 60, process_seconds = 1800;

  static OptionTable<WaitChoice> options();
  /// \throws Error{kUsage} where they are given and no launcher has started several processes
  static void check(const OptionRules& rules);
};

/// \param alone  see ProcessFlags::alone
[[nodiscard]] ProcessFlags process_flags(const Compute& compute, const WaitChoice& waiting,
                                         bool alone = false);

}  // namespace robiq
