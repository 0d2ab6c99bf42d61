#pragma once
#include "robiq/report/evidence/evidence.h"
#include "robiq/report/report.h"
#include "robiq/report/tables/table_source.h"

namespace robiq {

/// `summary`: of each model the clean SROCC, and the mean change of score under every attack.
[[nodiscard]] Section summary_section(const TableSource& source);

/// `clean`: SROCC, PLCC, KROCC and RMSE between MOS and the scores of the clean pictures.
[[nodiscard]] Section clean_section(const TableSource& source);

/// `attacks`: every attack with all its options (the supplement's Table S3).
[[nodiscard]] Section attack_section(const TableSource& source);

/// `rmse`, `srocc`, `s4` (KROCC), `s5` (PLCC), `s6` (R): a row for each attack, a column for each
/// model in each block, cells "base / +NT" (the form of the supplement's Tables S4 to S6).
[[nodiscard]] Section robustness_section(const TableSource& source);

/// `s7`: by how much NT changes RMSE and SROCC between the scores before and after, averaged over
/// white boxes, black boxes and all (supplement, S6.2).
[[nodiscard]] Section average_section(const TableSource& source);

/// `s2`: attacks that differ in their loss; here the stronger attack is the better one.
[[nodiscard]] Section loss_section(const TableSource& source);

/// `bands`: how far scores moved, by the MOS of the pictures: [0,50), [50,75), [75,100] (S6.3).
[[nodiscard]] Section mos_band_section(const TableSource& source);

/// `worst`, `irs`, `members`: the worst case over a set of attacks by its budget, integral scores
/// over the budgets, and the share of pictures that each attack of the set moved most.
[[nodiscard]] Section worst_case_section(const TableSource& source);

/// `wins`: the share of pictures that each single attack moved most.
[[nodiscard]] Section win_section(const TableSource& source);

/// `lambda`: clean and attacked measures by the weight of NT, of models with two weights or more.
[[nodiscard]] Section lambda_section(const TableSource& source);

/// `transfer`: attacks made on one model (row) and met by others (columns).
[[nodiscard]] Section transfer_section(const TableSource& source);

/// `cost`: seconds and passes a picture of each attack; `training`: seconds of each training.
[[nodiscard]] Section cost_section(const TableSource& source);

/// `defenses`: of models behind purifiers and under every kind of training, accuracy, how far
/// attacks move the score, and cost; `certificates`: what certificates of the smoothed score say.
[[nodiscard]] Section defense_section(const TableSource& source);

/// `filters`: SSIM, PSNR and the score gained under every strength of everyday filters.
[[nodiscard]] Section filter_section(const TableSource& source);

/// `aligned`: the strengths that --align found, of every attack and model.
[[nodiscard]] Section alignment_section(const TableSource& source);

/// `compare`: every measure with a column for each of the compared runs.
[[nodiscard]] Section compare_section(const TableSource& source);

/// `runs`: command, versions, seed, device, threads, dates; `flags`: doubts about the numbers.
[[nodiscard]] Section run_section(const TableSource& source);
/// The same for a page: a card for each run.
[[nodiscard]] std::vector<RunCard> run_cards(const Evidence& evidence, const Titles& titles);

/// Every measure in a table of its own, one a row, for programs.
[[nodiscard]] Table measure_table(const Evidence& evidence);

}  // namespace robiq
