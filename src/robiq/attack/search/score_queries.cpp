#include "robiq/attack/search/score_queries.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <memory>

#include "robiq/core/error.h"

namespace robiq {

ScoreQueries::ScoreQueries(QualityModel& victim, Objective objective, const at::Tensor& clean_score,
                           std::int64_t most, const std::function<bool()>& stop)
    : victim_(victim),
      objective_(objective),
      clean_(clean_score.detach().to(at::kCPU, at::kDouble).reshape({1})),
      most_(most),
      stop_(stop),
      clean_value_(value_of(clean_)) {}

at::Tensor ScoreQueries::ask(const at::Tensor& candidates) {
  if (candidates.size(0) > left()) {
    throw Error(ErrorKind::kInternal, {"a search asks for more scores than it may",
                                       victim_.card().name, "report this as a bug"});
  }
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> scores;
  for (const at::Tensor& part : candidates.detach().split(at_once(candidates))) {
    if (stop_()) throw Interrupted("the attack was stopped");
    scores.push_back(victim_.score(part).to(at::kCPU, at::kDouble));
  }
  spent_ += candidates.size(0);
  return at::cat(scores);
}

std::int64_t ScoreQueries::at_once(const at::Tensor& picture) const {
  const std::int64_t pixels = picture.size(2) * picture.size(3);
  return std::max<std::int64_t>(1, victim_.card().pixels_at_once / pixels);
}

double ScoreQueries::value_of(const at::Tensor& native) const {
  return objective_value(objective_, native, clean_, victim_.card().scale).item<double>();
}

std::vector<double> ScoreQueries::values(const at::Tensor& candidates) {
  std::vector<double> out;
  for (const at::Tensor& native : ask(candidates).split(1)) out.push_back(value_of(native));
  return out;
}

std::vector<double> ScoreQueries::values_of(
    std::size_t count, const std::function<at::Tensor(std::size_t)>& candidate) {
  std::vector<double> out;
  std::vector<at::Tensor> waiting;
  for (std::size_t i = 0; i < count; ++i) {
    waiting.push_back(candidate(i));
    const auto most = static_cast<std::size_t>(at_once(waiting.front()));
    if (waiting.size() < most && i + 1 < count) continue;
    const std::vector<double> part = values(at::cat(waiting));
    out.insert(out.end(), part.begin(), part.end());
    waiting.clear();
  }
  return out;
}

double ScoreQueries::value(const at::Tensor& candidate) { return values(candidate).front(); }

std::vector<double> ScoreQueries::scores(const at::Tensor& candidates) {
  const at::Tensor native = ask(candidates);
  std::vector<double> out;
  for (std::int64_t i = 0; i < native.size(0); ++i) {
    out.push_back(victim_.card().scale.normalise(native[i].item<double>()));
  }
  return out;
}

double ScoreQueries::clean_score() const {
  return victim_.card().scale.normalise(clean_.item<double>());
}

SearchDraws draws_at(const Rng& position) {
  const auto stream = std::make_shared<RandomStream>(position);
  return {[stream](std::int64_t n) {
            return static_cast<std::int64_t>(stream->below(static_cast<std::uint64_t>(n)));
          },
          [stream] { return stream->uniform(); }};
}

}  // namespace robiq
