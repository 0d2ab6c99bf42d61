#include <algorithm>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

/// PIPAL, the rated training part: 200 patches under 116 distortions, results of networks included.
class Pipal : public PublishedSet {
 public:
  static constexpr const char* kName = "pipal";
  static constexpr const char* kSummary =
      "PIPAL: 200 patches x 116 distortions, Elo scores 917..1836, higher is better";
  static constexpr const char* kPaper = "Gu et al., ECCV 2020";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path;
    static OptionTable<Options> options() {
      return {{"path", &Options::path, "the folder with Train_Label and Distortion_1..4"}};
    }
  };

  static PublishedFacts facts(const Options& /*options*/) {
    PublishedFacts facts;
    facts.pictures = 23'200;
    facts.contents = 200;
    facts.lowest = 916.71;
    facts.highest = 1835.99;
    facts.traps = {
        "The labels are Elo scores of about 900 to 1850, not 0..1: files of other programs that "
        "say 0..1 have scaled them.",
        "Only the 200 training references have public labels.",
        "Split by reference, which is the default: 116 pictures show one scene."};
    return facts;
  }

  explicit Pipal(const Options& options)
      : PublishedSet(published_card<Pipal>(options), facts(options)) {
    const fs::path root = published_root(options.path, {kName, "PIPAL", "Train_Label"});
    for (const char* name :
         {"Distortion_1", "Distortion_2", "Distortion_3", "Distortion_4", "Dist_Imgs"}) {
      std::error_code code;
      if (fs::is_directory(root / name, code)) folders_.emplace_back(root / name);
    }
    if (folders_.empty()) {
      throw Error(ErrorKind::kData, {"there is no folder 'Distortion_1' to 'Distortion_4'",
                                     root.string(), "unpack the publisher's archives there"});
    }
    std::vector<fs::path> lists;
    for (const auto& entry : fs::directory_iterator(root / "Train_Label")) {
      if (entry.path().extension() == ".txt") lists.push_back(entry.path());
    }
    std::sort(lists.begin(), lists.end());
    for (const fs::path& list : lists) read_list(list);
    finish();
  }

 private:
  static constexpr std::uint64_t kLargestList = std::uint64_t{1} << 20;

  /// One reference's file: A0001_00_00.bmp,1520.0648 a line.
  void read_list(const fs::path& list) {
    std::size_t line_number = 0;
    for (const std::string& line : split(read_file(list, kLargestList), '\n')) {
      ++line_number;
      if (trim(line).empty()) continue;
      const std::vector<std::string> parts = split(trim(line), ',');
      double elo = 0;
      if (parts.size() != 2 || !parse_number(trim(parts[1]), elo)) {
        throw Error(ErrorKind::kData, {"the line is not 'A0001_00_00.bmp,1520.06'",
                                       list.string() + ":" + std::to_string(line_number),
                                       "get the publisher's Train_Label again"});
      }
      const std::string name(trim(parts[0]));
      const std::string stem = fs::path(name).stem().string();
      const std::size_t rest = std::min(stem.find('_'), stem.size());
      std::string distortion = rest < stem.size() ? stem.substr(rest + 1) : "";
      std::replace(distortion.begin(), distortion.end(), '_', '-');
      add({.id = name,
           .file = find(name),
           .mos = elo,
           .content = stem.substr(0, rest),
           .distortion = distortion});
    }
  }

  [[nodiscard]] fs::path find(const std::string& name) const {
    for (const FolderIndex& folder : folders_) {
      fs::path file = folder.find(name);
      std::error_code code;
      if (fs::exists(file, code)) return file;
    }
    return folders_.front().find(name);
  }

  std::vector<FolderIndex> folders_;
};

ROBIQ_REGISTER_PUBLISHED(Pipal);

}  // namespace
}  // namespace robiq
