#include <array>

#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

/// A folder of the set and how many pictures it holds; the label files have them one after another.
struct LiveFolder {
  const char* name;
  std::size_t pictures;
};
constexpr std::array<LiveFolder, 5> kFolders = {
    {{"jp2k", 227}, {"jpeg", 233}, {"wn", 174}, {"gblur", 174}, {"fastfading", 174}}};
constexpr std::size_t kRows = 982;

/// LIVE, release 2: 29 photographs under 5 distortions.
class Live : public PublishedSet {
 public:
  static constexpr const char* kName = "live";
  static constexpr const char* kSummary =
      "LIVE release 2: 29 photographs x 5 distortions, 779 rated pictures, DMOS, lower is better";
  static constexpr const char* kPaper = "Sheikh, Sabir and Bovik, IEEE TIP 2006";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path, label = "realigned";
    static OptionTable<Options> options() {
      return {
          {"path", &Options::path, "databaserelease2, or the folder that holds it"},
          {"label",
           &Options::label,
           "realigned: dmos_new of dmos_realigned.mat, a download of its own, which papers use; "
           "dmos: dmos.mat. They are different numbers",
           {"realigned", "dmos"}},
      };
    }
  };

  static PublishedFacts facts(const Options& options) {
    PublishedFacts facts;
    facts.pictures = 779;
    facts.contents = 29;
    facts.range_is_nominal = options.label == "dmos";
    facts.lowest = options.label == "dmos" ? 0 : -2.640;
    facts.highest = options.label == "dmos" ? 120 : 111.775;
    facts.higher_is_better = false;
    facts.traps = {
        "Of 982 rows 203 are unimpaired copies of the references (orgs = 1), which were not rated "
        "as distorted pictures: 779 are left.",
        "DMOS: larger is worse. The realigned values leave 0..100 at both ends "
        "(-2.640 .. 111.775).",
        "dmos and dmos_new are different labels: say which one you used.",
        "Split by reference, which is the default. Published code took its references in the "
        "order of an unsorted folder, so its random splits cannot be had again."};
    return facts;
  }

  explicit Live(const Options& options)
      : PublishedSet(published_card<Live>(options), facts(options)) {
    const auto root = published_root(options.path, {kName, "databaserelease2", "refnames_all.mat"});
    const bool realigned = options.label == "realigned";
    const auto labels = find_published(
        root, {realigned ? "dmos_realigned.mat" : "dmos.mat"},
        realigned ? "label file (a download of its own; label=dmos does without)" : "label file");
    const auto references = mat_texts(root / "refnames_all.mat", "refnames_all");
    const auto dmos = mat_numbers(labels, realigned ? "dmos_new" : "dmos");
    const auto copies = mat_numbers(labels, "orgs");
    check(labels, {references.size(), dmos.size(), copies.size()});
    std::size_t row = 0;
    for (const LiveFolder& folder : kFolders) {
      const FolderIndex pictures(find_published(root, {folder.name}, "folder of pictures"));
      for (std::size_t i = 1; i <= folder.pictures; ++i, ++row) {
        if (copies[row] != 0) continue;
        const std::string name = "img" + std::to_string(i) + ".bmp";
        add({.id = std::string(folder.name) + "/" + name,
             .file = pictures.find(name),
             .mos = dmos[row],
             .content = references[row],
             .distortion = folder.name});
      }
    }
    finish();
  }

 private:
  static void check(const std::filesystem::path& file, const std::array<std::size_t, 3>& sizes) {
    for (const std::size_t size : sizes) {
      if (size == kRows) continue;
      throw Error(ErrorKind::kData,
                  {"it and refnames_all.mat have " + std::to_string(sizes[0]) + " references, " +
                       std::to_string(sizes[1]) + " labels and " + std::to_string(sizes[2]) +
                       " flags; LIVE has 982 of each",
                   file.string(), "get the publisher's files again"});
    }
  }
};

ROBIQ_REGISTER_PUBLISHED(Live);

}  // namespace
}  // namespace robiq
