#pragma once
#include "robiq/report/evidence.h"
#include "robiq/report/report.h"

namespace robiq {

/// SROCC, PLCC, KROCC and RMSE between MOS and the scores of the clean pictures.
[[nodiscard]] Section clean_section(const Evidence& evidence);

/// The measures under every attack, between MOS and the scores after it, and between the scores
/// before and after (the form of the supplement's Tables S4 to S6).
[[nodiscard]] Section robustness_section(const Evidence& evidence);

/// How far scores moved, by the MOS of the pictures: [0,50), [50,75), [75,100] (supplement, S6.3).
[[nodiscard]] Section mos_band_section(const Evidence& evidence);

/// What was run: command, versions, seed, device, threads, dates.
[[nodiscard]] Section run_section(const Evidence& evidence);

/// Every measure in a table of its own, one a row, for programs.
[[nodiscard]] Table measure_table(const Evidence& evidence);

}  // namespace robiq
