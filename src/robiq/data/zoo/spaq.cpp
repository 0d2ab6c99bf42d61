#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

constexpr const char* kLabels = "Annotations/MOS and Image attribute scores.xlsx";

/// SPAQ: 11125 photographs by smartphones.
class Spaq : public PublishedSet {
 public:
  static constexpr const char* kName = "spaq";
  static constexpr const char* kSummary =
      "SPAQ: 11125 photographs by smartphones, MOS 2..96, higher is better";
  static constexpr const char* kPaper = "Fang et al., CVPR 2020";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path;
    static OptionTable<Options> options() {
      return {{"path", &Options::path, "SPAQ, or the folder that holds it"}};
    }
  };

  static PublishedFacts facts(const Options& /*options*/) {
    PublishedFacts facts;
    facts.pictures = 11'125;
    facts.lowest = 2;
    facts.highest = 96;
    facts.traps = {
        "The archive comes in parts and often unpacks with cut-off JPEG files: run `robiq data "
        "verify`, which decodes every picture to its end.",
        "The pictures are large, several thousand pixels wide: models that take the whole picture "
        "need them shrunk first."};
    return facts;
  }

  explicit Spaq(const Options& options)
      : PublishedSet(published_card<Spaq>(options), facts(options)) {
    const auto root = published_root(options.path, {kName, "SPAQ", "Annotations"});
    const auto file = find_published(root, {kLabels}, "label file");
    const CsvTable table = sheet_table(file, "", {"Image name", "MOS"});
    const std::vector<double> mos = table.numbers("MOS");
    const FolderIndex pictures(
        find_published(root, {"TestImage", "Dataset/TestImage"}, "folder of pictures"));
    for (std::size_t i = 0; i < mos.size(); ++i) {
      const std::string& name = table.rows[i][0];
      add({.id = name, .file = pictures.find(name), .mos = mos[i], .content = name});
    }
    finish();
  }
};

ROBIQ_REGISTER_PUBLISHED(Spaq);

}  // namespace
}  // namespace robiq
