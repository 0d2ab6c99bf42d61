#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "robiq/store/results_store.h"

namespace robiq {

/// An attack and its options as they are stored, and the name of its folder.
using AttackFolders = std::map<std::pair<std::string, std::string>, std::string>;

/// Writes a run's attacked scores as the MSU metrics robustness benchmark keeps them, a file an
/// attack and model (the second model of a name is MODEL-2): FOLDER/ATTACK/MODEL.csv with the
/// columns image_name, test_dataset, clear, attacked, rel_gain (attacked / clear; inf where |clear|
/// < 1e-3), psnr, ssim (scikit-image's), mse. Scores are native. Attacks that `attacks` does not
/// name are left out. Other data sets that the store's runs of that model and attack are of stay in
/// the file. \throws Error{kData} when it cannot write
void write_msu_files(const ResultsStore& store, std::int64_t run, const AttackFolders& attacks,
                     const std::filesystem::path& folder);

}  // namespace robiq
