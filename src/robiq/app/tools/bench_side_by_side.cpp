#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "robiq/app/run/flag_parts.h"
#include "robiq/app/tools/bench_run.h"
#include "robiq/app/tools/bench_subject.h"
#include "robiq/app/tools/bench_tools.h"
#include "robiq/core/memory_limit.h"
#include "robiq/core/version.h"
#include "robiq/dist/join_processes.h"
#include "robiq/tensor/device.h"

namespace robiq {

OptionTable<SideBySideBench> SideBySideBench::options() {
  using R = SideBySideBench;
  return {{"model", &R::model, "what to run, with options as NAME:key=value"},
          {"weights", &R::weights, "its checkpoint; \"\": random weights"},
          {"attack", &R::attack, "which attack"},
          {"level", &R::level, kLevelHelp},
          {"views", &R::views, "how the picture becomes model inputs: grid, paper or how many"},
          {"height", &R::height, "height of the pictures", 16, 16384, "pixels"},
          {"width", &R::width, "width of the pictures", 16, 16384, "pixels"},
          {"pictures", &R::pictures, "pictures in each turn", 1, 100000},
          {"repeats", &R::repeats, "turns of each kind", 1, 100000},
          {"processes", &R::processes, "processes side by side; 0: one per core", 0, 1024},
          {"seed", &R::seed, "seed of weights and pictures", 0, 9e+18}};
}

std::int64_t processes_of(const SideBySideBench& request) {
  return request.processes > 0 ? request.processes : usable_cores();
}

ResultColumns<SideBySideTimes> SideBySideTimes::columns() {
  using R = SideBySideTimes;
  ResultColumns<R> columns;
  columns.add("model", &R::model)
      .add("attack", &R::attack)
      .add("height", &R::height)
      .add("width", &R::width)
      .add("pictures", &R::pictures)
      .add("processes", &R::processes)
      .add("threads", &R::threads)
      .add("device", &R::device)
      .add("one_at_a_time_seconds", &R::one_at_a_time_seconds)
      .add("side_by_side_seconds", &R::side_by_side_seconds)
      .add("side_by_side_speedup", &R::speedup)
      .add("robiq_version", [](const R&) { return std::string(version()); });
  return columns;
}

namespace {

/// The pictures first, first + step, ... of a turn.
void attack_pictures(BenchSubject& subject, const SideBySideBench& request,
                     const std::vector<ModelInput>& inputs, std::int64_t first, std::int64_t step) {
  const std::unique_ptr<Attack> attack = make_attack(request.attack);
  for (std::int64_t i = first; i < request.pictures; i += step) {
    throw_if_bench_stopped();
    static_cast<void>(subject.attack(*attack, request.level, inputs[static_cast<std::size_t>(i)]));
  }
}

}  // namespace

std::optional<SideBySideTimes> bench_side_by_side(const SideBySideBench& request) {
  constexpr double kLongest = 7.0 * 24 * 60 * 60;  // that the others wait while the first works
  const JoinedProcesses processes =
      join_processes({.device = "cpu", .threads = 1, .timeout_seconds = kLongest});
  const auto meet = [&] {
    throw_if_bench_stopped();
    try {
      if (processes.group) processes.group->barrier();
    } catch (const LostProcess&) {  // a stop reaches some of them first
      throw_if_bench_stopped();
      throw;
    }
  };
  BenchSubject subject(request);
  std::vector<ModelInput> inputs;
  for (std::int64_t i = 0; i < request.pictures; ++i) {
    const bool needed = processes.first() || i % processes.size() == processes.rank();
    inputs.push_back(needed ? subject.input_of(i) : ModelInput{});
  }
  const auto all = [&] { attack_pictures(subject, request, inputs, 0, 1); };
  const auto share = [&] {
    attack_pictures(subject, request, inputs, processes.rank(), processes.size());
    meet();
  };
  SideBySideTimes times{.model = request.model,
                        .attack = request.attack,
                        .height = request.height,
                        .width = request.width,
                        .pictures = request.pictures,
                        .processes = processes.size(),
                        .threads = usable_cores()};
  std::vector<double> alone, together, ratios;
  prepare_arithmetic(1);
  share();  // what the first pictures pay for is no part of the time
  for (std::int64_t turn = 0; turn < request.repeats; ++turn) {
    prepare_arithmetic(processes.first() ? times.threads : 1);
    times.device = device_description(c10::kCPU);
    if (processes.first()) alone.push_back(seconds_of(all));
    prepare_arithmetic(1);
    meet();
    together.push_back(seconds_of(share));
    if (processes.first()) ratios.push_back(alone.back() / together.back());
  }
  if (!processes.first()) return std::nullopt;
  times.one_at_a_time_seconds = median(alone);
  times.side_by_side_seconds = median(together);
  times.speedup = median(ratios);
  return times;
}

}  // namespace robiq
