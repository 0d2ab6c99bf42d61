#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/cli/flags.h"
#include "robiq/core/files/result_columns.h"

namespace robiq {
struct ExperimentStatus;
struct ExperimentStatusRequest;
}  // namespace robiq

namespace robiq::cli {

/// Flags that every command has.
struct Common {
  std::string format = "table";
  bool quiet = false, verbose = false;
  std::vector<std::string> plugins;
  std::function<void(const std::string& file)> load_plugin;  ///< what is done with each of them
};

/// Adds a command whose flags come from the option table of Request, and runs `run(request)` when
/// it was chosen.
template <class Request, class Run>
CLI::App* add_command(CLI::App& parent, Common& common, const std::string& name,
                      const std::string& help, const std::vector<std::string>& positional, Run run);

/// --plugin FILE, which may stand before a command and after it.
void add_plugin_flag(CLI::App& app, Common& common);
/// --format, --quiet, --verbose and --plugin.
void add_common_flags(CLI::App& app, Common& common);
/// What --quiet, --verbose and --plugin ask for.
void apply_common(const Common& common);

/// --fail-if CONDITION, which may be repeated.
[[nodiscard]] std::shared_ptr<std::vector<std::string>> add_fail_if(CLI::App& app);

/// --parallel N, for commands whose work several processes can share.
[[nodiscard]] std::shared_ptr<std::int64_t> add_parallel(CLI::App& app);
/// Does `work` in so many processes of this machine, each of which calls it.
/// \param count  0: this process alone
void in_parallel(std::int64_t count, const std::function<void()>& work);

/// Prints rows on stdout in the chosen format: CSV and JSON lines at once, the others at the end.
class RowPrinter {
 public:
  explicit RowPrinter(const std::string& format);
  ~RowPrinter();
  RowPrinter(const RowPrinter&) = delete;
  RowPrinter& operator=(const RowPrinter&) = delete;
  template <class Row>
  void add_result(const Row& row) {
    add(Row::columns().cells(std::vector<Row>{row}, format()).front());
  }
  /// The work is of several things: JSON is an array, however many rows there are.
  void expect_several();
  /// Does the work that adds rows, and prints what has been held back, however the work ends.
  /// \throws what the work throws; Error{kData} when rows cannot be printed
  void during(const std::function<void()>& work);

 private:
  void add(const nlohmann::ordered_json& row);
  [[nodiscard]] OutputFormat format() const;
  void finish();

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Prints finished rows.
void print_rows(const nlohmann::ordered_json& rows, const std::string& format);

template <class Row>
void print_results(const std::vector<Row>& rows, const std::string& format) {
  print_rows(Row::columns().cells(rows, parse_output_format(format)), format);
}

template <class Row>
void print_result(const Row& row, const std::string& format) {
  print_results(std::vector<Row>{row}, format);
}

void add_attack(CLI::App& app, Common& common);
void add_bench(CLI::App& app, Common& common);
void add_check(CLI::App& app, Common& common);
void add_check_model(CLI::App& app, Common& common);
void add_data(CLI::App& app, Common& common);
void add_demo(CLI::App& app, Common& common);
void add_evaluate(CLI::App& app, Common& common);
void add_experiment(CLI::App& app, Common& common);
/// `status` of `robiq experiment`. \param find  how far a study is
void add_experiment_status(
    CLI::App& experiment, Common& common,
    const std::function<ExperimentStatus(const ExperimentStatusRequest&)>& find);
void add_list(CLI::App& app, Common& common);
void add_metrics(CLI::App& app, Common& common);
void add_report(CLI::App& app, Common& common);
void add_score(CLI::App& app, Common& common);
void add_train(CLI::App& app, Common& common);
void add_uap(CLI::App& app, Common& common);
void add_weights(CLI::App& app, Common& common);

template <class Request, class Run>
CLI::App* add_command(CLI::App& parent, Common& common, const std::string& name,
                      const std::string& help, const std::vector<std::string>& positional,
                      Run run) {
  CLI::App* const app = parent.add_subcommand(name, help);
  const auto flags = std::make_shared<Flags>(*app, document_options<Request>(), positional);
  add_common_flags(*app, common);
  app->callback([flags, &common, run] {
    apply_common(common);
    run(read_options<Request>(flags->given()));
  });
  return app;
}

/// What `robiq` alone says: how to begin.
[[nodiscard]] std::string first_steps();

}  // namespace robiq::cli
