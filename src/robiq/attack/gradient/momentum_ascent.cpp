#include "robiq/attack/gradient/momentum_ascent.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "robiq/attack/gradient/projected_ascent.h"
#include "robiq/attack/norm_ball.h"
#include "robiq/core/error.h"

namespace robiq {

namespace {

/// How far neighbours reach, in units of epsilon.
constexpr double kMomentumReach = 1.5;

/// The gradient as the walk's options shape it, with the tuning of the last step added.
class MomentumGradient {
 public:
  MomentumGradient(QualityModel& victim, const AttackBatch& batch, const MomentumAscent& walk,
                   const MomentumDraws& draws)
      : victim_(victim), batch_(batch), walk_(walk), draws_(draws) {
    if (walk.kernel > 1) {
      kernel_ = smoothing_kernel(walk.kernel)
                    .to(batch.images.options())
                    .expand({batch.images.size(1), 1, walk.kernel, walk.kernel});
    }
  }

  /// \param ahead  the point to look at   \param images  where the walk stands
  at::Tensor next(const at::Tensor& ahead, const at::Tensor& images, std::int64_t step) {
    if (walk_.diversity > 0) shrunk_ = draws_.shrink(step);
    const at::Tensor plain = mean_over_scales(ahead);
    at::Tensor gradient = tuning_.defined() ? plain + tuning_ : plain;
    if (walk_.variance > 0) {
      at::Tensor around = at::zeros_like(plain);
      for (std::int64_t j = 0; j < walk_.variance; ++j) {
        around += mean_over_scales(images + draws_.neighbour(step, j));
      }
      tuning_ = around / walk_.variance - plain;
    }
    if (kernel_.defined()) {
      gradient = at::conv2d(gradient, kernel_, {}, 1, walk_.kernel / 2, 1, gradient.size(1));
    }
    if (!walk_.normalize) return gradient;
    const at::Tensor size = gradient.abs().mean({1, 2, 3}, true);
    return at::where(size > 0, gradient / size, at::zeros_like(gradient));
  }

 private:
  [[nodiscard]] at::Tensor mean_over_scales(const at::Tensor& images) const {
    at::Tensor sum;
    for (std::int64_t i = 0; i < walk_.scales; ++i) {
      const double scale = std::ldexp(1.0, static_cast<int>(-i));
      const at::Tensor gradient =
          row_ascent(victim_, images, walk_.objective, batch_.clean_scores,
                     [&](const at::Tensor& leaf) {
                       const at::Tensor scaled = i == 0 ? leaf : leaf * scale;
                       return walk_.diversity > 0 ? shrink_rows(scaled, shrunk_) : scaled;
                     })
              .gradient;
      sum = sum.defined() ? sum + gradient : gradient;
    }
    return sum / walk_.scales;
  }

  QualityModel& victim_;
  const AttackBatch& batch_;
  const MomentumAscent& walk_;
  const MomentumDraws& draws_;
  at::Tensor kernel_, tuning_;
  std::vector<ShrinkDraw> shrunk_;
};

}  // namespace

MomentumDraws momentum_draws(const AttackBatch& batch, const MomentumAscent& walk, const Rng& rng) {
  MomentumDraws draws;
  draws.shrink = [&batch, walk, rng](std::int64_t step) {
    const Rng here = rng.child("shrink").child(static_cast<std::uint64_t>(step));
    std::vector<ShrinkDraw> rows;
    for (const std::string& id : batch.ids) {
      rows.push_back(
          draw_shrink(here.child(id), batch.images.size(2), batch.images.size(3), walk.diversity));
    }
    return rows;
  };
  draws.neighbour = [&batch, walk, rng](std::int64_t step, std::int64_t neighbour) {
    const Rng here = rng.child("neighbour")
                         .child(static_cast<std::uint64_t>(step))
                         .child(static_cast<std::uint64_t>(neighbour));
    const double reach = kMomentumReach * walk.epsilon;
    return row_noise(batch, here, -reach, reach);
  };
  return draws;
}

AttackOutcome momentum_ascent(QualityModel& victim, const AttackBatch& batch,
                              const MomentumAscent& walk, const at::Tensor& start,
                              const MomentumDraws& draws, const AttackContext& context) {
  const LinfBall ball(batch.images, walk.epsilon);
  MomentumGradient gradient(victim, batch, walk, draws);
  at::Tensor images = start.defined() ? ball.project(batch.images + start) : batch.images.detach();
  at::Tensor momentum = at::zeros_like(images);
  for (std::int64_t step = 0; step < walk.steps; ++step) {
    if (context.stop()) throw Interrupted("the attack was stopped");
    const at::Tensor ahead =
        walk.nesterov ? images + walk.momentum * walk.step_size * momentum : images;
    momentum = gradient.next(ahead, images, step) + walk.momentum * momentum;
    images = ball.project(images + walk.step_size * momentum.sign());
  }
  const std::int64_t passes = walk.steps * walk.scales * (1 + walk.variance);
  return {images, passes, passes};
}

at::Tensor smoothing_kernel(std::int64_t side) {
  const at::Tensor weights = at::linspace(-3, 3, side, at::kDouble).square().mul(-0.5).exp();
  const at::Tensor kernel = at::outer(weights, weights);
  return (kernel / kernel.sum()).to(at::kFloat);
}

ShrinkDraw draw_shrink(const Rng& rng, std::int64_t height, std::int64_t width,
                       double probability) {
  RandomStream stream(rng);
  const auto below = [&stream](std::int64_t n) {
    return static_cast<std::int64_t>(
        stream.below(static_cast<std::uint64_t>(std::max<std::int64_t>(n, 1))));
  };
  const auto least =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(0.9 * static_cast<double>(width)));
  ShrinkDraw draw;
  draw.width = least + below(width - least);
  const double ratio = static_cast<double>(draw.width) / static_cast<double>(width);
  draw.height = std::max<std::int64_t>(1, std::llround(ratio * static_cast<double>(height)));
  draw.top = below(height - draw.height);
  draw.left = below(width - draw.width);
  draw.on = stream.uniform() < probability;
  return draw;
}

at::Tensor shrink_rows(const at::Tensor& images, const std::vector<ShrinkDraw>& draws) {
  std::vector<at::Tensor> rows;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const ShrinkDraw& draw = draws[i];
    const at::Tensor row = images.narrow(0, static_cast<std::int64_t>(i), 1);
    if (!draw.on) {
      rows.push_back(row);
      continue;
    }
    const at::Tensor small = at::upsample_bilinear2d(row, {draw.height, draw.width}, false);
    rows.push_back(at::constant_pad_nd(small, {draw.left, images.size(3) - draw.width - draw.left,
                                               draw.top, images.size(2) - draw.height - draw.top}));
  }
  return at::cat(rows);
}

}  // namespace robiq
