#include <string>

#include "robiq/app/check/gaming_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"

namespace robiq::cli {
namespace {

void print(const GamingResult& result, const std::string& format) {
  if (format == "json") return print_result(result, format);
  print_results(result.edits, format);
  // Beside rows for programs the verdict is for people.
  if (format == "table") return print_out(result.verdict + "\n");
  print_err(result.verdict + "\n");
}

}  // namespace

void add_check(CLI::App& app, Common& common) {
  add_command<GamingRequest>(
      app, common, "check", "can a model's scores be raised by edits that hardly change a picture?",
      {"pictures"},
      [&common](const GamingRequest& request) { print(run_gaming_check(request), common.format); })
      ->footer(
          "Examples: robiq check photo.jpg --figure check.svg\n"
          "          robiq check video.mp4 --model maniqa --weights maniqa.pt");
}

}  // namespace robiq::cli
