#pragma once
#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "robiq/core/options/options.h"
#include "robiq/core/options/params.h"

namespace robiq::cli {

/// Flags made from an option table: --nt-weight for nt_weight, with the table's help, default,
/// range and unit. Values are read and checked by the table, so that flags, TOML files and specs
/// agree.
class Flags {
 public:
  /// \param positional  options that are given without a flag, in this order
  Flags(CLI::App& app, const std::vector<OptionDoc>& options,
        const std::vector<std::string>& positional);
  /// Adds --config FILE, whose keys are the options; flags win.
  void add_config(CLI::App& app);

  /// What was given. \throws Error{kUsage} for a configuration that cannot be read.
  [[nodiscard]] Params given() const;

 private:
  struct Slot {
    CLI::Option* option = nullptr;
    std::string flag, type, text;
    std::string usual;  ///< the default, as text
    std::vector<std::string> list;
    bool on = false;
  };

  void add_slot(CLI::App& app, const OptionDoc& doc, bool positional);

  std::map<std::string, Slot> slots_;
  std::string config_;
};

/// "--nt-weight" for "nt_weight".
[[nodiscard]] std::string flag_of(const std::string& option);

}  // namespace robiq::cli
