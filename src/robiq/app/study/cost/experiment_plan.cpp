#include "robiq/app/study/cost/experiment_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "robiq/app/study/progress/study_cells.h"
#include "robiq/app/study/study_setup.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/tensor/device.h"

namespace robiq {

OptionTable<ExperimentPlanRequest> ExperimentPlanRequest::options() {
  using R = ExperimentPlanRequest;
  return {
      {"file", &R::file, "the study"},
      {"out", &R::out, "folder of the study; \"\": runs/NAME"},
      {"cell", &R::cell,
       "plan only the cells of these names, '*' for any letters, and what they need; may be "
       "repeated"},
      {"data", &R::data, "data sets in place of the study's; may be repeated"},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"}};
}

ResultColumns<PlannedCell> PlannedCell::columns() {
  using R = PlannedCell;
  const auto time = [](const R& row) { return duration_text(row.seconds); };
  const auto memory = [](const R& row) {
    return bytes_text(static_cast<double>(row.memory_bytes));
  };
  ResultColumns<R> columns;
  columns.add("cell", &R::cell)
      .add("state", &R::state)
      .add("pictures", &R::pictures)
      .add("steps", &R::steps)
      .add("forwards", &R::forwards)
      .add("backwards", &R::backwards)
      .add("time", time, Shown::kTable)
      .add("seconds", &R::seconds, Shown::kData)
      .add("memory", memory, Shown::kTable)
      .add("memory_bytes", &R::memory_bytes, Shown::kData)
      .add("rests_on", &R::rests_on)
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, Shown::kData);
  return columns;
}

namespace {

std::string summary_of(const std::vector<PlannedCell>& rows, const std::string& device) {
  std::size_t remaining = 0;
  double seconds = 0;
  std::int64_t most = 0;
  for (const PlannedCell& row : rows) {
    if (row.state == CellProgress::kDone) continue;
    ++remaining;
    seconds += row.seconds;
    most = std::max(most, row.memory_bytes);
  }
  if (remaining == 0) return fmt::format("nothing is left to do: {} cells are done", rows.size());
  return fmt::format(
      "{} of {} cells are to do: about {} in one process, and {} of memory at most. This rests on "
      "steps and passes with random weights that were measured now, on {}, the shortest of "
      "several; "
      "a machine that does other work meanwhile is slower",
      remaining, rows.size(), duration_text(seconds), bytes_text(static_cast<double>(most)),
      device);
}

}  // namespace

ExperimentPlan plan_experiment(const ExperimentPlanRequest& request) {
  const StudySetup setup = set_up_study(request.file, request.out, request.data);
  if (std::filesystem::exists(setup.folder.results())) {
    const ResultsStore store(setup.folder.results(), ResultsStore::Access::kRead);
    check_unchanged(setup, begun_cells(store, setup.study.head.name));
  }
  const std::vector<bool> chosen = chosen_cells(setup.cells, request.cell);
  const ExperimentStatus status = status_of(setup.folder, names_of_cells(setup));
  prepare_arithmetic(request.threads);
  const c10::Device device = parse_device(request.device);
  CostMeter meter(setup.cells, device);
  ExperimentPlan plan;
  for (std::size_t i = 0; i < setup.cells.size(); ++i) {
    if (!chosen[i]) continue;
    PlannedCell row;
    static_cast<CellCost&>(row) = meter.cost_of(setup.cells[i]);
    row.cell = setup.cells[i].name;
    row.state = status.rows[i].state;
    plan.rows.push_back(std::move(row));
  }
  plan.summary = summary_of(plan.rows, device_description(device));
  return plan;
}

}  // namespace robiq
