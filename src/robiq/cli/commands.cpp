#include "robiq/cli/commands.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "robiq/app/run/local_processes.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/error.h"
#include "robiq/core/files/output.h"
#include "robiq/core/log.h"
#include "robiq/core/version.h"

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
  if (common.verbose && common.quiet) {
    throw Error(ErrorKind::kUsage, {"option --verbose has no effect together with --quiet",
                                    "--verbose", "leave out one of the two"});
  }
  if (common.verbose) log::set_level(log::Level::kDebug);
  if (common.quiet) log::set_level(log::Level::kQuiet);
  for (const std::string& plugin : common.plugins) common.load_plugin(plugin);
}

std::shared_ptr<std::vector<std::string>> add_fail_if(CLI::App& app) {
  const auto texts = std::make_shared<std::vector<std::string>>();
  app.add_option("--fail-if", *texts,
                 "exit with 1 when it holds afterwards: 'before_after.r(fgsm) < 1.0'; may be "
                 "repeated")
      ->type_name("CONDITION");
  return texts;
}

std::shared_ptr<std::int64_t> add_parallel(CLI::App& app) {
  constexpr std::int64_t kMost = 1024;
  const auto count = std::make_shared<std::int64_t>(0);
  app.add_option("--parallel", *count,
                 "processes of this machine that share the work; 0: this process alone")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, kMost));
  return count;
}

void in_parallel(std::int64_t count, const std::function<void()>& work) {
  LocalProcesses(count).during(work);
}

struct RowPrinter::Impl {
  OutputFormat format;
  nlohmann::ordered_json held = nlohmann::ordered_json::array();
  bool header_printed = false;
  bool several = false;
};

RowPrinter::RowPrinter(const std::string& format)
    : impl_(std::make_unique<Impl>(Impl{parse_output_format(format)})) {}

RowPrinter::~RowPrinter() = default;

OutputFormat RowPrinter::format() const { return impl_->format; }

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
  print_out(text);
}

void RowPrinter::expect_several() { impl_->several = true; }

void RowPrinter::finish() {
  const nlohmann::ordered_json rows = std::exchange(impl_->held, nlohmann::ordered_json::array());
  if (impl_->several && impl_->format == OutputFormat::kJson) {
    return print_out(json_text(rows, 2) + "\n");
  }
  if (!rows.empty()) print_out(render_rows(rows, impl_->format));
}

void RowPrinter::during(const std::function<void()>& work) {
  try {
    work();
  } catch (...) {
    finish();
    throw;
  }
  finish();
}

void print_rows(const nlohmann::ordered_json& rows, const std::string& format) {
  print_out(render_rows(rows, parse_output_format(format)));
}

std::string first_steps() {
  return "robiq " + std::string(version()) +
         R"(: robust no-reference image quality

To begin, with the small model that comes with it and any picture or video of yours:
  robiq score photo.jpg                     its quality
  robiq attack ifgsm photo.jpg --level image --out attacked
                                            a picture that looks the same and scores otherwise
  robiq check photo.jpg                     which everyday edits raise the score

To see what attacks do to two models that come with it, in seconds:
  robiq demo --quick

To see training, defense and attack together, on built-in data, in some minutes:
  robiq demo --out demo

To train a model of your own and use it:
  robiq train --model cnniqa --data builtin --out run
  robiq score photo.jpg --model cnniqa --weights run/checkpoints/best.safetensors

To look around:
  robiq list                    which models, attacks, defenses, data sets and measures there are
  robiq describe attack ifgsm   the options of one of them
  robiq --help                  all commands; `robiq COMMAND --help` tells the flags of one
)";
}

}  // namespace robiq::cli
