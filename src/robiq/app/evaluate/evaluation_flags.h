#pragma once
#include <string>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/sanity_flags.h"

namespace robiq {

/// An attack of an evaluation, ready to run.
struct NamedAttack {
  std::string name, options;
  std::string folder;  ///< of its pictures: "fgsm", or "fgsm-epsilon=0.01" for other options
  std::unique_ptr<Attack> attack;
};

/// What makes one doubt the rows of one model: sanity_flags(), with what noise of an attack's
/// budget does to a few pictures, and whether their scores repeat. Flags are logged, too.
/// \param rows   of that model, the clean ones among them
/// \param tried  a few pictures, at least one
[[nodiscard]] std::vector<FlagRow> evaluation_flags(const EvaluationSubject& subject,
                                                    const std::vector<NamedAttack>& attacks,
                                                    const std::vector<SeenPicture>& tried,
                                                    const std::vector<ScoreRow>& rows);

}  // namespace robiq
