// The promises about scores: which pictures a model takes and what it says of them.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "robiq/app/check/promise_checks.h"
#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/model/script/script_file.h"
#include "robiq/tensor/random.h"

namespace robiq::promise {
namespace {

/// Height and width to try first: those that scoring would give the model.
std::pair<std::int64_t, std::int64_t> first_size(const ModelCard& card) {
  constexpr std::int64_t kUsual = 96;
  if (card.views.kind != ViewPolicy::Kind::kWhole || card.fixed_side) {
    const std::int64_t side = std::max(card.min_side, card.views.side);
    return {side, side};
  }
  if (card.views.resize_height > 0) return {card.views.resize_height, card.views.resize_width};
  const std::int64_t side = std::max(card.min_side, kUsual);
  return {side, side};
}

/// Whether one picture of that size can be scored.
bool scores_size(Probe& probe, std::int64_t height, std::int64_t width) {
  try {
    return scores_of(probe, pictures_for(probe, 1, height, width)).numel() == 1;
  } catch (const std::exception&) {  // what Python raises is no Error
    rethrow_what_is_no_failure();
    return false;
  }
}

std::string size_text(const at::Tensor& images) {
  return fmt::format("{}x{}", images.size(3), images.size(2));
}

std::string scores_text(const at::Tensor& scores) {
  std::vector<std::string> parts;
  for (std::int64_t i = 0; i < scores.size(0); ++i) {
    parts.push_back(fmt::format("{:.6g}", scores[i].item<double>()));
  }
  return join(parts, ", ");
}

}  // namespace

at::Tensor scores_of(Probe& probe, const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  return probe.model.score(images).to(at::kDouble).cpu();
}

at::Tensor pictures_for(const Probe& probe, std::int64_t count, std::int64_t height,
                        std::int64_t width) {
  return probe_pictures(count, height, width).to(probe.model.device());
}

Finding scores_a_picture(Probe& probe) {
  const auto [height, width] = first_size(probe.model.card());
  const at::Tensor picture = pictures_for(probe, 1, height, width);
  try {
    const at::Tensor scores = scores_of(probe, picture);
    probe.images = picture;
    return {State::kKept, fmt::format("{} for {}", scores_text(scores), size_text(picture))};
  } catch (const std::exception&) {
    rethrow_what_is_no_failure();
    // The sizes that networks are commonly built for.
    for (const std::int64_t side : {224, 256, 299, 384, 448, 512, 128, 64, 32}) {
      if (side == height || side < probe.model.card().min_side) continue;
      if (!scores_size(probe, side, side)) continue;
      probe.images = pictures_for(probe, 1, side, side);
      return {State::kBroken, fmt::format("takes {0}x{0}, but not {1}", side, size_text(picture)),
              fmt::format("declare the size: torchscript:FILE,size={}", side),
              fmt::format("give wrap() resize=({0}, {0}) or views=({0}, rows, columns)", side)};
    }
    throw;
  }
}

Finding leaves_its_input(Probe& probe) {
  const auto [height, width] = first_size(probe.model.card());
  const at::Tensor images =
      probe.images.defined() ? probe.images : pictures_for(probe, 1, height, width);
  const at::Tensor given = images.clone();
  if (!probe.images.defined()) probe.blocked = "it does not score a picture";
  const auto check_kept = [&]() -> Finding {
    if (at::equal(given, images)) return {State::kKept, "the picture is as it was"};
    return {State::kBroken, "the picture was changed"};
  };
  try {
    static_cast<void>(scores_of(probe, given));
  } catch (const ModuleFailure& failure) {
    if (failure.reason() == ModuleFailure::Reason::kWritesToInput) throw;
    if (!at::equal(given, images)) throw;
    return not_checked(probe.blocked);
  } catch (const std::exception&) {
    rethrow_what_is_no_failure();
    if (!at::equal(given, images)) throw;
    return not_checked(probe.blocked);
  }
  return check_kept();
}

Finding takes_any_number(Probe& probe) {
  const at::Tensor images = pictures_for(probe, 3, probe.images.size(2), probe.images.size(3));
  const at::Tensor two = scores_of(probe, images.narrow(0, 0, 2));
  const at::Tensor three = scores_of(probe, images);
  probe.images = images;
  return {State::kKept, "1, 2 and 3 at once"};
}

Finding is_finite(Probe& probe) {
  probe.scores = scores_of(probe, probe.images);
  const std::string text = scores_text(probe.scores);
  if (at::isfinite(probe.scores).all().item<bool>()) return {State::kKept, text};
  probe.blocked = "its scores are not finite";
  return {State::kBroken, text};
}

Finding scores_the_same_again(Probe& probe) {
  seed_torch_globals(Rng(1));
  const at::Tensor first = scores_of(probe, probe.images);
  seed_torch_globals(Rng(2));
  const double apart = (scores_of(probe, probe.images) - first).abs().max().item<double>();
  probe.random = apart != 0;
  return {
      probe.random ? State::kBroken : State::kKept,
      probe.random ? fmt::format("two calls are {:.2g} apart", apart) : "twice the same numbers"};
}

Finding scores_each_by_itself(Probe& probe) {
  const std::int64_t count = probe.images.size(0);
  if (count == 1) return not_checked("it takes one picture at a time");
  if (probe.random) return not_checked("its scores are random");
  const at::Tensor backwards = scores_of(probe, probe.images.flip(0)).flip(0);
  double largest = (backwards - probe.scores).abs().max().item<double>();
  for (std::int64_t i = 0; i < count; ++i) {
    const at::Tensor alone = scores_of(probe, probe.images.narrow(0, i, 1));
    largest = std::max(largest, (alone[0] - probe.scores[i]).abs().item<double>());
  }
  constexpr double kRounding = 1e-4;  // other batch sizes are summed in other orders
  const double allowed = kRounding * std::max(1e-2, probe.scores.abs().max().item<double>());
  return {largest <= allowed ? State::kKept : State::kBroken,
          fmt::format("alone or among others: {:.2g} apart", largest)};
}

Finding keeps_inside_its_scale(Probe& probe) {
  const ScoreScale& scale = probe.model.card().scale;
  const double low = probe.scores.min().item<double>(), high = probe.scores.max().item<double>();
  const bool inside = low >= scale.least() && high <= scale.greatest();
  return {inside ? State::kKept : State::kNote,
          fmt::format("{:.6g} to {:.6g}; worst {:.6g}, best {:.6g}", low, high, scale.worst,
                      scale.best)};
}

Finding takes_other_sizes(Probe& probe) {
  const ModelCard& card = probe.model.card();
  if (card.fixed_side)
    return {State::kKept, "crops of " + size_text(probe.images) + ", as declared"};
  if (card.views.resize_height > 0) {
    return {State::kKept, "every picture is resized to " + size_text(probe.images)};
  }
  const at::Tensor other =
      pictures_for(probe, 1, probe.images.size(2) + 16, probe.images.size(3) + 40);
  static_cast<void>(scores_of(probe, other));
  return {State::kKept, size_text(probe.images) + " and " + size_text(other)};
}

}  // namespace robiq::promise
