#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <unordered_map>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/data/dataset.h"
#include "robiq/io/table/csv.h"
#include "robiq/io/table/table_text.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

constexpr double kFromFile = std::numeric_limits<double>::quiet_NaN();

/// Pictures and labels listed in a CSV file.
class CsvList : public Dataset {
 public:
  static constexpr const char* kName = "csv";
  static constexpr const char* kSummary =
      "pictures listed in a CSV file: image,mos[,reference][,split][,content][,distortion]";
  static constexpr const char* kPaper = "";
  static constexpr const char* kArgument = "file";

  struct Options {
    std::string file, separator = "comma";
    double worst = kFromFile, best = kFromFile;
    static OptionTable<Options> options() {
      return {
          {"file", &Options::file, "the CSV file; picture paths are relative to its folder"},
          {"separator",
           &Options::separator,
           "what stands between the cells",
           {"comma", "semicolon", "tab", "bar"}},
          {"worst", &Options::worst,
           "label of the worst quality; nan: the smallest in the file. Above best for DMOS"},
          {"best", &Options::best, "label of the best quality; nan: the largest in the file"},
      };
    }
  };

  explicit CsvList(const Options& options) : file_(options.file) {
    if (options.file.empty()) {
      throw Error(ErrorKind::kUsage,
                  {"the data set csv needs a file", "--data csv", "write csv:FILE"});
    }
    const CsvTable table = read_csv(file_, separator_named(options.separator));
    read_rows(table);
    set_card(options);
  }

  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }

 private:
  [[noreturn]] static void refuse(const CsvTable& table, std::size_t row, const std::string& what,
                                  const std::string& hint) {
    throw Error(ErrorKind::kData,
                {what, table.source + ":" + std::to_string(table.lines[row]), hint});
  }

  void read_rows(const CsvTable& table) {
    const std::size_t image = table.column("image");
    const std::vector<double> mos = table.numbers("mos");
    if (table.rows.empty()) {
      throw Error(ErrorKind::kData, {"the table lists no pictures", table.source,
                                     "add rows below the header image,mos"});
    }
    std::unordered_map<std::string, std::int64_t> seen;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      ImageRecord record;
      record.id = table.rows[row][image];
      record.file = picture_file(table, row, record.id);
      record.mos = mos[row];
      record.split = split_of(table, row);
      record.distortion = cell(table, row, "distortion");
      record.content = cell(table, row, "content");
      if (record.content.empty()) record.content = cell(table, row, "reference");
      if (record.content.empty()) record.content = record.id;
      const auto [first, fresh] =
          seen.emplace(record.file.lexically_normal().string(), table.lines[row]);
      if (!fresh) {
        refuse(table, row,
               "'" + record.id + "' is listed already on line " + std::to_string(first->second),
               "remove one of the two rows");
      }
      records_.push_back(std::move(record));
    }
  }

  /// "" where the table has no such column.
  static std::string cell(const CsvTable& table, std::size_t row, const std::string& column) {
    return table.has_column(column) ? table.rows[row][table.column(column)] : "";
  }

  [[nodiscard]] fs::path picture_file(const CsvTable& table, std::size_t row,
                                      const std::string& name) const {
    if (name.empty()) refuse(table, row, "the cell under image is empty", "name a picture");
    return file_.parent_path() / name;  // whether it is there is looked at by those who read it
  }

  static std::string split_of(const CsvTable& table, std::size_t row) {
    std::string split = cell(table, row, "split");
    if (split.empty() || split == "train" || split == "val" || split == "test") return split;
    refuse(table, row, "'" + split + "' is not a split",
           "write train, val or test, or leave it empty");
  }

  void set_card(const Options& options) {
    const auto by_mos = [](const ImageRecord& a, const ImageRecord& b) { return a.mos < b.mos; };
    const auto [low, high] = std::minmax_element(records_.begin(), records_.end(), by_mos);
    card_.scale.worst = std::isnan(options.worst) ? low->mos : options.worst;
    card_.scale.best = std::isnan(options.best) ? high->mos : options.best;
    if (card_.scale.worst == card_.scale.best) {
      throw Error(
          ErrorKind::kData,
          {"worst and best label are both " + number_text(card_.scale.worst), options.file,
           "write the ends of the scale behind the file's name: csv:FILE,worst=0,best=100"});
    }
    card_.name = kName;
    card_.paper = kPaper;
    card_.spec = "csv:" + with_doubled_commas(options.file) +
                 (options.separator == "comma" ? "" : ",separator=" + options.separator) +
                 ",worst=" + number_text(card_.scale.worst) +
                 ",best=" + number_text(card_.scale.best);
  }

  fs::path file_;
  DatasetCard card_;
  std::vector<ImageRecord> records_;
};

ROBIQ_REGISTER(Dataset, CsvList);

}  // namespace
}  // namespace robiq
