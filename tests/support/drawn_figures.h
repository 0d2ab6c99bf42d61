#pragma once
// A report's figures made from evidence, to be looked into.
#include <string>
#include <vector>

#include "robiq/report/evidence/data_rows.h"
#include "robiq/report/figures/figure_family.h"
#include "robiq/report/figures/vega_lite.h"
#include "support/sample_evidence.h"

namespace robiq::test {

/// Everything that has a figure: sweeps of weights and of epsilon, seeds, transfers, examples.
inline SampleStudy full_study() {
  SampleStudy study;
  study.weights = {"0.0001", "0.001"};
  study.epsilons = {"0.001", "0.005", "0.01"};
  study.others = {"uap"};
  study.pictures = 12;
  study.seeds = 2;
  study.transferred = study.examples = study.worst_case = true;
  return study;
}

struct Drawn {
  explicit Drawn(const Evidence& evidence, const std::vector<std::string>& ids = {}) {
    ReportSettings settings;
    settings.figures = ids;
    sections = figure_sections(evidence, Titles(evidence), settings, report);
  }
  [[nodiscard]] std::vector<const Figure*> figures() const {
    std::vector<const Figure*> found;
    for (const Section& section : sections) {
      for (const ReportBlock& block : section.blocks) found.push_back(&std::get<Figure>(block));
    }
    return found;
  }
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> found;
    for (const Figure* figure : figures()) found.push_back(figure->id);
    return found;
  }
  [[nodiscard]] Json spec(std::size_t index = 0) const {
    return Json::parse(figures().at(index)->vega_lite);
  }
  [[nodiscard]] std::vector<double> numbers(const std::string& data, const std::string& column,
                                            const std::string& model,
                                            const std::string& defense) const {
    return numbers_in(report.data.at(data), column, {{"model", model}, {"defense", defense}});
  }

  Report report;
  std::vector<Section> sections;
};

}  // namespace robiq::test
