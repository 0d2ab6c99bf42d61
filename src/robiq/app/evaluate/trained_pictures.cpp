#include "robiq/app/evaluate/trained_pictures.h"

#include <fmt/format.h>

#include <algorithm>

#include "robiq/core/error.h"
#include "robiq/core/log.h"

namespace robiq {
namespace {

enum class Met { kNever, kTrained, kChosenBy };

/// How many of an evaluation's pictures the model has met.
struct Meetings {
  std::vector<Met> of_record;
  std::int64_t trained = 0, chosen_by = 0;

  [[nodiscard]] std::int64_t count() const { return trained + chosen_by; }
  void add(Met met) {
    of_record.push_back(met);
    if (met == Met::kTrained) ++trained;
    if (met == Met::kChosenBy) ++chosen_by;
  }
  /// "4 of its training, 1 of its validation"
  [[nodiscard]] std::string parts() const {
    return fmt::format("{} of its training, {} of its validation", trained, chosen_by);
  }
  /// "5 of 8 pictures (4 of its training, 1 of its validation)"
  [[nodiscard]] std::string text() const {
    return fmt::format("{} of {} pictures ({})", count(), of_record.size(), parts());
  }
};

Meetings meetings_of(const TrainingPictures& known, const std::vector<std::string>& identities) {
  const auto holds = [](const std::vector<std::string>& sorted, const std::string& identity) {
    return std::binary_search(sorted.begin(), sorted.end(), identity);
  };
  Meetings meetings;
  for (const std::string& identity : identities) {
    const Met met = holds(known.training, identity)     ? Met::kTrained
                    : holds(known.validation, identity) ? Met::kChosenBy
                                                        : Met::kNever;
    meetings.add(met);
  }
  return meetings;
}

bool is_asked_for(Met met, SplitPart part) {
  return part == SplitPart::kTrain || (part == SplitPart::kVal && met == Met::kChosenBy);
}

[[noreturn]] void refuse_rest(const Dataset& dataset, const Meetings& met) {
  throw Error(ErrorKind::kData,
              {"the model has seen " + met.text() + ": too few are left to judge it by",
               dataset.card().spec,
               "evaluate other pictures, or the test part of its own training (--split test "
               "--split-file RUN/split.csv); --include-trained keeps what it has seen"});
}

FlagRow flag_for(const std::string& met) {
  return {0,
          0,
          "",
          "trained-on",
          Severity::kWarning,
          "the model has seen " + met + ": measures against MOS flatter it"};
}

}  // namespace

std::optional<FlagRow> leave_out_trained(const Dataset& dataset, const TrainedPolicy& policy,
                                         const WeightsCard& card, std::size_t least,
                                         ChosenPictures& chosen) {
  if (card.pictures.empty()) {
    log::info(
        "the weights do not list the pictures of their training: whether some of them are "
        "evaluated here cannot be checked");
    return std::nullopt;
  }
  const Meetings met = meetings_of(card.pictures, chosen.identities);
  if (met.count() == 0) return std::nullopt;
  ChosenPictures kept{chosen.split, {}, {}};
  Meetings gone;
  for (std::size_t i = 0; i < chosen.records.size(); ++i) {
    const Met meeting = met.of_record[i];
    if (policy.include || meeting == Met::kNever || is_asked_for(meeting, policy.part)) {
      kept.records.push_back(chosen.records[i]);
      kept.identities.push_back(chosen.identities[i]);
    } else {
      gone.add(meeting);
    }
  }
  if (kept.records.size() < least) refuse_rest(dataset, met);
  chosen = std::move(kept);
  if (gone.count() > 0) {
    log::warning(
        "left out {} of {} pictures: the model has seen them ({}); --include-trained keeps them",
        gone.count(), met.of_record.size(), gone.parts());
  }
  return gone.count() < met.count() ? std::optional(flag_for(met.text())) : std::nullopt;
}

std::optional<FlagRow> attack_knows_pictures(const std::string& attack,
                                             const std::vector<std::string>& trained_on,
                                             const std::vector<std::string>& evaluated) {
  const auto known =
      std::count_if(evaluated.begin(), evaluated.end(), [&](const std::string& identity) {
        return std::binary_search(trained_on.begin(), trained_on.end(), identity);
      });
  if (known == 0) return std::nullopt;
  return FlagRow{0,
                 0,
                 attack,
                 "attack-trained-on",
                 Severity::kWarning,
                 fmt::format("the attack was made from {} of these {} pictures, where it is "
                             "stronger than on pictures it has not seen",
                             known, evaluated.size())};
}

}  // namespace robiq
