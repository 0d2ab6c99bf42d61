#pragma once
#include <string>
#include <vector>

namespace robiq {

/// What a report is asked for.
struct ReportSettings {
  std::string title;                 ///< "": a general one
  std::vector<std::string> tables;   ///< ids; empty: all that the results fill
  std::vector<std::string> figures;  ///< likewise
  bool paper = false;                ///< the paper's printed numbers stand beside ours
  bool compare = false;              ///< runs are set side by side, not taken together
};

}  // namespace robiq
