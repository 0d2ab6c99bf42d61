#pragma once
#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/evaluate/measures/picture_rows.h"
#include "robiq/app/evaluate/measures/sanity_flags.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/defense/certify/picture_certificate.h"

namespace robiq {

/// Scores that a run has already: the picture, and the attack with its options ("none:" for the
/// clean picture).
using DoneScores = std::set<std::pair<std::string, std::string>>;

/// Where the attacked pictures of an evaluation are saved. Other models and data sets that are
/// evaluated into the same run folder have folders of their own.
struct EvaluationPlace {
  RunFolder folder;
  std::int64_t model = 1;   ///< its number in the database
  std::size_t dataset = 0;  ///< its place among those of the run folder

  [[nodiscard]] std::filesystem::path pictures_of(const NamedAttack& attack) const;
};

/// Takes pictures through the attacks of an evaluation, one at a time.
class PictureEvaluator {
 public:
  /// All but `place` must outlive this.
  PictureEvaluator(const EvaluateRequest& request, const EvaluationSubject& subject,
                   const std::vector<NamedAttack>& attacks, EvaluationPlace place,
                   const CertificateSettings& certificates)
      : request_(request),
        subject_(subject),
        attacks_(attacks),
        place_(std::move(place)),
        certificates_(certificates) {}

  /// The rows that one picture lacks, without the database's numbers.
  /// \param read  gives the picture, uint8 [3,H,W]   \param save  the attacked pictures, too
  [[nodiscard]] PictureRows evaluate(const std::string& id, const DoneScores& done, bool save,
                                     const std::function<at::Tensor()>& read) const;

 private:
  /// A picture on its way through the attacks.
  struct Target {
    const SeenPicture& seen;
    const CleanPicture& clean;
    bool save;
  };

  void add_attacked(const NamedAttack& attack, const Target& target, PictureRows& rows) const;

  const EvaluateRequest& request_;
  const EvaluationSubject& subject_;
  const std::vector<NamedAttack>& attacks_;
  EvaluationPlace place_;
  const CertificateSettings& certificates_;
};

}  // namespace robiq
