#include "robiq/app/study/study_setup.h"

#include <fnmatch.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "robiq/app/data/split_run.h"
#include "robiq/app/run/spec_checks.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_changed(const StudySetup& setup, const std::string& what) {
  throw Error(ErrorKind::kUsage,
              {what, setup.folder.path().string(),
               "restore the study file, which config.toml there keeps, or choose another --out"});
}

/// The study that the folder holds.
Study study_in(const StudySetup& setup) {
  try {
    return read_study(setup.folder.config());
  } catch (const Error& error) {
    throw_changed(setup,
                  "the folder holds something else than this study (" + error.text().what + ")");
  }
}

std::vector<std::string> names_in(const std::vector<StudyCell>& cells) {
  std::vector<std::string> names;
  names.reserve(cells.size());
  for (const StudyCell& cell : cells) names.push_back(cell.name);
  return names;
}

}  // namespace

StudySetup set_up_study(const std::string& file, const std::string& out,
                        const std::vector<std::string>& data) {
  constexpr std::uint64_t kLimit = 16U << 20U;
  std::string text = read_file(file, kLimit, ErrorKind::kUsage);
  Study study = parse_study(text, file);
  for (const std::string& spec : data) {
    check_spec<Dataset>(Registry<Dataset>::instance().parse(spec, "--data"), "--data");
  }
  if (!data.empty()) {
    study.head.data = data;
    study.head.train_data.clear();
  }
  StudyFolder folder = study_folder(out, study.head.name);
  std::vector<StudyCell> cells = plan_study(study, folder);
  return {std::move(text), std::move(study), std::move(folder), std::move(cells)};
}

NotedCells names_of_cells(const StudySetup& setup) {
  return {setup.study.head.name, names_in(setup.cells)};
}

std::vector<bool> chosen_cells(const std::vector<StudyCell>& cells,
                               const std::vector<std::string>& globs) {
  std::vector<bool> chosen(cells.size(), globs.empty());
  for (const std::string& glob : globs) {
    bool found = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (::fnmatch(glob.c_str(), cells[i].name.c_str(), 0) != 0) continue;
      found = chosen[i] = true;
    }
    if (found) continue;
    const std::string near = nearest_of(glob, names_in(cells));
    throw Error(ErrorKind::kUsage,
                {"no cell is called '" + glob + "'", "--cell",
                 (near.empty() ? "" : "did you mean '" + near + "'? ") +
                     "`robiq experiment status` lists them; '*' stands for any letters"});
  }
  for (std::size_t i = cells.size(); i-- > 0;) {  // what is needed stands before
    if (!chosen[i]) continue;
    for (const std::size_t needed : cells[i].needs) chosen[needed] = true;
  }
  return chosen;
}

std::vector<std::string> names_of(const StudyCell& cell) {
  std::vector<std::string> names = {cell.model};
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  if (const auto* request = std::get_if<EvaluateRequest>(&cell.request)) {
    add(parse_spec(request->model, "model").name);
  }
  add(cell.defense.substr(0, cell.defense.find(':')));
  add(cell.defense);
  if (cell.purifier.empty()) return names;
  add(cell.purifier.substr(0, cell.purifier.find_first_of(":,+")));
  add(std::get<EvaluateRequest>(cell.request).purifier.spec);
  return names;
}

JudgedWork judged_work(const StudySetup& setup) {
  JudgedWork work;
  const auto add = [](std::vector<std::string>& all, const std::string& text) {
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
  };
  for (const StudyAttack& attack : setup.study.attacks) {
    for (const std::string& spec : attack.keys.spec) add(work.attacks, spec);
  }
  for (const StudyCell& cell : setup.cells) {
    if (cell.stage != StudyStage::kEvaluate) continue;
    for (const std::string& name : names_of(cell)) add(work.names, name);
  }
  return work;
}

void check_unchanged(const StudySetup& setup, const std::map<std::string, CellRow>& begun) {
  if (!fs::exists(setup.folder.config())) {
    if (!fs::exists(setup.folder.results()) || begun.empty()) return;
    throw_changed(setup, "the folder has lost its config.toml");
  }
  const Study earlier = study_in(setup);
  if (earlier.head.name != setup.study.head.name) {
    throw_changed(setup, "the folder holds the study '" + earlier.head.name + "', not '" +
                             setup.study.head.name + "'");
  }
  std::map<std::string, std::string> now;
  for (const StudyCell& cell : setup.cells) now.emplace(cell.name, cell_options(cell));
  for (const StudyCell& cell : plan_study(earlier, setup.folder)) {
    if (!begun.contains(cell.name)) continue;
    const auto it = now.find(cell.name);
    if (it == now.end()) {
      throw_changed(setup,
                    "the study no longer has the cell '" + cell.name + "', which the folder holds");
    }
    if (it->second != cell_options(cell)) {
      throw_changed(setup, "the cell '" + cell.name + "' was begun with other options");
    }
  }
}

void keep_config(const StudySetup& setup) {
  constexpr std::uint64_t kLimit = 16u << 20;
  const fs::path file = setup.folder.config();
  const std::string text = study_text(setup.study);
  if (!fs::exists(file) || read_file(file, kLimit) != text) write_file(file, text);
}

namespace {

/// The factor that makes weights of one study equally strong for models of different scales: that
/// of the recipe on the scale 0..100.
constexpr double kUsualWeight = 1e-3;

double recipe_weight(const TrainRequest& train) {
  const auto model =
      Registry<QualityModel>::instance().make(parse_spec(train.model, "model"), "model");
  return recipe_for(model->card(), train.compat).nt_weight;
}

void write_split_of(const StudyCell& cell, const std::string& file) {
  if (cell.split_of.empty()) return;
  SplitRequest split;
  split.data = cell.split_of;
  split.out = file;
  split.seed = cell.seed;
  static_cast<void>(split_dataset(split));
}

void work(const StudyCell& cell, TrainRequest train, const StudyPlace& place) {
  write_split_of(cell, train.split_file);
  if (cell.recipe_weight) {
    train.nt_weight = train.nt_weight.value() * (recipe_weight(train) / kUsualWeight);
  }
  train.compute.device = place.device;
  train.compute.threads = place.threads;
  train.alone = true;
  static_cast<void>(run_training(train));
}

void work(const StudyCell& cell, UapRequest fit, const StudyPlace& place) {
  write_split_of(cell, fit.split_file);
  fit.device = place.device;
  fit.threads = place.threads;
  static_cast<void>(run_uap(fit));
}

void work(const StudyCell& /*cell*/, EvaluateRequest evaluate, const StudyPlace& place) {
  evaluate.compute.device = place.device;
  evaluate.compute.threads = place.threads;
  evaluate.alone = true;
  evaluate.began = place.began;
  static_cast<void>(run_evaluation(evaluate));
}

}  // namespace

void work_on(const StudyCell& cell, const StudyPlace& place) {
  std::visit([&](const auto& request) { work(cell, request, place); }, cell.request);
}

}  // namespace robiq
