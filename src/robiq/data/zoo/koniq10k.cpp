#include <unordered_map>

#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScores = "koniq10k_scores_and_distributions.csv";
constexpr const char* kSets = "koniq10k_distributions_sets.csv";

/// KonIQ-10k: 10073 photographs of Flickr's, rated by a crowd.
class Koniq10k : public PublishedSet {
 public:
  static constexpr const char* kName = "koniq10k";
  static constexpr const char* kSummary =
      "KonIQ-10k: 10073 photographs, three label scales (label=), higher is better";
  static constexpr const char* kPaper = "Hosu et al., IEEE TIP 2020";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path, label = "zscore", size = "1024x768", sets = "official";
    static OptionTable<Options> options() {
      return {
          {"path", &Options::path, "the folder with the CSV files and 1024x768 or 512x384"},
          {"label",
           &Options::label,
           "zscore: MOS_zscore, about 0..100, of scores_and_distributions.csv, which HyperIQA "
           "trains on; mos: its MOS, 1..5; sets: the MOS of distributions_sets.csv, 0..100",
           {"zscore", "mos", "sets"}},
          {"size", &Options::size, "which folder of pictures", {"1024x768", "512x384"}},
          {"sets",
           &Options::sets,
           "official: the publisher's 7058/1000/2015 of distributions_sets.csv; none: drawn anew",
           {"official", "none"}},
      };
    }
  };

  static PublishedFacts facts(const Options& options) {
    PublishedFacts facts;
    facts.pictures = 10'073;
    facts.range_is_nominal = options.label == "zscore";
    facts.lowest = options.label == "zscore" ? 0 : options.label == "mos" ? 1.096 : 3.912;
    facts.highest = options.label == "zscore" ? 100 : options.label == "mos" ? 4.310 : 88.389;
    if (options.sets == "official") {
      facts.official = {{"train", 7058}, {"val", 1000}, {"test", 2015}};
    }
    facts.traps = {
        "There are three labels: MOS (1..5) and MOS_zscore (0..100) in scores_and_distributions, "
        "and a MOS that is 0..100 already in distributions_sets. The z-score does not map linearly "
        "onto "
        "the MOS, so SROCC changes with the column: say which one you used.",
        "The official split is in distributions_sets; many papers draw 80/20 instead (sets=none)."};
    return facts;
  }

  explicit Koniq10k(const Options& options)
      : PublishedSet(published_card<Koniq10k>(options), facts(options)) {
    const fs::path root = published_root(options.path, {kName, "koniq10k", options.size});
    const bool from_sets = options.label == "sets";
    const fs::path file = from_sets ? sets_file(root) : scores_file(root);
    const CsvTable table = read_csv(file);
    const std::size_t image = table.column("image_name");
    const std::vector<double> mos = table.numbers(options.label == "zscore" ? "MOS_zscore" : "MOS");
    if (options.sets == "official") read_sets(sets_file(root));
    const FolderIndex pictures(root / options.size);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const std::string& name = table.rows[i][image];
      add({.id = name,
           .file = pictures.find(name),
           .mos = mos[i],
           .content = name,
           .split = options.sets == "official" ? set_of(name, root) : ""});
    }
    finish();
  }

 private:
  static fs::path scores_file(const fs::path& root) {
    return label_file(root, kScores,
                      "add it, or write label=sets to use the MOS of " + std::string(kSets));
  }
  static fs::path sets_file(const fs::path& root) {
    return label_file(root, kSets, "add it, or write sets=none and label=zscore or mos");
  }
  /// The publisher packs each CSV file by itself, so it may lie in a folder of its own name.
  static fs::path label_file(const fs::path& root, const std::string& name,
                             const std::string& hint) {
    for (const fs::path& file : {root / name, root / fs::path(name).stem() / name}) {
      std::error_code code;
      if (fs::is_regular_file(file, code)) return file;
    }
    throw Error(ErrorKind::kData, {"there is no label file '" + name + "'", root.string(), hint});
  }

  void read_sets(const fs::path& file) {
    const CsvTable table = read_csv(file);
    const std::size_t image = table.column("image_name"), set = table.column("set");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const std::string& word = table.rows[i][set];
      const std::string split = word == "training" ? "train" : word == "validation" ? "val" : word;
      if (split != "train" && split != "val" && split != "test") {
        throw Error(ErrorKind::kData, {"'" + word + "' is not one of training, validation and test",
                                       table.source + ":" + std::to_string(table.lines[i]),
                                       "get the publisher's file again"});
      }
      sets_[table.rows[i][image]] = split;
    }
  }
  [[nodiscard]] std::string set_of(const std::string& name, const fs::path& root) const {
    const auto found = sets_.find(name);
    if (found != sets_.end()) return found->second;
    throw Error(ErrorKind::kData, {"'" + name + "' is in no set of " + kSets, root.string(),
                                   "get the publisher's file again, or write sets=none"});
  }

  std::unordered_map<std::string, std::string> sets_;
};

ROBIQ_REGISTER_PUBLISHED(Koniq10k);

}  // namespace
}  // namespace robiq
