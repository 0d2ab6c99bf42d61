#include "robiq/attack/boundary/boundary_search.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "robiq/attack/boundary/noticeable.h"
#include "robiq/tensor/image_batch.h"

namespace robiq {
namespace {

constexpr double kBoundaryAtFirst = 0.01, kLeastRaised = 0.005, kLeastWidth = 1.0 / 400;
constexpr std::int64_t kTriesOfBoundary = 200, kMostTries = 6000;
constexpr double kReferenceScale = 0.1;

/// The state of one picture between rounds.
class BoundaryWalk {
 public:
  BoundaryWalk(ScoreQueries& queries, const at::Tensor& picture, const BoundarySearch& search,
               const SearchDraws& draws, const DirectionSigns& signs)
      : search_(search),
        scores_(queries, search.space, search.up),
        draws_(draws),
        signs_(signs),
        clean_(search.space.point(picture)),
        centre_(clean_),
        centre_score_(queries.clean_score()) {
    const at::Tensor bytes = to_bytes(picture)[0];
    const at::Tensor cap = just_noticeable(bytes).to(picture.device()) * (search.cap / 255);
    cap_ = cap / search.space.stddev;
    region_ = edge_region(bytes).to(picture.device()).unsqueeze(0).expand({3, -1, -1});
    if (search.saliency.defined()) {
      region_ = region_.logical_or(search.saliency > search.space.stddev[0]);
    }
  }

  [[nodiscard]] BoundaryRound round();
  /// Whether another round may find more.
  [[nodiscard]] bool goes_on() const {
    return !stopped_ && tries_ <= kMostTries && !scores_.spent();
  }

 private:
  [[nodiscard]] at::Tensor room_up() const { return cap_ - (centre_ - clean_).clamp_min(0); }
  [[nodiscard]] at::Tensor room_down() const { return cap_ + (centre_ - clean_).clamp_max(0); }
  /// The centre with some of a reference added or taken away, as far as there is room.
  [[nodiscard]] at::Tensor textured() const;
  /// Tries textures until one lies beyond the boundary, which moves with what they reach.
  /// \return the point, or undefined when the picture is given up
  [[nodiscard]] at::Tensor random_search();

  const BoundarySearch& search_;
  ScoreBoundary scores_;
  const SearchDraws& draws_;
  const DirectionSigns& signs_;
  at::Tensor clean_, centre_, cap_, region_;
  double centre_score_;
  double boundary_ = kBoundaryAtFirst, last_boundary_ = 0;
  std::int64_t tries_ = 0, drawn_ = 0;
  bool stopped_ = false;
};

at::Tensor BoundaryWalk::textured() const {
  const double strength = kReferenceScale * (2 * draws_.uniform() - 1);
  const auto chosen =
      static_cast<std::size_t>(draws_.below(static_cast<std::int64_t>(search_.references.size())));
  const at::Tensor reference = search_.references[chosen].unsqueeze(0) / search_.space.stddev;
  const at::Tensor added = at::where(region_, strength * reference, 0.0F).to(at::kFloat);
  const at::Tensor more = at::minimum(added.clamp_min(0), room_up());
  const at::Tensor less = at::minimum((-added).clamp_min(0), room_down());
  return search_.space.clip(centre_ + more - less);
}

at::Tensor BoundaryWalk::random_search() {
  at::Tensor point = centre_;
  double score = centre_score_;
  std::int64_t tries = 0;
  while (!scores_.is_beyond(score, boundary_)) {
    if (scores_.spent()) return {};
    if (++tries > kTriesOfBoundary) {
      stopped_ = boundary_ - last_boundary_ <= kLeastWidth;
      if (stopped_) break;
      boundary_ = (boundary_ + last_boundary_) / 2;
      tries = 1;
      tries_ += kTriesOfBoundary;
      stopped_ = tries_ > kMostTries;
      if (stopped_) break;
    }
    point = textured();
    score = scores_.score(point);
    const double farther = std::max(boundary_ + 2 * (boundary_ - last_boundary_), kLeastRaised);
    if (scores_.is_beyond(score, farther)) boundary_ = (boundary_ + farther) / 2;
  }
  tries_ += tries;
  return stopped_ ? at::Tensor() : point;
}

BoundaryRound BoundaryWalk::round() {
  BoundaryRound report{.boundary_tried = boundary_};
  const std::int64_t tries_before = tries_;
  const bool is_there = scores_.is_beyond(centre_score_, boundary_);
  const at::Tensor start = random_search();
  if (start.defined() && !is_there) {
    SurfreeRound surfree(scores_, search_.space, centre_, boundary_, search_.orthogonal, signs_,
                         drawn_);
    const at::Tensor best = surfree.run(start);
    centre_ = at::minimum(at::maximum(best, centre_ - room_down()), centre_ + room_up());
    report.counted = surfree.counted();
    drawn_ = surfree.drawn();
    centre_score_ = scores_.score(centre_);
  }
  report.boundary_reached = boundary_;
  report.random_search = tries_ - tries_before;
  report.directions = drawn_;
  report.stopped = stopped_;
  report.picture = search_.space.picture(centre_);
  const double next = 2 * boundary_ - last_boundary_;
  last_boundary_ = boundary_;
  boundary_ = next;
  return report;
}

}  // namespace

std::vector<BoundaryRound> boundary_search(ScoreQueries& queries, const at::Tensor& picture,
                                           const BoundarySearch& search, const SearchDraws& draws,
                                           const DirectionSigns& signs) {
  BoundaryWalk walk(queries, picture, search, draws, signs);
  std::vector<BoundaryRound> rounds;
  for (std::int64_t i = 0; i < search.rounds && (i == 0 || walk.goes_on()); ++i) {
    rounds.push_back(walk.round());
  }
  return rounds;
}

}  // namespace robiq
