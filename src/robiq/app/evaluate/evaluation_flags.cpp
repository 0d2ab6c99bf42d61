#include "robiq/app/evaluate/evaluation_flags.h"

#include "robiq/core/log.h"

namespace robiq {
namespace {

FlaggedAttack flagged(const EvaluationSubject& subject, const NamedAttack& attack,
                      const std::vector<SeenPicture>& tried) {
  const AttackCard& card = attack.attack->card();
  FlaggedAttack known{attack.name, attack.options, card.white_box, card.linf_budget};
  if (card.linf_budget >= 1) return known;
  known.noise_change = 0;
  for (const SeenPicture& seen : tried) {
    known.noise_change +=
        subject.noise_change(seen, card.linf_budget) / static_cast<double>(tried.size());
  }
  return known;
}

}  // namespace

std::vector<FlagRow> evaluation_flags(const EvaluationSubject& subject,
                                      const std::vector<NamedAttack>& attacks,
                                      const std::vector<SeenPicture>& tried,
                                      const std::vector<ScoreRow>& rows) {
  std::vector<FlaggedAttack> known;
  for (const NamedAttack& attack : attacks) known.push_back(flagged(subject, attack, tried));
  std::vector<FlagRow> flags =
      sanity_flags(rows, known, subject.scale(), subject.repeats(tried.front()));
  if (subject.attacked_without_purifier()) {
    FlagRow flag;
    flag.flag = "not-adaptive";
    flag.severity = "warning";
    flag.text =
        "the attacks were made on the model without its purifier, which flatters it: "
        "--adaptive attacks through the purifier";
    flags.push_back(std::move(flag));
  }
  for (const FlagRow& flag : flags) {
    const std::string text = flag.flag + (flag.attack.empty() ? "" : " (" + flag.attack + ")");
    if (flag.severity == "warning") {
      log::warning("{}: {}", text, flag.text);
    } else {
      log::info("{}: {}", text, flag.text);
    }
  }
  return flags;
}

}  // namespace robiq
