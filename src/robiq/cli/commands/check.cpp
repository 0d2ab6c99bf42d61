#include <string>

#include "robiq/app/check/check_run.h"
#include "robiq/cli/commands.h"
#include "robiq/cli/standard_output.h"
#include "robiq/core/error.h"

namespace robiq::cli {
namespace {

void print_check(const GamingResult& result, const std::string& format) {
  if (format == "json") return print_result(result, format);
  print_results(result.edits, format);
  // Beside rows for programs the verdict is for people.
  const std::string said = (result.curves ? result.weighed() + "\n" : "") + result.verdict + "\n";
  if (format == "table") return print_out(said);
  print_err(said);
}

/// What is done is printed also where the user stopped the rest.
void check(const GamingRequest& request, const std::string& format) {
  const GamingResult result = run_gaming_check(request);
  print_check(result, format);
  if (!result.note.empty()) {
    throw Interrupted(request.figure.empty() ? "the edits above are scored"
                                             : "the edits above are scored; no figure was drawn");
  }
}

}  // namespace

void add_check(CLI::App& app, Common& common) {
  add_command<GamingRequest>(
      app, common, "check", "can a model's scores be raised by edits that hardly change a picture?",
      {"pictures"}, [&common](const GamingRequest& request) { check(request, common.format); })
      ->footer(
          "Examples: robiq check photo.jpg --figure check.svg\n"
          "          robiq check video.mp4 --model maniqa --weights maniqa.pt");
}

}  // namespace robiq::cli
