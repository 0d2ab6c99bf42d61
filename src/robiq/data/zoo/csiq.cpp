#include <array>

#include "robiq/core/text/text.h"
#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"

namespace robiq {
namespace {

/// A distortion as the label file, the folder and the file names call it.
struct CsiqDistortion {
  std::string_view word, folder, token;
};
constexpr std::array<CsiqDistortion, 6> kDistortions = {{{"noise", "awgn", "AWGN"},
                                                         {"blur", "blur", "BLUR"},
                                                         {"contrast", "contrast", "contrast"},
                                                         {"fnoise", "fnoise", "fnoise"},
                                                         {"jpeg", "jpeg", "JPEG"},
                                                         {"jpeg 2000", "jpeg2000", "jpeg2000"}}};

/// CSIQ: 30 photographs under 6 distortions in 4 or 5 levels.
class Csiq : public PublishedSet {
 public:
  static constexpr const char* kName = "csiq";
  static constexpr const char* kSummary =
      "CSIQ: 30 photographs x 6 distortions, 866 pictures, DMOS 0..1, lower is better";
  static constexpr const char* kPaper = "Larson and Chandler, Journal of Electronic Imaging 2010";
  static constexpr const char* kArgument = "path";

  struct Options {
    std::string path;
    static OptionTable<Options> options() {
      return {{"path", &Options::path, "the folder with csiq.DMOS.xlsx and dst_imgs"}};
    }
  };

  static PublishedFacts facts(const Options& /*options*/) {
    PublishedFacts facts;
    facts.pictures = 866;
    facts.contents = 30;
    facts.lowest = 0;
    facts.highest = 1;
    facts.higher_is_better = false;
    facts.traps = {
        "DMOS: 0 is the best quality and 1 the worst. Scores are compared on the normalised scale, "
        "where 100 is best.",
        "The labels are in sheet all_by_image of csiq.DMOS.xlsx; the publisher has no text file.",
        "The photograph \"1600\" is a number to Excel, and the sheet's words for the distortions "
        "are not the files' (noise is AWGN, jpeg 2000 is jpeg2000).",
        "Split by reference, which is the default."};
    return facts;
  }

  explicit Csiq(const Options& options)
      : PublishedSet(published_card<Csiq>(options), facts(options)) {
    const auto root = published_root(options.path, {kName, "CSIQ", "csiq.DMOS.xlsx"});
    const CsvTable table = sheet_table(root / "csiq.DMOS.xlsx", "all_by_image",
                                       {"image", "dst_type", "dst_lev", "dmos"});
    const std::vector<double> dmos = table.numbers("dmos");
    const auto folder = find_published(root, {"dst_imgs"}, "folder of pictures");
    std::vector<FolderIndex> pictures;
    for (const CsiqDistortion& distortion : kDistortions) {
      pictures.emplace_back(folder / distortion.folder);
    }
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const std::string where = table.source + ", row " + std::to_string(table.lines[i]);
      const std::size_t kind = kind_of(table.rows[i][1], where);
      const std::string image = whole(table.rows[i][0]), level = whole(table.rows[i][2]);
      const std::string name =
          image + "." + std::string(kDistortions[kind].token) + "." + level + ".png";
      add({.id = std::string(kDistortions[kind].folder) + "/" + name,
           .file = pictures[kind].find(name),
           .mos = dmos[i],
           .content = image,
           .distortion = std::string(kDistortions[kind].folder) + "-" + level});
    }
    finish();
  }

 private:
  /// Excel may store the text 1600 as the number 1600.0.
  static std::string whole(const std::string& cell) {
    double number = 0;
    return parse_number(cell, number) ? number_text(number) : cell;
  }

  static std::size_t kind_of(const std::string& given, const std::string& where) {
    const std::string word = lower_case(given);
    for (std::size_t i = 0; i < kDistortions.size(); ++i) {
      if (word == kDistortions[i].word || word == kDistortions[i].folder) return i;
    }
    throw Error(ErrorKind::kData,
                {"'" + given + "' is not a distortion of CSIQ", where,
                 "it should be noise, blur, contrast, fnoise, jpeg or jpeg 2000"});
  }
};

ROBIQ_REGISTER_PUBLISHED(Csiq);

}  // namespace
}  // namespace robiq
