#include "robiq/cli/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "robiq/app/catalog.h"
#include "robiq/core/log.h"
#include "robiq/core/output.h"
#include "robiq/core/progress.h"

namespace robiq::cli {

void add_plugin_flag(CLI::App& app, Common& common) {
  app.add_option_function<std::vector<std::string>>(
         "--plugin",
         [&common](const std::vector<std::string>& files) {
           common.plugins.insert(common.plugins.end(), files.begin(), files.end());
         },
         "a .so with more models, attacks, ...; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

void add_common_flags(CLI::App& app, Common& common) {
  app.add_option("--format", common.format, "how results are printed: table, csv, json or jsonl")
      ->type_name("TEXT");
  app.add_flag("--quiet", common.quiet, "no progress and no log on the terminal");
  app.add_flag("--verbose", common.verbose, "more of the log");
  add_plugin_flag(app, common);
}

void apply_common(const Common& common) {
  static_cast<void>(parse_output_format(common.format));
  if (common.verbose) log::set_level(log::Level::kDebug);
  if (common.quiet) log::set_level(log::Level::kQuiet);
  for (const std::string& plugin : common.plugins) load_plugin(plugin);
}

std::shared_ptr<std::vector<std::string>> add_fail_if(CLI::App& app) {
  const auto texts = std::make_shared<std::vector<std::string>>();
  app.add_option("--fail-if", *texts,
                 "exit with 1 when it holds afterwards: 'before_after.r(fgsm) < 1.0'; may be "
                 "repeated")
      ->type_name("CONDITION");
  return texts;
}

struct RowPrinter::Impl {
  OutputFormat format;
  nlohmann::ordered_json held = nlohmann::ordered_json::array();
  bool header_printed = false;
};

RowPrinter::RowPrinter(const std::string& format)
    : impl_(std::make_unique<Impl>(Impl{parse_output_format(format)})) {}

RowPrinter::~RowPrinter() = default;

void RowPrinter::add(const nlohmann::ordered_json& row) {
  const bool at_once =
      impl_->format == OutputFormat::kCsv || impl_->format == OutputFormat::kJsonLines;
  if (!at_once) {
    impl_->held.push_back(row);
    return;
  }
  std::string text = render_rows(nlohmann::ordered_json::array({row}), impl_->format);
  if (impl_->format == OutputFormat::kCsv && impl_->header_printed) {
    text.erase(0, text.find('\n') + 1);
  }
  impl_->header_printed = true;
  Progress::clear_line();
  fmt::print("{}", text);
  std::fflush(stdout);
}

void RowPrinter::finish() {
  if (impl_->held.empty()) return;
  Progress::clear_line();
  fmt::print("{}", render_rows(impl_->held, impl_->format));
  impl_->held.clear();
  std::fflush(stdout);
}

void print_rows(const nlohmann::ordered_json& rows, const std::string& format) {
  Progress::clear_line();
  fmt::print("{}", render_rows(rows, parse_output_format(format)));
  std::fflush(stdout);
}

}  // namespace robiq::cli
