#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/core/files/result_columns.h"
#include "robiq/core/options/options.h"
#include "robiq/core/score_scale.h"

namespace robiq {

/// What `robiq attack` is told.
struct AttackRequest : SubjectOptions {
  std::string attack;
  std::vector<std::string> pictures;
  std::string out;
  std::int64_t queries = 0;  ///< bounds an attack that sees scores alone; 0: its own bound
  double triplet = 0;
  bool force = false;

  static OptionTable<AttackRequest> options();
  static void settle(AttackRequest& request, const Params& given);
};

/// A row of what `robiq attack` prints.
struct AttackedFile {
  std::string image;
  std::string attack;          ///< as it was asked for
  std::string attack_options;  ///< all of them
  std::string level;
  std::optional<std::string> surrogate;  ///< the model that the attack was made on instead
  std::optional<std::string> purify;     ///< what stands between picture and model
  bool adaptive = false;                 ///< whether the attack went through it
  double before = 0, after = 0;          ///< scores on `scale`
  double after_8bit = 0;                 ///< of the picture as it was saved, likewise
  ScoreScale scale;
  double before_native = 0, after_native = 0;  ///< on the model's own scale
  ScoreScale native_scale;
  double linf = 0, l2 = 0, ssim = 0, psnr_db = 0;
  std::map<std::string, double> distances;  ///< those of --distance
  std::int64_t forwards = 0, backwards = 0;
  std::optional<std::int64_t> queries;  ///< of attacks that see scores alone
  double seconds = 0;
  std::size_t files = 0;  ///< how many were saved
  std::string first_file;

  static ResultColumns<AttackedFile> columns();
};

/// Attacks pictures one after the other, saves 8-bit PNGs under `out`, reads them back, scores what
/// was read, and hands each row to `row`. \throws Error{kUsage} when a picture would be replaced
/// that robiq did not attack; Interrupted when the user stops it: what was attacked before stays
/// saved
void run_attack(const AttackRequest& request, const std::function<void(const AttackedFile&)>& row);

}  // namespace robiq
