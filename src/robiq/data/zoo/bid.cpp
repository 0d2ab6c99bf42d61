#include <fmt/format.h>

#include <cmath>

#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

/// BID: 586 photographs with real blur.
class Bid : public PublishedSet {
 public:
  static constexpr const char* kName = "bid";
  static constexpr const char* kSummary =
      "BID: 586 photographs with real blur, grades 0..5, higher is better";
  static constexpr const char* kPaper = "Ciancio et al., IEEE TIP 2011";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path;
    static OptionTable<Options> options() {
      return {{"path", &Options::path, "the folder with DatabaseGrades.xlsx"}};
    }
  };

  static PublishedFacts facts(const Options& /*options*/) {
    PublishedFacts facts;
    facts.pictures = 586;
    facts.lowest = 0;
    facts.highest = 5;
    facts.range_is_nominal = true;
    facts.traps = {
        "The numbers in DatabaseImage0001.JPG have gaps: pictures are found by the sheet's Image "
        "Number, never by counting files.",
        "The sheet is called Plan1; the grades are its column Average Subjective Grade."};
    return facts;
  }

  explicit Bid(const Options& options)
      : PublishedSet(published_card<Bid>(options), facts(options)) {
    const auto root = published_root(options.path, {kName, "BID", "DatabaseGrades.xlsx"});
    const CsvTable table = sheet_table(root / "DatabaseGrades.xlsx", "Plan1",
                                       {"Image Number", "Average Subjective Grade"});
    const std::vector<double> numbers = table.numbers("Image Number");
    const std::vector<double> grades = table.numbers("Average Subjective Grade");
    const bool deeper = std::filesystem::is_directory(root / "ImageDatabase");
    const FolderIndex pictures(deeper ? root / "ImageDatabase" : root);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] < 0 || numbers[i] > 9999 || numbers[i] != std::floor(numbers[i])) {
        throw Error(ErrorKind::kData, {"'" + table.rows[i][0] + "' is not an image number",
                                       table.source + ", row " + std::to_string(table.lines[i]),
                                       "get the publisher's DatabaseGrades.xlsx again"});
      }
      const std::string name = fmt::format("DatabaseImage{:04}.JPG", int(numbers[i]));
      add({.id = name, .file = pictures.find(name), .mos = grades[i], .content = name});
    }
    finish();
  }
};

ROBIQ_REGISTER_PUBLISHED(Bid);

}  // namespace
}  // namespace robiq
