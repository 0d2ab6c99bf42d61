#include <nlohmann/json.hpp>

#include "robiq/app/tools/catalog.h"
#include "robiq/cli/answers.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/files/files.h"
#include "robiq/core/front_end.h"
#include "robiq/core/version.h"

namespace robiq::cli {
namespace {

using Words = std::vector<std::string>;

/// `--help` of a command and of those below it.
void add_help(const CLI::App& app, const Words& above, std::vector<Words>& questions) {
  for (const char* flag : {"--help", "-h"}) {
    questions.push_back(above);
    questions.back().emplace_back(flag);
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    Words below = above;
    below.push_back(command->get_name());
    add_help(*command, below, questions);
  }
}

/// `list` and `describe` of all that is registered.
std::vector<Words> catalog_questions() {
  std::vector<Words> questions = {{"list"}};
  for (const std::string& kind : catalog_kinds()) {
    const std::string singular = kind == "losses" ? "loss" : kind.substr(0, kind.size() - 1);
    for (const std::string& word : {kind, singular}) {
      questions.push_back({"list", word});
      for (const CatalogEntry& entry : list_entries(kind)) {
        questions.push_back({"describe", word, entry.name});
      }
    }
  }
  return questions;
}

std::vector<Words> all_questions(const Program& program) {
  CLI::App app;
  Common common;
  program.add_commands(app, common);
  std::vector<Words> questions = {{}};
  add_help(app, {}, questions);
  for (const Words& question : catalog_questions()) {
    questions.push_back(question);
    for (const char* format : {"table", "csv", "json", "jsonl"}) {
      questions.push_back(question);
      questions.back().insert(questions.back().end(), {"--format", format});
    }
  }
  return questions;
}

/// \return the exit code
int ask(const Words& question, const Program& program, Answer& answer) {
  Words words = question;
  words.insert(words.begin(), "robiq");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  const int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  const CapturedOutput captured;
  log::send_to([&](log::Level, const std::string& text) { answer.notes.push_back(text); });
  const int code = run_program(count, arguments.data(), program);
  log::send_to({});
  answer.out = captured.text();
  return code;
}

}  // namespace

int write_answers(const std::filesystem::path& file, const Program& program) {
  nlohmann::json answers = nlohmann::json::object();
  for (const Words& question : all_questions(program)) {
    Answer answer;
    if (const int code = ask(question, program, answer); code != 0) return code;
    answers[answer_key(question)] = {{"out", answer.out}, {"notes", answer.notes}};
  }
  const nlohmann::json all = {{"version", std::string(version())}, {"answers", answers}};
  write_file(file, all.dump());
  return 0;
}

}  // namespace robiq::cli
