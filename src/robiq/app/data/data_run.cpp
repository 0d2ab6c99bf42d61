#include "robiq/app/data/data_run.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/options/params.h"
#include "robiq/core/parallel.h"
#include "robiq/core/progress.h"
#include "robiq/core/stop.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/data/synthetic/pseudo_mos.h"
#include "robiq/data/synthetic/rated_scene.h"
#include "robiq/data/synthetic/scene/scene.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/run_inputs.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/pictures/picture_header.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using synthetic::BytePlanes;

using Row = std::vector<std::string>;

/// Written first, so that a second run knows the folder as its own.
constexpr const char* kMarker = "synthesize.toml";
constexpr const char* kTable = "dataset.csv";

/// One photograph and how many of its scenes are used.
struct Photograph {
  fs::path file;
  std::size_t found = 0, used = 0;
  std::vector<Row> rows;
};

void stop_if_asked(const SynthesizeRequest& request) {
  if (!stop_requested()) return;
  throw Interrupted("run the same command again to finish " + request.out);
}

bool wanted(const fs::path& file, const std::vector<std::string>& only) {
  if (only.empty()) return true;
  return std::any_of(only.begin(), only.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), file.filename().c_str(), 0) == 0;
  });
}

void check_folders_given(const SynthesizeRequest& request) {
  if (!request.out.empty() && !request.from.empty()) return;
  throw Error(ErrorKind::kUsage,
              {request.from.empty() ? "no folder of photographs" : "no folder for the data set",
               request.from.empty() ? "--from" : "--out",
               "write robiq data synthesize --from DIR --out DIR"});
}

std::vector<Photograph> list_photographs(const SynthesizeRequest& request) {
  std::error_code code;
  if (!fs::is_directory(request.from, code)) {
    throw Error(ErrorKind::kData, {"there is no folder '" + request.from + "'", "--from",
                                   "name a folder of photographs"});
  }
  std::vector<Photograph> photographs;
  std::set<std::string> stems;
  for (const fs::path& file : pictures_in(request.from)) {
    if (!wanted(file, request.only)) continue;
    require_utf8_name(file.filename().string(), request.from);
    photographs.push_back({file, 0, 0, {}});
    if (!stems.insert(file.stem().string()).second) {
      throw Error(ErrorKind::kData,
                  {"two photographs are called '" + file.stem().string() + "', with other endings",
                   request.from, "rename one, or choose with --only"});
    }
  }
  if (photographs.empty()) {
    throw Error(ErrorKind::kData,
                {"no photograph in '" + request.from + "'" +
                     (request.only.empty() ? "" : " matches " + join(request.only, ", ")),
                 "--from", "name a folder that holds JPEG, PNG, BMP, TIFF or WebP files"});
  }
  return photographs;
}

std::vector<BytePlanes> scenes_of(const SynthesizeRequest& request, const Photograph& photograph) {
  CutRule rule;
  rule.size = request.size;
  rule.short_side = request.short_side > 0 ? request.short_side : 3 * request.size;
  rule.per_photo = request.per_photo;
  const Rng rng = Rng(static_cast<std::uint64_t>(request.seed)).child("cuts");
  return cut_photograph(photograph.file, rule, rng.child(photograph.file.filename().string()));
}

/// Deals the wanted number of scenes out to the photographs in turn.
/// \return how many there are
std::size_t choose_scenes(const SynthesizeRequest& request, std::vector<Photograph>& photographs) {
  std::size_t found = 0;
  for (const Photograph& photograph : photographs) found += photograph.found;
  const auto limit = static_cast<std::size_t>(request.scenes);
  if (found == 0 || found < limit) {
    throw Error(ErrorKind::kData,
                {fmt::format("{} photographs give {} scenes of {}x{} pixels{}", photographs.size(),
                             found, request.size, request.size,
                             limit > 0 ? fmt::format(", {} are wanted", limit) : ""),
                 request.from,
                 "give more or larger photographs, a smaller --size, or more of each "
                 "with --per-photo"});
  }
  const std::size_t total = limit > 0 ? limit : found;
  for (std::size_t chosen = 0; chosen < total;) {
    for (Photograph& photograph : photographs) {
      if (chosen < total && photograph.used < photograph.found) ++photograph.used, ++chosen;
    }
  }
  return total;
}

at::Tensor tensor_of(const BytePlanes& picture) {
  at::Tensor bytes = at::empty({3, picture.height, picture.width}, at::kByte);
  std::memcpy(bytes.data_ptr<std::uint8_t>(), picture.values.data(), picture.values.size());
  return bytes;
}

/// Writes one scene under every treatment and adds its rows of the table.
void write_scene(const SynthesizeRequest& request, Photograph& photograph, std::size_t number,
                 const BytePlanes& scene) {
  const std::string content = photograph.file.filename().string();
  const Rng seed(static_cast<std::uint64_t>(request.seed));
  const Rng noise = seed.child("distortion").child(content).child(number);
  const auto treatments = synthetic::all_treatments();
  const auto rated = synthetic::rate_scene(scene, noise);
  for (std::size_t i = 0; i < treatments.size(); ++i) {
    const std::string name = fmt::format("images/{}-{:02}-{}.png", photograph.file.stem().string(),
                                         number, treatments[i].name());
    write_png(fs::path(request.out) / name, tensor_of(rated[i].bytes));
    const double mos =
        synthetic::noisy_rating(rated[i].mos, request.noise, seed.child("rating").child(name));
    photograph.rows.push_back({name, number_text(mos), content, treatments[i].name()});
  }
}

