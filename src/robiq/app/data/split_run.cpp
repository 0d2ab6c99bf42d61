#include "robiq/app/data/split_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/version.h"
#include "robiq/data/split_order.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& what, const std::string& flag,
                         const std::string& hint) {
  throw Error(ErrorKind::kUsage, {what, flag, hint});
}

void check(const SplitRequest& request) {
  if (request.out.empty()) refuse("no file for the split", "--out", "name a CSV file to write");
  const bool in_order = !request.order.empty();
  if (in_order && request.repeats > 1) {
    refuse("one order gives one split", "--repeats", "leave out --repeats or --order");
  }
  if (in_order && request.draw != "robiq") {
    refuse("an order that is given is not drawn", "--draw", "leave out --draw or --order");
  }
  constexpr std::int64_t kSeeds = std::int64_t{1} << 32;
  if (request.draw == "numpy" && request.seed + request.repeats > kSeeds) {
    refuse("NumPy's seeds are below 2^32", "--seed", "choose a smaller one");
  }
}

/// The records as they are to be divided.
std::vector<ImageRecord> records_for(const SplitRequest& request, const Dataset& dataset) {
  std::vector<ImageRecord> records(dataset.records().begin(), dataset.records().end());
  for (ImageRecord& record : records) {
    if (request.by == "image") record.content = record.id;
    if (!request.official) record.split.clear();
  }
  return records;
}

/// Whether the data set names the part of some picture, and that is kept.
bool keeps_official(const SplitRequest& request, const std::vector<ImageRecord>& records) {
  return request.draw == "robiq" && request.order.empty() &&
         std::any_of(records.begin(), records.end(),
                     [](const ImageRecord& record) { return !record.split.empty(); });
}

Split draw(const SplitRequest& request, const std::vector<ImageRecord>& records,
           std::int64_t seed) {
  const SplitShares shares{request.train, request.val, request.test};
  const auto count = [&] { return std::ssize(contents_in_order(records)); };
  if (!request.order.empty()) {
    return split_in_order(records, read_order(request.order, count()), shares, Rounding::kNearest);
  }
  if (request.draw == "numpy") {
    const auto order = numpy_order(static_cast<std::uint32_t>(seed), count());
    return split_in_order(records, order, shares, Rounding::kDown);
  }
  return make_split(records, shares, Rng(static_cast<std::uint64_t>(seed)).child("split"));
}

fs::path file_of(const SplitRequest& request, std::int64_t repeat) {
  const fs::path out = request.out;
  if (request.repeats == 1) return out;
  const auto digits = std::to_string(request.repeats - 1).size();
  const std::string name =
      fmt::format("{}-{:0{}}{}", out.stem().string(), repeat, digits, out.extension().string());
  return out.parent_path() / name;
}

/// A file that holds something else is not written over.
void write_new(const Split& split, const std::vector<ImageRecord>& records, const fs::path& file) {
  if (fs::exists(file)) {
    if (!fs::is_regular_file(file)) {  // to read from a pipe would wait for ever
      refuse("'" + file.string() + "' is no file", "--out", "name a file");
    }
    const TemporaryFolder folder;
    write_split(split, records, folder.path() / "split.csv");
    if (sha256_of_file(folder.path() / "split.csv") == sha256_of_file(file)) return;
    refuse("'" + file.string() + "' is there already and holds something else", "--out",
           "remove it, or name another file");
  }
  write_split(split, records, file);
}

}  // namespace

OptionTable<SplitRequest> SplitRequest::options() {
  using R = SplitRequest;
  return {
      {"data", &R::data, "the data set: livec:PATH, csv:FILE, ..."},
      {"out", &R::out, "CSV file to write; with repeats a number is put before its ending"},
      {"by",
       &R::by,
       "what is never divided: the pictures of one scene, or each picture by itself",
       {"scene", "image"}},
      {"train", &R::train, "share of the scenes for training", 0, 1},
      {"val", &R::val, "share for validation", 0, 1},
      {"test", &R::test, "share for testing", 0, 1},
      {"repeats", &R::repeats, "how many splits, from seed, seed + 1, ...", 1, 10'000},
      {"seed", &R::seed, "seed of the draw; robiq train draws the same from its --seed", 0, 9e15},
      {"official", &R::official, "keep the parts that the data set itself names"},
      {"draw",
       &R::draw,
       "robiq, or numpy: numpy.random.shuffle and the first int(share x n), as MANIQA's code does; "
       "the data set's own parts are then not looked at",
       {"robiq", "numpy"}},
      {"order", &R::order,
       "a pickled list of positions (CLIVE_traintest_index.pkl): the first go to train, the last "
       "to test; the data set's own parts are then not looked at"},
  };
}

void SplitRequest::settle(SplitRequest& request, const Params& given) {
  const OptionRules rules(given);
  rules.clash(!request.order.empty(), {"seed"}, "--order: nothing is drawn");
  if (!request.official) return;
  rules.clash(!request.order.empty(), {"official"}, "--order");
  rules.clash(request.draw == "numpy", {"official"}, "--draw numpy");
}

ResultColumns<WrittenSplit> WrittenSplit::columns() {
  using R = WrittenSplit;
  ResultColumns<R> columns;
  columns.add("file", &R::file)
      .add("seed", &R::seed)
      .add("by", &R::by)
      .add("draw", &R::draw)
      .add("official", &R::official)
      .add("train", &R::train)
      .add("val", &R::val)
      .add("test", &R::test)
      .add("scenes", &R::scenes)
      .add("scenes_shared", &R::scenes_shared)
      .add("sha256", &R::sha256)
      .add("robiq_version", [](const R&) { return std::string(version()); });
  return columns;
}

std::vector<WrittenSplit> split_dataset(const SplitRequest& request) {
  check(request);
  const std::unique_ptr<Dataset> dataset = make_dataset(request.data);
  const std::vector<ImageRecord> records = records_for(request, *dataset);
  const bool in_order = !request.order.empty();
  std::vector<WrittenSplit> rows;
  for (std::int64_t repeat = 0; repeat < request.repeats; ++repeat) {
    const std::int64_t seed = request.seed + repeat;
    const Split split = draw(request, records, seed);
    const fs::path file = file_of(request, repeat);
    write_new(split, records, file);
    rows.push_back({.file = file.string(),
                    .seed = in_order ? std::nullopt : std::optional(seed),
                    .by = request.by,
                    .draw = in_order ? "order" : request.draw,
                    .official = keeps_official(request, records),
                    .train = split.train.size(),
                    .val = split.val.size(),
                    .test = split.test.size(),
                    .scenes = contents_in_order(dataset->records()).size(),
                    .scenes_shared = shared_contents(split, dataset->records()).size(),
                    .sha256 = split.sha256});
  }
  return rows;
}

Split read_split_file(const std::string& file, const Dataset& dataset) {
  Split split = read_split(file, dataset.records());
  const auto shared = shared_contents(split, dataset.records());
  if (!shared.empty()) {
    log::warning(
        "{} of the scenes ('{}', ...) are in more than one part of {}: measures on its test part "
        "are then of pictures that the model has nearly seen",
        shared.size(), shared.front(), file);
  }
  return split;
}

}  // namespace robiq
