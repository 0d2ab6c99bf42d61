#include "robiq/app/attack/uap_progress.h"

#include <system_error>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/io/safetensors.h"

namespace robiq {
namespace {

constexpr const char* kIdentity = "robiq.uap";
constexpr const char* kSteps = "robiq.steps";
constexpr const char* kFirstLoss = "robiq.loss_first";
constexpr const char* kLastLoss = "robiq.loss_last";

std::string text_at(const SafetensorsFile& contents, const char* key) {
  const auto it = contents.metadata.find(key);
  return it == contents.metadata.end() ? "" : it->second;
}

}  // namespace

UapProgress::UapProgress(const std::filesystem::path& out, std::string identity)
    : file_(std::filesystem::path(out).replace_extension(".unfinished.safetensors")),
      identity_(std::move(identity)) {}

std::int64_t UapProgress::resume(UniversalTrainer& trainer, UapLosses& losses) const {
  if (!std::filesystem::exists(file_)) return 0;
  const SafetensorsFile contents = read_safetensors(file_);
  if (text_at(contents, kIdentity) != identity_) {
    throw Error(ErrorKind::kUsage,
                {"an unfinished training with other options, weights or data, or of an older "
                 "robiq, is there",
                 file_.string(),
                 "repeat its command, remove the file to begin anew, or name another --out"});
  }
  std::int64_t steps = 0;
  if (!parse_integer(text_at(contents, kSteps), steps) || steps < 1 ||
      !parse_number(text_at(contents, kFirstLoss), losses.first) ||
      !parse_number(text_at(contents, kLastLoss), losses.last)) {
    throw Error(ErrorKind::kModel, {"the state of the training is damaged", file_.string(),
                                    "remove it: the training then begins anew"});
  }
  trainer.restore(contents.tensors, steps);
  return steps;
}

void UapProgress::save(const UniversalTrainer& trainer, std::int64_t steps,
                       const UapLosses& losses) const {
  write_safetensors(file_, {trainer.state(),
                            {{kIdentity, identity_},
                             {kSteps, std::to_string(steps)},
                             {kFirstLoss, number_text(losses.first)},
                             {kLastLoss, number_text(losses.last)}}});
}

void UapProgress::remove() const {
  std::error_code code;
  std::filesystem::remove(file_, code);
}

}  // namespace robiq
