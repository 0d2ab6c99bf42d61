#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/app/tools/bench_run.h"
#include "robiq/app/tools/bench_subject.h"
#include "robiq/app/tools/bench_tools.h"
#include "robiq/core/version.h"
#include "robiq/model/net_model.h"
#include "robiq/model/picture_scorer.h"
#include "robiq/model/reduced_precision.h"
#include "robiq/net/convolution_norm.h"
#include "robiq/tensor/device.h"

namespace robiq {

namespace {

/// What both have. \tparam R  one of the two
template <class R>
OptionTable<R> picture_options(const char* repeats, const char* precision) {
  return {
      {"model", &R::model, "what to run, with options as NAME:key=value"},
      {"weights", &R::weights, "its checkpoint; \"\": random weights"},
      {"views", &R::views, "how the picture becomes model inputs: grid, paper or how many"},
      {"height", &R::height, "height of the picture", 16, 16384, "pixels"},
      {"width", &R::width, "width of the picture", 16, 16384, "pixels"},
      {"repeats", &R::repeats, repeats, 1, 100000},
      {"precision", &R::precision, precision},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"seed", &R::seed, "seed of weights and picture", 0, 9e18},
      {"device", &R::device, "cpu, cuda, cuda:N or auto"},
  };
}

}  // namespace

OptionTable<PictureBench> PictureBench::options() {
  return picture_options<PictureBench>(
      "timed runs, each on a picture of its own",
      "number format; bf16 is measured beside fp32, with the change of scores");
}

OptionTable<AttackBench> AttackBench::options() {
  using R = AttackBench;
  auto table = picture_options<R>(
      "timed runs", "number format of the attacked model's products and convolutions");
  table.insert(table.begin() + 2,
               {{"attack", &R::attack, "which attack"}, {"level", &R::level, kLevelHelp}});
  return table;
}

namespace {

/// Scores of pictures, and the seconds each took.
struct TimedScores {
  std::vector<double> scores, seconds;

  void add(QualityModel& model, const ModelInput& input) {
    double score = 0;
    seconds.push_back(seconds_of([&] { score = PictureScorer(model).score(input); }));
    scores.push_back(score);
  }
};

/// How far bf16 is from fp32, in the model's native scores.
PictureTimes::Comparison compared(const TimedScores& fp32, const TimedScores& bf16,
                                  const ScoreScale& scale) {
  double largest = 0;
  for (std::size_t i = 0; i < fp32.scores.size(); ++i) {
    largest = std::max(largest, std::abs(fp32.scores[i] - bf16.scores[i]));
  }
  const auto [least, most] = std::minmax_element(fp32.scores.begin(), fp32.scores.end());
  return {.fp32_seconds = median(fp32.seconds),
          .speedup = median(fp32.seconds) / median(bf16.seconds),
          .max_difference = largest,
          .fp32_least = *least,
          .fp32_largest = *most,
          .scale = scale};
}

PictureTimes times_of(const PictureBench& request, const BenchSubject& subject, std::size_t views,
                      const std::vector<double>& seconds) {
  return {.model = request.model,
          .height = request.height,
          .width = request.width,
          .views = views,
          .threads = subject.threads(),
          .device = device_description(subject.device()),
          .seconds = median(seconds),
          .peak_bytes = peak_memory_bytes(subject.device())};
}

/// Whether evaluation folds the model, so that there are two speeds to compare.
bool is_folded(const QualityModel& model) {
  const auto* const net = dynamic_cast<const NetModel*>(&model);
  return net != nullptr && net->folds();
}

/// Times of the same work, with the network as evaluation folds it and as it was trained. They take
/// turns, so that both meet the same machine.
class FoldingTimes {
 public:
  explicit FoldingTimes(const QualityModel& model) : compares_(is_folded(model)) {}

  /// \param folded    seconds of the work with the folded network
  /// \param unfolded  does it again and returns its seconds
  void add(double folded, const std::function<double()>& unfolded) {
    if (!compares_) return;
    set_exact_networks(true);
    seconds_.push_back(unfolded());
    set_exact_networks(false);
    ratios_.push_back(seconds_.back() / folded);
  }

