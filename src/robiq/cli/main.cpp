#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/app/evaluate/threshold.h"
#include "robiq/app/run/error_boundary.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/error.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"

namespace {

constexpr int kInterrupted = 130, kThresholdCrossed = 1;

std::string command_text(int argc, char** argv) {
  std::string text = "robiq";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool plain = !word.empty() && word.find_first_of(" '\"\\$*?;&|<>()#") == word.npos;
    text += " " + (plain ? word : "'" + word + "'");
  }
  return text;
}

/// The deepest command that was named, for "see `robiq train --help`".
const CLI::App& chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : chosen_command(*chosen.front());
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? "robiq"
                                     : full_name(*app.get_parent()) + " " + app.get_name();
}

/// The first word that no command took, flags first, or "". CLI11 complains of a missing command
/// before it complains of a word it does not know, and the word is what the user should hear of.
std::string unknown_word(const CLI::App& app) {
  const std::vector<std::string> left = app.remaining(true);
  const auto is_flag = [](const std::string& word) { return word.starts_with("-"); };
  const auto flag = std::find_if(left.begin(), left.end(), is_flag);
  if (flag != left.end()) return flag->substr(0, flag->find('='));
  return left.empty() ? "" : left.front();
}

/// The nearest flag or command, or "".
std::string nearest_word(const CLI::App& command, const std::string& word) {
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(sub->get_name());
  }
  return robiq::nearest_of(word, known);
}

std::string complaint_about(const std::string& word, const CLI::App& command) {
  const auto every = [](const CLI::App*) { return true; };
  if (word.starts_with("-")) return "there is no flag '" + word + "'";
  if (!command.get_subcommands(every).empty()) return "there is no command '" + word + "'";
  return "'" + word + "' was not expected";
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

robiq::Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = chosen_command(app);
  const std::vector<std::string> commands = commands_of(command);
  std::string what = commands.empty()
                         ? error.what()
                         : full_name(command) + " needs a command: " + robiq::join(commands, ", ");
  std::replace(what.begin(), what.end(), '\n', ' ');
  std::string hint = "see `" + full_name(command) + " --help`";
  const bool may_be_unknown = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                              dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const std::string word = may_be_unknown ? unknown_word(app) : "";
  if (!word.empty()) {
    what = complaint_about(word, command);
    const std::string near = nearest_word(command, word);
    if (!near.empty()) hint = "did you mean '" + near + "'? " + hint;
  }
  return {robiq::ErrorKind::kUsage, {what, full_name(command), hint}};
}

int report_error(const robiq::Error& error) {
  robiq::Progress::clear_line();
  robiq::cli::print_err(std::string(error.what()) + "\n");
  return error.exit_code();
}

/// Names are kept in JSON, SQLite and TOML, which hold UTF-8 only: refused before work begins.
void check_arguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (robiq::is_utf8(argv[i])) continue;
    throw robiq::Error(
        robiq::ErrorKind::kUsage,
        {"'" + robiq::with_bytes_shown(argv[i]) + "' is not UTF-8", "argument " + std::to_string(i),
         "rename what it names, or link to it under another name"});
  }
}

void add_commands(CLI::App& app, robiq::cli::Common& common) {
  using namespace robiq::cli;
  add_demo(app, common);
  add_score(app, common);
  add_train(app, common);
  add_weights(app, common);
  add_check(app, common);
  add_attack(app, common);
  add_uap(app, common);
  add_evaluate(app, common);
  add_experiment(app, common);
  add_metrics(app, common);
  add_report(app, common);
  add_data(app, common);
  add_list(app, common);
  add_bench(app, common);
  add_check_model(app, common);
}

/// What the command line asks for. \return the exit code \throws what the commands throw
int work(int argc, char** argv) {
  check_arguments(argc, argv);
  CLI::App app(
      "robiq: robust no-reference image quality. Train, attack, defend and evaluate models "
      "that score pictures.");
  app.require_subcommand(1);
  app.set_version_flag("--version", "robiq " + std::string(robiq::version()));
  robiq::cli::Common common;
  robiq::cli::add_plugin_flag(app, common);
  add_commands(app, common);
  if (argc == 1) {
    robiq::cli::print_out(robiq::cli::first_steps());
    return 0;
  }
  try {
    robiq::within_error_boundary([&] { app.parse(argc, argv); });
  } catch (const CLI::Success& wanted) {  // --help, --version
    std::ostringstream text, nothing;
    const int code = app.exit(wanted, text, nothing);
    robiq::cli::print_out(text.str());
    return code;
  } catch (const CLI::ParseError& error) {
    throw robiq::Error(usage_error(app, error));
  }
  robiq::cli::finish_out();
  return 0;
}

int run(int argc, char** argv) {
  using robiq::cli::print_err;
  try {
    return work(argc, argv);
  } catch (const robiq::Interrupted& stopped) {
    robiq::Progress::clear_line();
    print_err("interrupted: " + robiq::visible_text(stopped.what()) + "\n");
    return kInterrupted;
  } catch (const robiq::ThresholdCrossed& crossed) {
    robiq::Progress::clear_line();
    for (const std::string& line : crossed.lines()) print_err(robiq::visible_text(line) + "\n");
    return kThresholdCrossed;
  } catch (const robiq::cli::ReaderLeft& left) {
    return left.exit_code();
  } catch (const robiq::Error& error) {
    return report_error(error);
  } catch (const std::exception& error) {
    return report_error({robiq::ErrorKind::kInternal,
                         {error.what(), "",
                          "this is a bug of robiq's: please report it with the "
                          "command that led here"}});
  }
}

}  // namespace

int main(int argc, char** argv) {
  robiq::cli::prepare_streams();
  robiq::catch_stop_signals();
  robiq::set_command_line(command_text(argc, argv));
  return run(argc, argv);
}
