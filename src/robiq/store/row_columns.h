#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "robiq/store/results_store.h"

namespace robiq {

template <class Given, class Row>
concept IsRow = std::same_as<std::remove_const_t<Given>, Row>;

// For each table its columns, and the members of its row in the same order; reading and writing
// both follow them.

inline constexpr std::string_view kRunColumns =
    "id, kind, label, command, config_toml, config_sha256, robiq_version, torch_version, device, "
    "threads, seed, started_utc, finished_utc, status";
template <IsRow<RunRow> R>
auto fields_of(R& r) {
  return std::tie(r.id, r.kind, r.label, r.command, r.config_toml, r.config_sha256, r.robiq_version,
                  r.torch_version, r.device, r.threads, r.seed, r.started_utc, r.finished_utc,
                  r.status);
}

inline constexpr std::string_view kModelColumns = "id, name, defense, weights_sha256, card_json";
template <IsRow<ModelRow> R>
auto fields_of(R& r) {
  return std::tie(r.id, r.name, r.defense, r.weights_sha256, r.card_json);
}

inline constexpr std::string_view kImageColumns =
    "id, dataset, split_sha256, name, content, mos, mos_normalised";
template <IsRow<ImageRow> R>
auto fields_of(R& r) {
  return std::tie(r.id, r.dataset, r.split_sha256, r.name, r.content, r.mos, r.mos_normalised);
}

inline constexpr std::string_view kScoreColumns =
    "run, model, image, attack, attack_options, level, surrogate, before, after, after_8bit, "
    "before_native, after_native, linf, l2, ssim, psnr_db, lpips, gradient_l1, forwards, "
    "backwards, "
    "seconds, artifact";
template <IsRow<ScoreRow> R>
auto fields_of(R& r) {
  return std::tie(r.run, r.model, r.image, r.attack, r.attack_options, r.level, r.surrogate,
                  r.before, r.after, r.after_8bit, r.before_native, r.after_native, r.linf, r.l2,
                  r.ssim, r.psnr_db, r.lpips, r.gradient_l1, r.forwards, r.backwards, r.seconds,
                  r.artifact);
}

inline constexpr std::string_view kDistanceColumns =
    "run, model, image, attack, attack_options, level, surrogate, distance, value";
template <IsRow<DistanceRow> R>
auto fields_of(R& r) {
  return std::tie(r.run, r.model, r.image, r.attack, r.attack_options, r.level, r.surrogate,
                  r.distance, r.value);
}

inline constexpr std::string_view kMeasureColumns =
    "run, model, dataset, attack, attack_options, level, surrogate, block, measure, value, low, "
    "high, note";
template <IsRow<MeasureRow> R>
auto fields_of(R& r) {
  return std::tie(r.run, r.model, r.dataset, r.attack, r.attack_options, r.level, r.surrogate,
                  r.block, r.measure, r.value, r.low, r.high, r.note);
}

inline constexpr std::string_view kFlagColumns = "run, model, attack, flag, severity, text";
template <IsRow<FlagRow> R>
auto fields_of(R& r) {
  return std::tie(r.run, r.model, r.attack, r.flag, r.severity, r.text);
}

inline constexpr std::string_view kExampleColumns =
    "run, model, image, attack, attack_options, level, surrogate, change, draw, clean, attacked";
template <IsRow<ExampleRow> R>
auto fields_of(R& r) {
  return std::tie(r.run, r.model, r.image, r.attack, r.attack_options, r.level, r.surrogate,
                  r.change, r.draw, r.clean, r.attacked);
}

inline constexpr std::string_view kAttackColumns =
    "name, title, rank, strength, white_box, score_only";
template <IsRow<AttackRow> R>
auto fields_of(R& r) {
  return std::tie(r.name, r.title, r.rank, r.strength, r.white_box, r.score_only);
}

inline constexpr std::string_view kModelTitleColumns = "name, title";
template <IsRow<ModelTitleRow> R>
auto fields_of(R& r) {
  return std::tie(r.name, r.title);
}

inline constexpr std::string_view kHistoryColumns = "model, epoch, quantity, value";
template <IsRow<HistoryRow> R>
auto fields_of(R& r) {
  return std::tie(r.model, r.epoch, r.quantity, r.value);
}

template <class Fields, class Visit>
void for_each_field(Fields fields, Visit visit) {
  std::apply([&](auto&... field) { (visit(field), ...); }, fields);
}

}  // namespace robiq
