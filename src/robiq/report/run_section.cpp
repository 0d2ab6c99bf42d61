#include "robiq/report/sections.h"

namespace robiq {

Section run_section(const Evidence& evidence) {
  Table table{"runs",
              "What was run",
              {{"Folder", {"folder"}},
               {"Run", {"run"}},
               {"Kind", {"kind"}},
               {"Label", {"label"}},
               {"Status", {"status"}},
               {"Command", {"command"}},
               {"robiq", {"robiq_version"}},
               {"LibTorch", {"torch_version"}},
               {"Device", {"device"}},
               {"Threads", {"threads"}},
               {"Seed", {"seed"}},
               {"Started (UTC)", {"started_utc"}},
               {"Finished (UTC)", {"finished_utc"}}},
              {},
              {}};
  for (const auto& [run, folder] : evidence.runs) {
    table.rows.push_back(
        {{word(folder), number(static_cast<double>(run.id), 0), word(run.kind), word(run.label),
          word(run.status), word(run.command), word(run.robiq_version), word(run.torch_version),
          word(run.device), number(static_cast<double>(run.threads), 0),
          word(std::to_string(run.seed)), word(run.started_utc), word(run.finished_utc)},
         {},
         false});
  }
  return {"runs", "Runs", "", {std::move(table)}};
}

}  // namespace robiq
