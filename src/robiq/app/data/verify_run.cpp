#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/data/data_run.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/parallel.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/data/published_set.h"
#include "robiq/data/publisher_files.h"
#include "robiq/data/split.h"
#include "robiq/data/split_order.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/picture_header.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

/// What was found of one picture.
struct PictureReport {
  enum Fault { kNone, kMissing, kMisnamed, kTruncated, kUnreadable } fault = kNone;
  std::string what;    ///< of the fault
  std::string sha256;  ///< of its bytes
};

/// The kind that a file name promises; nothing for an ending of no picture.
std::optional<PictureKind> kind_of_name(const fs::path& file) {
  static const std::map<std::string, PictureKind> kinds = {
      {".jpg", PictureKind::kJpeg}, {".jpeg", PictureKind::kJpeg}, {".png", PictureKind::kPng},
      {".bmp", PictureKind::kBmp},  {".tif", PictureKind::kTiff},  {".tiff", PictureKind::kTiff},
      {".webp", PictureKind::kWebp}};
  const auto found = kinds.find(lower_case(file.extension().string()));
  return found == kinds.end() ? std::nullopt : std::optional(found->second);
}

const char* name_of(PictureKind kind) {
  switch (kind) {
    case PictureKind::kJpeg:
      return "JPEG";
    case PictureKind::kPng:
      return "PNG";
    case PictureKind::kBmp:
      return "BMP";
    case PictureKind::kTiff:
      return "TIFF";
    case PictureKind::kWebp:
      return "WebP";
  }
  return "";
}

/// A picture that is missing under its own name but there under another ending.
std::string namesake(const fs::path& file) {
  std::error_code code;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const fs::path& other = entry.path();
    if (entry.exists(code) && kind_of_name(other) &&
        lower_case(other.stem().string()) == lower_case(file.stem().string())) {
      return other.filename().string();
    }
  }
  return "";
}

PictureReport inspect_file(const ImageRecord& record) {
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
  PictureReport report;
  std::error_code code;
  if (!fs::is_regular_file(record.file, code)) {
    const std::string other = namesake(record.file);
    report.fault = other.empty() ? PictureReport::kMissing : PictureReport::kMisnamed;
    report.what = other.empty() ? record.id : record.id + " is not there, " + other + " is";
    if (fs::is_symlink(record.file, code))
      report.what = record.id + " is a link that leads nowhere";
    return report;
  }
  const std::string bytes = read_file(record.file, kLargest);
  report.sha256 = sha256(bytes);
  const PictureKind kind = inspect_picture(bytes, record.file.string()).kind;
  const std::optional<PictureKind> promised = kind_of_name(record.file);
  if (promised && *promised != kind) {
    report.fault = PictureReport::kMisnamed;
    report.what = record.id + " is a " + name_of(kind);
  }
  return report;
}

/// Decodes it to its end.
PictureReport inspect_record(const Dataset& dataset, const ImageRecord& record) {
  PictureReport report;
  try {
    if (!record.file.empty()) report = inspect_file(record);
    if (!record.file.empty() && report.sha256.empty()) return report;
    const at::Tensor pixels = dataset.read(record);
    if (record.file.empty()) {
      const at::Tensor bytes = pixels.contiguous();
      report.sha256 = sha256({reinterpret_cast<const char*>(bytes.data_ptr<std::uint8_t>()),
                              static_cast<std::size_t>(bytes.numel())});
    }
  } catch (const CutOffPicture& error) {
    report.fault = PictureReport::kTruncated;
    report.what = record.id + ": " + error.text().what;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    report.fault = PictureReport::kUnreadable;
    report.what = record.id + ": " + error.text().what;
  }
  return report;
}

std::vector<PictureReport> inspect_pictures(const Dataset& dataset, std::int64_t threads) {
  const auto records = dataset.records();
  std::vector<PictureReport> reports(records.size());
  SharedProgress progress("verify", std::ssize(records), "pictures");
  for_each_index(std::ssize(records), threads > 0 ? threads : usable_cores(), [&](std::int64_t i) {
    if (stop_requested()) throw Interrupted("nothing was changed; the same command begins anew");
    const auto index = static_cast<std::size_t>(i);
    reports[index] = inspect_record(dataset, records[index]);
    progress.add(1);
  });
  return reports;
}

DataCheck check_counts(const Dataset& dataset, const PublishedFacts* facts) {
  DataCheck row{"counts", "take the publisher's label file and archive again, whole", {}};
  if (facts == nullptr) return row;
  const auto compare = [&](const std::string& what, std::int64_t found, std::int64_t stated) {
    if (stated == 0 || found == stated) return;
    row.faults.push_back(fmt::format("{} {}, the publisher states {}", found, what, stated));
  };
  const auto records = dataset.records();
  compare("pictures", std::ssize(records), facts->pictures);
  compare("scenes", std::ssize(contents_in_order(records)), facts->contents);
  for (const auto& [part, stated] : facts->official) {
    const auto found = std::count_if(records.begin(), records.end(),
                                     [&](const ImageRecord& r) { return r.split == part; });
    compare(part + " pictures", found, stated);
  }
  return row;
}

