#include <utility>

#include "robiq/core/text/text.h"
#include "robiq/report/evidence/filter_points.h"
#include "robiq/report/tables/sections.h"

namespace robiq {
namespace {

Table filter_table(const TableSource& source, const MeasuredSet& set) {
  Table table{set.table_id("filters"),
              source.caption("What everyday filters do to the score", set),
              {{"Filter", {"filter"}},
               {"Strength", {"strength"}},
               {"Model", {"model"}},
               {"Defense", {"defense"}},
               {"SSIM", {"ssim"}},
               {"PSNR (dB)", {"psnr_db"}},
               {"Score gained", {"gain"}}},
              {},
              {}};
  for (const FilterPoint& point : filter_points(source.evidence(), set.name)) {
    const About about = source.titles().about(point.subject, point.attack);
    table.rows.push_back({{word(point.filter),
                           word(number_text(point.strength)),
                           word(about.model),
                           word(about.defense),
                           {{value_of(point.ssim, 4)}},
                           {{value_of(point.psnr, 2)}},
                           {{value_of(point.gain, 2)}}},
                          about,
                          false});
  }
  table.notes = {
      "Score gained is the mean change of the score, of 100; SSIM and PSNR are between the "
      "filtered "
      "and the unfiltered pictures. A gain above 0 beside lost SSIM means that the model rewards "
      "damage: an encoder that is tuned by it will do such damage. Strengths are in each filter's "
      "own unit."};
  add_notes(table, set.seeds_notes);
  return table;
}

}  // namespace

Section filter_section(const TableSource& source) {
  Section section{"filters", "Everyday filters", "", {}};
  for (const MeasuredSet& set : source.sets()) {
    Table table = filter_table(source, set);
    if (!table.rows.empty()) section.blocks.push_back(std::move(table));
  }
  return section;
}

}  // namespace robiq
