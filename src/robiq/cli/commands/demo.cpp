#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "robiq/app/tools/demo_run.h"
#include "robiq/cli/commands.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"

namespace robiq::cli {

void add_demo(CLI::App& app, Common& common) {
  add_command<DemoRequest>(
      app, common, "demo", "the main job on built-in data: train, defend, attack, compare", {},
      [&common](const DemoRequest& request) {
        const auto started = std::chrono::steady_clock::now();
        check_demo(request);
        std::vector<DemoRow> rows;
        in_parallel(demo_processes(request), [&] { rows = run_demo(request); });
        if (rows.empty()) return;  // the other process's
        print_results(rows, common.format);
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
        const std::filesystem::path out = request.out;
        log::info("done in {}", duration_text(passed.count()));
        log::info("scores, weights and attacked pictures: {} and {}", (out / "base").string(),
                  (out / "nt").string());
        log::info("tables: {}", (out / "report/report.md").string());
        log::info("the page, to open in a browser: {}", (out / "report/index.html").string());
      });
}

}  // namespace robiq::cli
