#include "robiq/train/history.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "robiq/core/text/text.h"
#include "robiq/io/table/csv.h"

namespace robiq {

void write_history(const std::vector<EpochReport>& history, const std::filesystem::path& file) {
  std::set<std::string> measures;  // one that is undefined at an epoch is absent from its report
  for (const EpochReport& report : history) {
    for (const auto& [measure, value] : report.validation) measures.insert(measure);
  }
  std::vector<std::string> header = {"epoch",   "phase",         "step",         "loss",
                                     "penalty", "gradient_norm", "learning_rate"};
  for (const std::string& measure : measures) header.push_back("validation_" + measure);
  header.insert(header.end(), {"seconds", "images_per_second"});
  std::vector<std::vector<std::string>> rows;
  for (const EpochReport& report : history) {
    std::vector<std::string> row = {
        std::to_string(report.epoch),
        std::to_string(report.phase),
        std::to_string(report.step),
        number_text(report.loss),
        number_text(report.penalty),
        report.gradient_norm > 0 ? number_text(report.gradient_norm) : "",
        number_text(report.learning_rate)};
    for (const std::string& measure : measures) {
      const auto it = report.validation.find(measure);
      row.push_back(it == report.validation.end() ? "" : number_text(it->second));
    }
    row.push_back(fmt::format("{:.3f}", report.seconds));
    row.push_back(fmt::format("{:.1f}", report.images_per_second));
    rows.push_back(std::move(row));
  }
  write_csv(file, header, rows);
}

std::string epoch_text(const EpochReport& report) {
  std::string measures;
  for (const auto& [name, number] : report.validation) {
    measures += fmt::format(", {} {:.4f}", name, number);
  }
  // A baseline's steps estimate no gradient norm.
  const std::string norm = report.gradient_norm > 0
                               ? fmt::format(", penalty {:.4f}, gradient norm {:.4g}",
                                             report.penalty, report.gradient_norm)
                               : "";
  return fmt::format("epoch {}: loss {:.4f}{}{}, {} ({:.0f} pictures/s)", report.epoch, report.loss,
                     norm, measures, duration_text(report.seconds), report.images_per_second);
}

}  // namespace robiq