  [[nodiscard]] std::optional<PictureTimes::Unfolded> result() const {
    if (!compares_) return std::nullopt;
    return PictureTimes::Unfolded{median(seconds_), median(ratios_)};
  }

 private:
  bool compares_;
  std::vector<double> seconds_, ratios_;
};

}  // namespace

ResultColumns<PictureTimes> PictureTimes::columns() {
  using R = PictureTimes;
  const auto comparison = [](const R& row, nlohmann::ordered_json& cells) {
    if (!row.bf16) return;
    cells["scale"] = result_cell(row.bf16->scale);
    cells["precision"] = "bf16";
    cells["fp32_seconds"] = row.bf16->fp32_seconds;
    cells["speedup"] = row.bf16->speedup;
    cells["max_difference"] = row.bf16->max_difference;
    cells["fp32_least"] = row.bf16->fp32_least;
    cells["fp32_largest"] = row.bf16->fp32_largest;
  };
  const auto folding = [](const R& row, nlohmann::ordered_json& cells) {
    if (!row.exact) return;
    cells["exact_seconds"] = row.exact->seconds;
    cells["folding_speedup"] = row.exact->speedup;
  };
  const auto attack = [](const R& row, nlohmann::ordered_json& cells) {
    if (!row.attack) return;
    cells["attack"] = row.attack->attack;
    cells["level"] = row.attack->level;
    cells["forwards"] = row.attack->forwards;
    cells["backwards"] = row.attack->backwards;
  };
  ResultColumns<R> columns;
  columns.add("model", &R::model)
      .add("height", &R::height)
      .add("width", &R::width)
      .add("views", &R::views)
      .add("threads", &R::threads)
      .add("device", &R::device)
      .add("seconds", &R::seconds)
      .add("peak_bytes", &R::peak_bytes)
      .add("robiq_version", [](const R&) { return std::string(version()); })
      .add_present("pictures_per_second", &R::pictures_per_second)
      .add_cells(folding)
      .add_cells(comparison)
      .add_cells(attack);
  return columns;
}

PictureTimes bench_score(const PictureBench& request) {
  BenchSubject subject(request);
  const ModelInput first = subject.input_of(0);
  std::unique_ptr<QualityModel> reduced;
  if (request.precision != NumberFormat::kFp32) {
    reduced = with_precision(subject.another_model(), request.precision);
    reduced->set_training(false);
    static_cast<void>(PictureScorer(*reduced).score(first));
  }
  static_cast<void>(PictureScorer(subject.model()).score(first));
  TimedScores fp32, bf16, exact;
  FoldingTimes folding(subject.model());
  for (std::int64_t i = 0; i < request.repeats; ++i) {
    throw_if_bench_stopped();
    const ModelInput input = subject.input_of(i);
    fp32.add(subject.model(), input);
    folding.add(fp32.seconds.back(), [&] {
      exact.add(subject.model(), input);
      return exact.seconds.back();
    });
    if (reduced) bf16.add(*reduced, input);
  }
  const std::vector<double>& seconds = reduced ? bf16.seconds : fp32.seconds;
  PictureTimes times = times_of(request, subject, first.views.size(), seconds);
  times.pictures_per_second = 1 / median(seconds);
  times.exact = folding.result();
  if (reduced) times.bf16 = compared(fp32, bf16, subject.model().card().scale);
  return times;
}

PictureTimes bench_attack(const AttackBench& request) {
  BenchSubject subject(request);
  subject.reduce_precision(request.precision);
  const ModelInput input = subject.input_of(0);
  const std::unique_ptr<Attack> attack = make_attack(request.attack);
  const auto attack_once = [&] { return subject.attack(*attack, request.level, input); };
  static_cast<void>(attack_once());
  std::vector<double> seconds;
  FoldingTimes folding(subject.model());
  AttackedPicture attacked;
  for (std::int64_t i = 0; i < request.repeats; ++i) {
    throw_if_bench_stopped();
    attacked = attack_once();
    seconds.push_back(attacked.seconds);
    folding.add(attacked.seconds, [&] { return attack_once().seconds; });
  }
  PictureTimes times = times_of(request, subject, input.views.size(), seconds);
  times.exact = folding.result();
  times.attack = {request.attack, word_of(request.level), attacked.forwards, attacked.backwards};
  return times;
}

}  // namespace robiq
