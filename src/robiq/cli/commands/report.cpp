#include <nlohmann/json.hpp>

#include "robiq/app/tools/report_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_report(CLI::App& app, Common& common) {
  add_command<ReportRequest>(app, common, "report",
                             "a page, tables and figures of one or more runs", {"runs"},
                             [&common](const ReportRequest& request) {
                               nlohmann::ordered_json rows = nlohmann::ordered_json::array();
                               for (const auto& file : run_report(request)) {
                                 rows.push_back({{"file", file.string()}});
                               }
                               print_rows(rows, common.format);
                             });
}

}  // namespace robiq::cli
