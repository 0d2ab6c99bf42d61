#include <nlohmann/json.hpp>

#include "robiq/app/catalog.h"
#include "robiq/app/data_run.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

void add_data(CLI::App& app, Common& common) {
  CLI::App* const data = app.add_subcommand("data", "data sets");
  data->require_subcommand(1);
  CLI::App* const list = data->add_subcommand("list", "the data sets robiq can read");
  add_common_flags(*list, common);
  list->callback([&common] {
    apply_common(common);
    print_rows(list_entries("datasets"), common.format);
  });
  add_command<SynthesizeRequest>(
      *data, common, "synthesize", "makes a rated set by distorting pristine photographs", {},
      [&common](const SynthesizeRequest& request) {
        print_rows(nlohmann::ordered_json::array({nlohmann::ordered_json(synthesize(request))}),
                   common.format);
      })
      ->footer("Example: robiq data synthesize --from photos --out photo-set");
}

}  // namespace robiq::cli
