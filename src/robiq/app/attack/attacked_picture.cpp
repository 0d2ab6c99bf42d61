#include "robiq/app/attack/attacked_picture.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/defense/purify/purified_model.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/model/picture_score.h"
#include "robiq/tensor/image_batch.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq {

namespace {

/// Sums of the rows attacked so far.
struct Tally {
  AttackedPicture sums;
  std::vector<at::Tensor> images, clean;
  std::int64_t rows = 0;
};

[[nodiscard]] double total(const at::Tensor& values) {
  return values.to(at::kDouble).sum().item<double>();
}

[[nodiscard]] at::Tensor scores_of(QualityModel& model, const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  at::Tensor scores = model.score(images);
  check_finite(scores, model.card().name);
  return scores;
}

/// A purified model's randomness depends on which pictures it is shown.
void show_rows(QualityModel& model, const std::vector<std::string>& ids) {
  if (auto* purified = dynamic_cast<PurifiedModel*>(&model)) purified->begin(ids);
}

/// Whether each row has random draws of its own. Attacks that search score many versions of one row
/// in a call; which row that is can be told only where there is one.
bool draws_by_row(const QualityModel& model) {
  const auto* const purified = dynamic_cast<const PurifiedModel*>(&model);
  return purified != nullptr && purified->purifier().card().randomised;
}

void add_distances(const at::Tensor& clean, const at::Tensor& attacked, AttackedPicture& sums) {
  const at::NoGradGuard no_grad;
  const auto between = [&](const char* name) {
    return Registry<Fidelity>::instance().make(name, {})->compare(clean, attacked);
  };
  sums.linf = std::max(sums.linf, between("linf").max().item<double>());
  sums.l2 += total(between("l2"));
  sums.ssim += total(between("ssim"));
  sums.psnr_db += total(between("psnr"));
}

}  // namespace

std::int64_t passes_of(const QualityModel& model) {
  const auto* const purified = dynamic_cast<const PurifiedModel*>(&model);
  return purified == nullptr ? 1 : purified->draws();
}

at::Tensor show_batch(const AttackSides& sides, AttackBatch& batch) {
  show_rows(sides.victim, batch.ids);
  show_rows(sides.maker, batch.ids);
  const at::Tensor before = scores_of(sides.victim, batch.images);
  const bool other = &sides.maker != &sides.victim;
  batch.clean_scores = other ? scores_of(sides.maker, batch.images) : before;
  return before;
}

std::vector<AttackBatch> view_batches(const QualityModel& model, const at::Tensor& picture,
                                      const std::vector<View>& views, const std::string& id) {
  std::vector<AttackBatch> batches;
  const std::int64_t chunk = draws_by_row(model) ? 1 : view_chunk(model.card(), views);
  for (auto begin = views.begin(); begin != views.end();) {
    const auto end = begin + std::min<std::ptrdiff_t>(chunk, views.end() - begin);
    AttackBatch batch{cut_views(picture, {begin, end}), {}, {}};
    for (auto view = begin; view != end; ++view) {
      batch.ids.push_back(fmt::format("{}#{}", id, view - views.begin()));
    }
    batches.push_back(std::move(batch));
    begin = end;
  }
  return batches;
}

std::vector<AttackBatch> whole_batch(const at::Tensor& picture, const std::string& id) {
  return {{picture, {}, {id}}};
}

