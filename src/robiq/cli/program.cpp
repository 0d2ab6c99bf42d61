#include "robiq/cli/program.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "robiq/app/run/run_folder.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/error_boundary.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"

namespace robiq::cli {
namespace {

constexpr int kInterrupted = 130;

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
  const std::vector<std::string> words = app.remaining(true);
  const auto is_flag = [](const std::string& word) { return word.starts_with("-"); };
  const auto flag = std::find_if(words.begin(), words.end(), is_flag);
  if (flag != words.end()) return flag->substr(0, flag->find('='));
  return words.empty() ? "" : words.front();
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

/// The nearest flag or command, or "".
std::string nearest_word(const CLI::App& command, const std::string& word) {
  std::vector<std::string> known = flags_of(command);
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(sub->get_name());
  }
  return nearest_of(word, known);
}

/// The commands below `app` that have the flag, as "`robiq score`".
std::vector<std::string> commands_with(const CLI::App& app, const std::string& word) {
  std::vector<std::string> found;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (std::ranges::count(flags_of(*sub), word) > 0) found.push_back("`" + full_name(*sub) + "`");
    for (std::string& deeper : commands_with(*sub, word)) found.push_back(std::move(deeper));
  }
  return found;
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

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = chosen_command(app);
  const std::vector<std::string> commands = commands_of(command);
  std::string what = commands.empty()
                         ? error.what()
                         : full_name(command) + " needs a command: " + join(commands, ", ");
  std::replace(what.begin(), what.end(), '\n', ' ');
  constexpr std::string_view kRequired = " is required";
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && what.ends_with(kRequired)) {
    what = "the argument '" + what.substr(0, what.size() - kRequired.size()) + "' is missing";
  }
  std::string hint = "see `" + full_name(command) + " --help`";
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string said = error.what(), name = said.substr(0, said.find(':'));
    const bool too_many = said.find("At Most") != said.npos;
    what = too_many ? name + " has more values than it takes" : "a value is missing after " + name;
  }
  const bool may_be_unknown = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                              dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const std::string word = may_be_unknown ? unknown_word(app) : "";
  if (!word.empty()) {
    what = complaint_about(word, command);
    const std::string near = nearest_word(command, word);
    std::vector<std::string> elsewhere = commands_with(app, word);
    if (std::ranges::count(flags_of(command), word) > 0) {
      what = "the flag '" + word + "' stands before its command";
      hint = "write it behind `" + full_name(command) + "`";
    } else if (!elsewhere.empty()) {
      constexpr std::size_t kMostNamed = 3;
      elsewhere.resize(std::min(elsewhere.size(), kMostNamed));
      hint = "it is a flag of " + join(elsewhere, ", ") + "; " + hint;
    } else if (!near.empty()) {
      hint = "did you mean '" + near + "'? " + hint;
    }
  }
  return {ErrorKind::kUsage, {what, full_name(command), hint}};
}

int report_error(const Error& error) {
  Progress::clear_line();
  print_err(std::string(error.what()) + "\n");
  return error.exit_code();
}

/// Names are kept in JSON, SQLite and TOML, which hold UTF-8 only: refused before work begins.
void check_arguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (is_utf8(argv[i])) continue;
    throw Error(ErrorKind::kUsage, {"'" + with_bytes_shown(argv[i]) + "' is not UTF-8",
                                    "argument " + std::to_string(i),
                                    "rename what it names, or link to it under another name"});
  }
}

/// Shows a switch as --fit,--no-fit, without what CLI11 notes behind the second.
class PlainNames final : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    constexpr std::string_view kNote = "{false}";
    std::string name = CLI::Formatter::make_option_name(option, is_positional);
    const std::size_t place = name.find(kNote);
    return place == name.npos ? name : name.erase(place, kNote.size());
  }
};

/// What the command line asks for. \return the exit code \throws what the commands throw
int work(int argc, char** argv, const Program& program) {
  check_arguments(argc, argv);
  CLI::App app(
      "robiq: robust no-reference image quality. Train, attack, defend and evaluate models "
      "that score pictures.",
      "robiq");
  app.formatter(std::make_shared<PlainNames>());
  app.require_subcommand(1);
  app.set_version_flag("--version", "robiq " + std::string(version()));
  Common common;
  common.load_plugin = program.load_plugin;
  add_plugin_flag(app, common);
  program.add_commands(app, common);
  if (argc == 1) {
    print_out(first_steps());
    return 0;
  }
  try {
    if (const int code = program.guard([&] { app.parse(argc, argv); }); code != 0) return code;
  } catch (const CLI::Success& wanted) {  // --help, --version
    std::ostringstream text, nothing;
    const int code = app.exit(wanted, text, nothing);
    print_out(text.str());
    return code;
  } catch (const CLI::ParseError& error) {
    throw Error(usage_error(app, error));
  }
  finish_out();
  return 0;
}

}  // namespace

int run_program(int argc, char** argv, const Program& program) {
  prepare_streams();
  catch_stop_signals();
  set_command_line(command_text(argc, argv));
  try {
    return work(argc, argv, program);
  } catch (const Interrupted& stopped) {
    Progress::clear_line();
    print_err("interrupted: " + visible_text(stopped.what()) + "\n");
    return kInterrupted;
  } catch (const ReaderLeft&) {
    return ReaderLeft::kExitCode;
  } catch (const Error& error) {
    return report_error(error);
  } catch (const std::exception& error) {
    return report_error(internal_error(error.what()));
  }
}

}  // namespace robiq::cli
