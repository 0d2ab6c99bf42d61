#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

/// LIVE In the Wild Image Quality Challenge: 1162 photographs by phones, rated by a crowd.
class LiveChallenge : public PublishedSet {
 public:
  static constexpr const char* kName = "livec";
  static constexpr const char* kSummary =
      "LIVE In the Wild Challenge: 1162 photographs by phones, MOS 3.42..92.43, higher is better";
  static constexpr const char* kPaper = "Ghadiyaram and Bovik, IEEE TIP 2016";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path;
    static OptionTable<Options> options() {
      return {{"path", &Options::path, "ChallengeDB_release, or the folder that holds it"}};
    }
  };

  static PublishedFacts facts(const Options& /*options*/) {
    PublishedFacts facts;
    facts.pictures = 1162;
    facts.lowest = 3.42;
    facts.highest = 92.43;
    facts.traps = {
        "The first 7 of the 1169 rows are the training images t1..t7 of the ratings: they are left "
        "out. A reader that forgets them shifts every label by 7.",
        "The order is that of AllImages_release.mat (100.bmp, 101.bmp, ..., 10.bmp): published "
        "splits are positions in it, so it is never sorted.",
        "All pictures have 500x500 pixels but two, which are larger."};
    return facts;
  }

  explicit LiveChallenge(const Options& options)
      : PublishedSet(published_card<LiveChallenge>(options), facts(options)) {
    const auto root = published_root(options.path, {kName, "ChallengeDB_release", "Data"});
    const auto list = find_published(root, {"Data/AllImages_release.mat"}, "label file");
    const auto labels = find_published(root, {"Data/AllMOS_release.mat"}, "label file");
    const std::vector<std::string> names = mat_texts(list, "AllImages_release");
    const std::vector<double> mos = mat_numbers(labels, "AllMOS_release");
    check(list, names, mos.size());
    const FolderIndex pictures(find_published(root, {"Images"}, "folder of pictures"));
    for (std::size_t i = kTraining; i < names.size(); ++i) {
      add({.id = names[i], .file = pictures.find(names[i]), .mos = mos[i], .content = names[i]});
    }
    finish();
  }

 private:
  static constexpr std::size_t kTraining = 7;

  /// t1.bmp ... t7.bmp
  static bool is_training(const std::string& name) {
    return name.size() > 2 && lower_case(name)[0] == 't' && name[1] >= '1' && name[1] <= '7' &&
           name[2] == '.';
  }

  static void check(const std::filesystem::path& list, const std::vector<std::string>& names,
                    std::size_t labels) {
    const auto refuse = [&](const std::string& what) {
      throw Error(ErrorKind::kData, {what, list.string(),
                                     "use the publisher's AllImages_release.mat and "
                                     "AllMOS_release.mat, 1169 rows each, unchanged"});
    };
    if (names.size() != labels) {
      refuse(std::to_string(names.size()) + " pictures are listed and " + std::to_string(labels) +
             " labels");
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (is_training(names[i]) == (i < kTraining)) continue;
      refuse("row " + std::to_string(i + 1) + " is '" + names[i] +
             "': the first 7 rows, and only they, should be the training images t1..t7");
    }
    if (names.size() < kTraining) refuse("the 7 training images are not there");
  }
};

ROBIQ_REGISTER_PUBLISHED(LiveChallenge);

}  // namespace
}  // namespace robiq