/// \return true when an earlier run of the same request was finished there
bool claim_folder(const SynthesizeRequest& request) {
  const fs::path out = request.out;
  const std::string text = toml_text(identity_values(request));
  if (fs::exists(out) && !(fs::is_directory(out) && fs::is_empty(out))) {
    const bool ours = fs::is_regular_file(out / kMarker) &&
                      sorted_options_in(read_file(out / kMarker, std::uint64_t{1} << 20)) ==
                          sorted_options_in(text);
    if (!ours) {
      throw Error(ErrorKind::kUsage, {"'" + request.out +
                                          "' is not empty, and not what this command "
                                          "wrote before with the same options",
                                      "--out", "name a new or an empty folder"});
    }
  }
  write_file(out / kMarker, text);
  return fs::exists(out / kTable);
}

SynthesizedSet summary_of(const std::vector<Photograph>& photographs, std::size_t scenes) {
  SynthesizedSet set;
  set.scenes = scenes;
  for (const Photograph& photograph : photographs) {
    set.pictures += photograph.rows.size();
    set.photographs += photograph.used > 0 ? 1 : 0;
    for (const Row& row : photograph.rows) {
      double mos = 0;
      (void)parse_number(row[1], mos);
      set.mos_least = std::min(set.mos_least, mos);
      set.mos_greatest = std::max(set.mos_greatest, mos);
    }
  }
  return set;
}

}  // namespace

OptionTable<SynthesizeRequest> SynthesizeRequest::options() {
  using R = SynthesizeRequest;
  return {
      {"from", &R::from, "folder of pristine photographs"},
      Option<R>{"out", &R::out, "new folder for the data set"}.where_only(),
      {"only", &R::only, "use files whose names match one of these patterns, e.g. kodim*"},
      {"size", &R::size, "side of the square scenes",
       static_cast<double>(synthetic::kSmallestScene),
       static_cast<double>(synthetic::kLargestScene), "pixels"},
      {"scenes", &R::scenes, "how many scenes, dealt out to the photographs; 0: all there are", 0,
       100'000},
      {"per_photo", &R::per_photo, "most scenes from one photograph; 0: all that fit", 0, 10'000},
      {"short_side", &R::short_side,
       "shrink photographs so that their short side is at most this; 0: three times size", 0,
       100'000, "pixels"},
      {"seed", &R::seed, "seed of the choice of scenes, the white noise and the rating noise", 0,
       9e15},
      {"noise", &R::noise, "standard deviation of seeded rating noise", 0, 100, "MOS points"},
  };
}

ResultColumns<SynthesizedSet> SynthesizedSet::columns() {
  using R = SynthesizedSet;
  ResultColumns<R> columns;
  columns.add("photographs", &R::photographs)
      .add("scenes", &R::scenes)
      .add("pictures", &R::pictures)
      .add("mos_least", &R::mos_least)
      .add("mos_greatest", &R::mos_greatest)
      .add("csv", &R::csv)
      .add("finished_before", &R::finished_before)
      .add("robiq_version", [](const R&) { return std::string(version()); });
  return columns;
}

SynthesizedSet synthesize(const SynthesizeRequest& request) {
  check_folders_given(request);
  std::vector<Photograph> photographs = list_photographs(request);
  const auto count = static_cast<std::int64_t>(photographs.size());
  for_each_index(count, usable_cores(), [&](std::int64_t i) {
    stop_if_asked(request);
    Photograph& photograph = photographs[static_cast<std::size_t>(i)];
    photograph.found = scenes_of(request, photograph).size();
  });
  const std::size_t scenes = choose_scenes(request, photographs);
  const bool finished_before = claim_folder(request);
  if (finished_before) {
    log::info("{} was finished before; the pictures are written again", request.out);
    // Until all of them are, no table may say that they are there.
    fs::remove(fs::path(request.out) / kTable);
  }
  SharedProgress progress("synthesize", static_cast<std::int64_t>(scenes), "scenes");
  for_each_index(count, usable_cores(), [&](std::int64_t i) {
    Photograph& photograph = photographs[static_cast<std::size_t>(i)];
    if (photograph.used == 0) return;
    const std::vector<BytePlanes> cuts = scenes_of(request, photograph);
    for (std::size_t number = 0; number < photograph.used; ++number) {
      stop_if_asked(request);
      write_scene(request, photograph, number, cuts[number]);
      progress.add(1);
    }
  });
  std::vector<Row> rows;
  for (const Photograph& photograph : photographs) {
    rows.insert(rows.end(), photograph.rows.begin(), photograph.rows.end());
  }
  const fs::path table = fs::path(request.out) / kTable;
  write_csv(table, {"image", "mos", "content", "distortion"}, rows);
  SynthesizedSet set = summary_of(photographs, scenes);
  set.csv = table;
  set.finished_before = finished_before;
  return set;
}

}  // namespace robiq
