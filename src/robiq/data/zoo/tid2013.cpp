#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

/// TID2013: 25 pictures under 24 distortions in 5 levels.
class Tid2013 : public PublishedSet {
 public:
  static constexpr const char* kName = "tid2013";
  static constexpr const char* kSummary =
      "TID2013: 25 pictures x 24 distortions x 5 levels, MOS 0.24..7.21, higher is better";
  static constexpr const char* kPaper = "Ponomarenko et al., Signal Processing: Image Comm. 2015";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path;
    static OptionTable<Options> options() {
      return {{"path", &Options::path, "tid2013, or the folder that holds it"}};
    }
  };

  static PublishedFacts facts(const Options& /*options*/) {
    PublishedFacts facts;
    facts.pictures = 3000;
    facts.contents = 25;
    facts.lowest = 0.24242;
    facts.highest = 7.21429;
    facts.traps = {
        "File names are listed and shipped in different letter case (I20_13_1.BMP, i09_23_4.bmp): "
        "they are looked up whatever the case, and two files that differ only in case are an "
        "error.",
        "The 25th picture is synthetic, not a photograph.",
        "Split by reference, which is the default: 120 pictures show one scene."};
    return facts;
  }

  explicit Tid2013(const Options& options)
      : PublishedSet(published_card<Tid2013>(options), facts(options)) {
    const auto root = published_root(options.path, {kName, "tid2013", "mos_with_names.txt"});
    const auto file = root / "mos_with_names.txt";
    const FolderIndex pictures(find_published(root, {"distorted_images"}, "folder of pictures"));
    std::size_t line_number = 0;
    for (const std::string& line : split(read_file(file, kLargestList), '\n')) {
      ++line_number;
      if (trim(line).empty()) continue;
      const std::string_view text = trim(line);
      const std::string_view number = text.substr(0, text.find_first_of(" \t"));
      const std::string name(trim(text.substr(number.size())));
      double mos = 0;
      if (!parse_number(number, mos) || !is_name(name)) {
        throw Error(ErrorKind::kData, {"the line is not 'MOS I01_01_1.bmp'",
                                       file.string() + ":" + std::to_string(line_number),
                                       "get the publisher's mos_with_names.txt again"});
      }
      add({.id = name,
           .file = pictures.find(name),
           .mos = mos,
           .content = lower_case(name.substr(0, 3)),
           .distortion = name.substr(4, 2) + "-" + name.substr(7, 1)});
    }
    finish();
  }

 private:
  static constexpr std::uint64_t kLargestList = std::uint64_t{1} << 20;

  /// I01_02_3.bmp, in letters of either case.
  static bool is_name(const std::string& name) {
    constexpr std::string_view kForm = "i00_00_0.bmp";
    if (name.size() != kForm.size()) return false;
    const std::string small = lower_case(name);
    for (std::size_t i = 0; i < kForm.size(); ++i) {
      const bool digit = small[i] >= '0' && small[i] <= '9';
      if (kForm[i] == '0' ? !digit : small[i] != kForm[i]) return false;
    }
    return true;
  }
};

ROBIQ_REGISTER_PUBLISHED(Tid2013);

}  // namespace
}  // namespace robiq