namespace {

void attack_rows(const AttackSides& sides, const Attack& attack, AttackBatch batch,
                 const AttackContext& context, Tally& tally) {
  const at::Tensor before = show_batch(sides, batch);
  const auto started = std::chrono::steady_clock::now();
  const AttackOutcome outcome = attack.run(sides.maker, batch, context);
  tally.sums.seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const std::int64_t rows = batch.images.size(0);
  tally.rows += rows;
  const std::int64_t passes = passes_of(sides.maker);
  tally.sums.forwards += outcome.all_forwards() * passes;
  tally.sums.backwards += outcome.backwards * rows * passes;
  tally.sums.before += total(before);
  tally.sums.after += total(scores_of(sides.victim, outcome.images));
  tally.sums.after_8bit += total(scores_of(sides.victim, quantize_to_8bit(outcome.images)));
  add_distances(batch.images, outcome.images, tally.sums);
  tally.images.push_back(outcome.images.cpu());
  tally.clean.push_back(batch.images.cpu());
}

[[nodiscard]] AttackedPicture averaged(const Tally& tally) {
  const auto rows = static_cast<double>(tally.rows);
  AttackedPicture mean = tally.sums;
  for (double* value :
       {&mean.before, &mean.after, &mean.after_8bit, &mean.l2, &mean.ssim, &mean.psnr_db}) {
    *value /= rows;
  }
  mean.images = at::cat(tally.images);
  mean.clean = at::cat(tally.clean);
  return mean;
}

}  // namespace

AttackLevel level_of(const Attack& attack, AttackLevel asked) {
  return attack.card().acts_on == AttackTarget::kPicture ? AttackLevel::kImage : asked;
}

AttackedPicture attack_views(const AttackSides& sides, const Attack& attack,
                             const at::Tensor& picture, const std::vector<View>& views,
                             const std::string& id, const AttackContext& context) {
  const ScopedFrozen evaluation(sides.victim);
  Tally tally;
  for (AttackBatch& batch : view_batches(sides.victim, picture, views, id)) {
    attack_rows(sides, attack, std::move(batch), context, tally);
  }
  return averaged(tally);
}

AttackedPicture attack_whole(const AttackSides& sides, const Attack& attack,
                             const at::Tensor& picture, const std::string& id,
                             const AttackContext& context) {
  const ScopedFrozen evaluation(sides.victim);
  Tally tally;
  attack_rows(sides, attack, std::move(whole_batch(picture, id).front()), context, tally);
  return averaged(tally);
}

std::unique_ptr<CropEnsemble> ensemble_for(QualityModel& model, const WholePicture& picture) {
  return std::make_unique<CropEnsemble>(model, picture.views,
                                        view_chunk(model.card(), picture.views), picture.resize);
}

std::string attacked_picture_name(const std::string& stem, std::size_t view, std::size_t count,
                                  const std::string& ending) {
  const std::string behind = (count == 1 ? "" : fmt::format(".view{:02d}", view)) + ending;
  return shortened_name(stem, kMostNameBytes - behind.size()) + behind;
}

namespace {

std::vector<std::filesystem::path> write_pngs(const at::Tensor& bytes,
                                              const std::filesystem::path& folder,
                                              const std::string& stem, const char* ending) {
  std::vector<std::filesystem::path> files;
  const auto count = static_cast<std::size_t>(bytes.size(0));
  for (std::size_t i = 0; i < count; ++i) {
    files.push_back(folder / attacked_picture_name(stem, i, count, ending));
    const at::Tensor view = bytes.select(0, static_cast<std::int64_t>(i));
    write_file(files.back(), with_our_mark(encode_png(view)));
  }
  return files;
}

}  // namespace

std::vector<std::filesystem::path> save_attacked(const AttackedPicture& attacked,
                                                 const std::filesystem::path& folder,
                                                 const std::string& stem) {
  return write_pngs(to_bytes(attacked.images), folder, stem, ".png");
}

void save_triplets(const AttackedPicture& attacked, double amplification,
                   const std::filesystem::path& folder, const std::string& stem) {
  constexpr double kMiddle = 0.5;
  constexpr std::int64_t kWidth = 3;
  const at::Tensor difference =
      ((attacked.images - attacked.clean) * amplification + kMiddle).clamp(0, 1);
  write_pngs(to_bytes(at::cat({attacked.clean, attacked.images, difference}, kWidth)), folder, stem,
             ".triplet.png");
}

}  // namespace robiq
