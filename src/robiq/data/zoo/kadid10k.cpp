#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

/// KADID-10k: 81 pristine photographs under 25 distortions in 5 levels.
class Kadid10k : public PublishedSet {
 public:
  static constexpr const char* kName = "kadid10k";
  static constexpr const char* kSummary =
      "KADID-10k: 81 photographs x 25 distortions x 5 levels; its \"dmos\" is higher-is-better";
  static constexpr const char* kPaper = "Lin, Hosu and Saupe, QoMEX 2019";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path;
    static OptionTable<Options> options() {
      return {{"path", &Options::path, "kadid10k, or the folder that holds it"}};
    }
  };

  static PublishedFacts facts(const Options& /*options*/) {
    PublishedFacts facts;
    facts.pictures = 10'125;
    facts.contents = 81;
    facts.lowest = 1;
    facts.highest = 4.93;
    facts.traps = {
        "The column is called dmos and yet a larger value is better quality: it is used as it is, "
        "never turned round.",
        "The column var is said to hold standard deviations. It is not used.",
        "Split by reference, which is the default: 125 pictures show one scene."};
    return facts;
  }

  explicit Kadid10k(const Options& options)
      : PublishedSet(published_card<Kadid10k>(options), facts(options)) {
    const auto root = published_root(options.path, {kName, "kadid10k", "dmos.csv"});
    const CsvTable table = read_csv(root / "dmos.csv");
    const std::size_t image = table.column("dist_img"), reference = table.column("ref_img");
    const std::vector<double> mos = table.numbers("dmos");
    const FolderIndex pictures(find_published(root, {"images"}, "folder of pictures"));
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const std::string& name = table.rows[i][image];  // I01_09_3.png
      const std::string stem = std::filesystem::path(name).stem().string();
      const std::size_t type = stem.find('_'), level = stem.rfind('_');
      if (type == std::string::npos || level == type) {
        throw Error(ErrorKind::kData, {"'" + name + "' does not look like I01_09_3.png",
                                       table.source + ":" + std::to_string(table.lines[i]),
                                       "get the publisher's dmos.csv again"});
      }
      add({.id = name,
           .file = pictures.find(name),
           .mos = mos[i],
           .content = table.rows[i][reference],
           .distortion = stem.substr(type + 1, level - type - 1) + "-" + stem.substr(level + 1)});
    }
    finish();
  }
};

ROBIQ_REGISTER_PUBLISHED(Kadid10k);

}  // namespace
}  // namespace robiq