DataCheck check_labels(const Dataset& dataset, const PublishedFacts* facts) {
  DataCheck row{"labels outside the scale",
                "compare the label file with the publisher's: a column or a row may have slipped",
                {}};
  const ScoreScale scale = dataset.card().scale;
  double low = scale.least(), high = scale.greatest();
  if (facts != nullptr) {  // stated with three digits behind the point
    const double slack = 1e-3 * (facts->highest - facts->lowest);
    low = facts->lowest - slack;
    high = facts->highest + slack;
  }
  for (const ImageRecord& record : dataset.records()) {
    if (record.mos >= low && record.mos <= high) continue;
    row.faults.push_back(record.id + " has " + number_text(record.mos));
  }
  return row;
}

DataCheck rows_of(const std::vector<PictureReport>& reports, PictureReport::Fault fault,
                  DataCheck row) {
  for (const PictureReport& report : reports) {
    if (report.fault == fault) row.faults.push_back(report.what);
  }
  return row;
}

DataCheck check_duplicates(const Dataset& dataset, const std::vector<PictureReport>& reports) {
  DataCheck row{"same bytes twice",
                "find out which is the true one: one picture with two labels, perhaps in two parts "
                "of a split",
                {}};
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i].sha256.empty()) continue;
    const auto [earlier, fresh] = first.emplace(reports[i].sha256, i);
    if (fresh) continue;
    row.faults.push_back(dataset.records()[i].id + " = " + dataset.records()[earlier->second].id);
  }
  return row;
}

/// The scenes that the data set, or the split that was given, puts into two parts.
DataCheck check_split(const Dataset& dataset, const std::string& split_file) {
  DataCheck row{"scenes in two parts of the split",
                "make a split with `robiq data split`, which divides by scene",
                {}};
  const auto records = dataset.records();
  try {
    std::vector<std::string> parts;
    for (const ImageRecord& record : records) parts.push_back(record.split);
    const Split split =
        split_file.empty() ? split_from_parts(records, parts) : read_split(split_file, records);
    row.faults = shared_contents(split, records);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    row.faults.push_back(error.text().what);
  }
  return row;
}

/// The first few of them.
std::string examples_of(const DataCheck& row) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> shown(
      row.faults.begin(),
      row.faults.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, row.faults.size())));
  if (row.faults.size() > kShown) shown.emplace_back("...");
  return join(shown, "; ");
}

}  // namespace

OptionTable<VerifyRequest> VerifyRequest::options() {
  using R = VerifyRequest;
  return {
      {"data", &R::data, "the data set: livec:PATH, csv:FILE, ..."},
      {"split_file", &R::split_file,
       "also check this split of it; \"\": the parts that the data set itself names"},
      {"threads", &R::threads, "threads that decode pictures; 0: the cores the process may use", 0,
       1024},
  };
}

ResultColumns<DataCheck> DataCheck::columns() {
  using R = DataCheck;
  ResultColumns<R> columns;
  columns.add("check", &R::check)
      .add("faults", [](const R& row) { return row.faults.size(); })
      .add("examples", examples_of)
      .add("hint", [](const R& row) { return row.faults.empty() ? std::string() : row.hint; })
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, Shown::kData);
  return columns;
}

std::vector<DataCheck> verify_dataset(const VerifyRequest& request) {
  const std::unique_ptr<Dataset> dataset = make_dataset(request.data);
  if (!request.split_file.empty()) {  // a file that is missing says nothing of the data
    static_cast<void>(read_file(request.split_file, std::uint64_t{1} << 30));
  }
  const auto* const published = dynamic_cast<const PublishedSet*>(dataset.get());
  const PublishedFacts* const facts = published == nullptr ? nullptr : &published->facts();
  const std::vector<PictureReport> reports = inspect_pictures(*dataset, request.threads);
  const std::string again = "get these files from the publisher again";
  const auto rows_with = [&](PictureReport::Fault fault, const char* check,
                             const std::string& hint) {
    return rows_of(reports, fault, {check, hint, {}});
  };
  return {check_counts(*dataset, facts),
          check_labels(*dataset, facts),
          rows_with(PictureReport::kMissing, "missing", again),
          rows_with(PictureReport::kMisnamed, "misnamed",
                    "give them the publisher's names, or get them again"),
          rows_with(PictureReport::kTruncated, "cut off",
                    "unpack the archive again; if they stay short, download it again"),
          rows_with(PictureReport::kUnreadable, "unreadable", again),
          check_duplicates(*dataset, reports),
          check_split(*dataset, request.split_file)};
}

}  // namespace robiq
