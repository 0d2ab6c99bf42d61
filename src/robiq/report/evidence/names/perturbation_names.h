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
  /// \param folder  of the run
  void add_contents(const std::string& config, const std::string& folder);

  /// The options with names in place of paths: the file's bare name, or that of its folder where it
  /// is called seed0, seed1, ...; where different files would share it, the path without its
  /// ending; and where a file was remade between two folders, the beginning of its SHA-256 too.
  [[nodiscard]] AttackOptions in_options(const AttackOptions& options,
                                         const std::string& folder) const;

 private:
  [[nodiscard]] std::string name_of(const std::string& file) const;
  [[nodiscard]] std::string remade_mark(const std::string& file, const std::string& folder) const;

  std::set<std::string> files_;
  /// SHA-256 by path, and by the folder of the runs that read it.
  std::map<std::string, std::map<std::string, std::string>> contents_;
};

}  // namespace robiq
