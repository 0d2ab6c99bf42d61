#include <vector>

#include "robiq/app/tools/catalog.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"

namespace robiq::cli {
namespace {

void add_list_command(CLI::App& app, Common& common) {
  CLI::App* const command =
      app.add_subcommand("list", "lists models, attacks, defenses and so on, one line each");
  const auto kind = std::make_shared<std::string>();
  command->add_option("kind", *kind,
                      join(catalog_kinds(), " | ") + "; none: what there is of each");
  add_common_flags(*command, common);
  command->footer("Example: robiq list attacks");
  command->callback([kind, &common] {
    apply_common(common);
    if (!kind->empty()) return print_results(list_entries(*kind), common.format);
    const OutputFormat format = parse_output_format(common.format);
    print_rows(kind_columns(format).cells(list_kinds(), format), common.format);
    log::info("`robiq list KIND` says what each is, `robiq describe KIND NAME` its options");
  });
}

void add_describe_command(CLI::App& app, Common& common) {
  CLI::App* const command =
      app.add_subcommand("describe", "what one model, attack or other entry is, and its options");
  const auto kind = std::make_shared<std::string>();
  const auto name = std::make_shared<std::string>();
  command->add_option("kind", *kind, join(catalog_kinds(), " | "))->required();
  command->add_option("name", *name, "its name, e.g. ifgsm; robiq list prints all")->required();
  add_common_flags(*command, common);
  command->callback([kind, name, &common] {
    apply_common(common);
    const std::vector<DescribedOption> rows = describe_entry(*kind, *name);
    if (common.format == "table") {
      print_out(entry_headline(*kind, *name) + "\n");
      if (rows.empty()) return print_out("It takes no options.\n");
    }
    print_results(rows, common.format);
  });
}

}  // namespace

void add_list(CLI::App& app, Common& common) {
  add_list_command(app, common);
  add_describe_command(app, common);
}

}  // namespace robiq::cli
