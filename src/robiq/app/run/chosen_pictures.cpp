#include "robiq/app/run/chosen_pictures.h"

#include <fmt/format.h>

#include <iterator>
#include <numeric>

#include "robiq/app/data/split_run.h"
#include "robiq/core/error.h"
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

/// Evenly over the set, so that every kind and level of distortion stays represented.
std::vector<std::size_t> thinned(const std::vector<std::size_t>& records, std::int64_t limit) {
  if (limit <= 0 || limit >= std::ssize(records)) return records;
  std::vector<std::size_t> kept;
  for (std::int64_t i = 0; i < limit; ++i) {
    kept.push_back(records[static_cast<std::size_t>(i * std::ssize(records) / limit)]);
  }
  return kept;
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
  std::int64_t seed = choice.split_seed;
  if (seed < 0) seed = trained_on(dataset, card) ? card.seed : choice.seed;
  const Rng rng = Rng(static_cast<std::uint64_t>(seed)).child("split");
  ChosenPictures chosen;
  chosen.split = choice.split_file.empty()
                     ? make_split(dataset.records(), {}, rng, SplitPurpose::kEvaluating)
                     : read_split_file(choice.split_file, dataset);
  chosen.records =
      thinned(records_of(choice.part, chosen.split, dataset.records().size()), choice.limit);
  if (chosen.records.size() < least) {
    throw Error(ErrorKind::kData, {"the split '" + word_of(choice.part) + "' holds " +
                                       (least > 1 ? "fewer than two pictures" : "no pictures"),
                                   dataset.card().spec, "choose another --split or --limit"});
  }
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
