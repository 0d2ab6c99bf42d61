#pragma once
#include <map>
#include <set>
#include <string>

#include "robiq/store/attack_options.h"

namespace robiq {

/// What the perturbation files of one run folder are called in a report, so that those of a study's
/// seeds are one attack, and two files of one name in two folders are two.
class PerturbationNames {
 public:
  /// \param options  of an attack, of which `file` names a file
  void add(const AttackOptions& options);
  /// \param config  of a run: what it notes of the files that it read
  void add_contents(const std::string& config);

  /// The options with names in place of paths: the file's bare name, or that of its folder where it
  /// is called seed0, seed1, ...; where different files would share it, the path without its
  /// ending.
  [[nodiscard]] AttackOptions in_options(const AttackOptions& options) const;

 private:
  [[nodiscard]] std::string name_of(const std::string& file) const;

  std::set<std::string> files_;
  std::map<std::string, std::string> contents_;  ///< SHA-256 by path
};

}  // namespace robiq
