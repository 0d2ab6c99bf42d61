#include <algorithm>
#include <string>
#include <vector>

#include "robiq/app/data/data_run.h"
#include "robiq/app/data/split_run.h"
#include "robiq/app/tools/catalog.h"
#include "robiq/cli/commands.h"
#include "robiq/core/error.h"

namespace robiq::cli {

namespace {

/// Prints the table; what is wrong ends the program with the exit code of bad data.
void verify(const VerifyRequest& request, const std::string& format) {
  const std::vector<DataCheck> rows = verify_dataset(request);
  print_results(rows, format);
  const auto wrong = std::count_if(rows.begin(), rows.end(),
                                   [](const DataCheck& row) { return !row.faults.empty(); });
  if (wrong == 0) return;
  throw Error(ErrorKind::kData, {std::to_string(wrong) + " of " + std::to_string(rows.size()) +
                                     " checks found faults",
                                 request.data, "the table says which and what to do about them"});
}

}  // namespace

void add_data(CLI::App& app, Common& common) {
  CLI::App* const data = app.add_subcommand("data", "data sets");
  data->require_subcommand(1);
  CLI::App* const list = data->add_subcommand("list", "the data sets robiq can read");
  add_common_flags(*list, common);
  list->callback([&common] {
    apply_common(common);
    print_results(list_datasets(), common.format);
  });
  add_command<SynthesizeRequest>(*data, common, "synthesize",
                                 "makes a rated set by distorting pristine photographs", {},
                                 [&common](const SynthesizeRequest& request) {
                                   print_result(synthesize(request), common.format);
                                 })
      ->footer("Example: robiq data synthesize --from photos --out photo-set");
  add_command<VerifyRequest>(
      *data, common, "verify", "checks a copy of a data set; exit code 3 when anything is wrong",
      {"data"}, [&common](const VerifyRequest& request) { verify(request, common.format); })
      ->footer("Example: robiq data verify livec:ChallengeDB_release");
  add_command<SplitRequest>(*data, common, "split",
                            "divides a data set for training, validation and testing", {"data"},
                            [&common](const SplitRequest& request) {
                              print_results(split_dataset(request), common.format);
                            })
      ->footer(
          "Example: robiq data split kadid10k:kadid10k --train 0.8 --val 0 --test 0.2 "
          "--repeats 10 --out splits/kadid.csv");
}

}  // namespace robiq::cli
