#include "robiq/app/run/chosen_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numbers>
#include <numeric>
#include <utility>

#include "robiq/app/data/split_run.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"
#include "robiq/data/picture_identity.h"
#include "robiq/io/table/csv.h"

namespace robiq {
namespace {

/// The set that the weights were trained with, also where it is written in another way: the text
/// of a path, the ends of the scale and the column of the labels make no other pictures.
bool trained_on(const Dataset& dataset, const WeightsCard& card) {
  return card.dataset == dataset.card().spec ||
         (!card.records_sha256.empty() && card.records_sha256 == records_sha256(dataset));
}

/// `count` of the records: one of each of so many equal stretches. Its place in its stretch follows
/// the multiples of the golden ratio (a Kronecker sequence), so that no order of the list keeps
/// step with the choice.
void add_spread(const std::vector<std::size_t>& records, std::int64_t count,
                std::vector<std::size_t>& kept) {
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t begin = i * std::ssize(records) / count;
    const std::int64_t end = (i + 1) * std::ssize(records) / count;
    const double turns = static_cast<double>(kept.size()) * (std::numbers::phi - 1.0);
    const double share = turns - std::floor(turns);
    kept.push_back(records[static_cast<std::size_t>(
        begin + static_cast<std::int64_t>(share * static_cast<double>(end - begin)))]);
  }
}

/// `limit` records, of each kind of distortion as large a share as it has of all. Where there are
/// more kinds than places, the kinds come in the order of their names' hashes: in that of their
/// names a kind's place would tell its strength ("blur-1", "blur-2").
std::vector<std::size_t> thinned(const Dataset& dataset, const std::vector<std::size_t>& records,
                                 std::int64_t limit) {
  const std::int64_t all = std::ssize(records);
  if (limit <= 0 || limit >= all) return records;
  std::map<std::string, std::vector<std::size_t>> of_names;
  for (const std::size_t record : records) {
    of_names[dataset.records()[record].distortion].push_back(record);
  }
  std::vector<std::pair<std::string, std::vector<std::size_t>>> kinds(of_names.begin(),
                                                                      of_names.end());
  if (limit < std::ssize(kinds)) {
    std::ranges::sort(kinds, {}, [](const auto& kind) { return sha256(kind.first); });
  }
  std::vector<std::size_t> kept;
  std::int64_t seen = 0;
  for (const auto& [kind, of_kind] : kinds) {
    seen += std::ssize(of_kind);
    const std::int64_t kept_so_far = (2 * seen * limit + all - 1) / (2 * all);  // rounded
    add_spread(of_kind, kept_so_far - std::ssize(kept), kept);
  }
  std::ranges::sort(kept);
  return kept;
}

[[noreturn]] void refuse_few(const Dataset& dataset, const PictureChoice& choice,
                             std::size_t least) {
  if (choice.limit > 0 && static_cast<std::size_t>(choice.limit) < least) {
    throw Error(ErrorKind::kUsage, {"--limit leaves one picture, and two are needed", "--limit",
                                    "give 2 or more, or 0 for all"});
  }
  throw Error(ErrorKind::kData, {"the split '" + word_of(choice.part) + "' holds " +
                                     (least > 1 ? "fewer than two pictures" : "no pictures"),
                                 dataset.card().spec, "choose another --split"});
}

}  // namespace

std::vector<std::size_t> records_of(SplitPart part, const Split& split, std::size_t all) {
  switch (part) {
    case SplitPart::kTrain:
      return split.train;
    case SplitPart::kVal:
      return split.val;
    case SplitPart::kTest:
      return split.test;
    case SplitPart::kAll:
      break;
  }
  std::vector<std::size_t> records(all);
  std::iota(records.begin(), records.end(), std::size_t{0});
  return records;
}

ChosenPictures choose_pictures(const Dataset& dataset, const PictureChoice& choice,
                               const WeightsCard& card, std::size_t least) {
  const std::int64_t seed = choice.split_seed           ? *choice.split_seed
                            : trained_on(dataset, card) ? card.seed
                                                        : choice.seed;
  const Rng rng = Rng(static_cast<std::uint64_t>(seed)).child("split");
  ChosenPictures chosen;
  chosen.split = choice.split_file.empty()
                     ? make_split(dataset.records(), {}, rng, SplitPurpose::kEvaluating)
                     : read_split_file(choice.split_file, dataset);
  chosen.records = thinned(dataset, records_of(choice.part, chosen.split, dataset.records().size()),
                           choice.limit);
  if (chosen.records.size() < least) refuse_few(dataset, choice, least);
  return chosen;
}

std::string report_missing(const Dataset& dataset, const std::vector<MissingPicture>& missing,
                           std::int64_t expected, const std::filesystem::path& file) {
  std::error_code code;
  if (missing.empty()) {
    std::filesystem::remove(file, code);
    return fmt::format("{} of {} pictures are used", expected, expected);
  }
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> ids;
  for (const MissingPicture& picture : missing) {
    ids.push_back(dataset.records()[picture.record].id);
    rows.push_back({ids.back(), picture.reason});
  }
  write_csv(file, {"image", "reason"}, rows);
  std::string text = fmt::format("{} of {} pictures are used; left out: {}",
                                 expected - std::ssize(missing), expected, join(ids, ", "));
  log::warning("{}", text);
  return text;
}

}  // namespace robiq
