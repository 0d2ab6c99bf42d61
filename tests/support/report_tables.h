#pragma once
// Single tables of a report that is composed from evidence filled by hand.
#include <gtest/gtest.h>

#include "robiq/report/write_report.h"
#include "support/filled_evidence.h"

namespace robiq::test {

/// nullptr where the report has none of that id.
[[nodiscard]] inline const Table* find_table(const Report& report, const std::string& id) {
  for (const Section& section : report.sections) {
    for (const ReportBlock& block : section.blocks) {
      const auto* table = std::get_if<Table>(&block);
      if (table != nullptr && table->id == id) return table;
    }
  }
  return nullptr;
}

/// A failure where the report has none of that id.
[[nodiscard]] inline Table table_of(const Evidence& evidence, const std::string& id,
                                    const ReportSettings& settings = {}) {
  const Report report = compose_report(evidence, settings);
  const Table* const table = find_table(report, id);
  if (table == nullptr) ADD_FAILURE() << "no table " << id;
  return table == nullptr ? Table() : *table;
}

}  // namespace robiq::test
