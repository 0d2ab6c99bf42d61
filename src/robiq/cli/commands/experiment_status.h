#pragma once
#include <functional>

#include "robiq/app/study/progress/experiment_status.h"
#include "robiq/cli/commands.h"

namespace robiq::cli {

/// Adds `status` to `robiq experiment`. \param find  how far a study is
void add_experiment_status(
    CLI::App& experiment, Common& common,
    const std::function<ExperimentStatus(const ExperimentStatusRequest&)>& find);

}  // namespace robiq::cli
