#include "robiq/app/evaluate/threshold.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <regex>

#include "robiq/app/run/flag_parts.h"
#include "robiq/app/run/spec_checks.h"
#include "robiq/app/tools/weights_run.h"
#include "robiq/attack/attack.h"
#include "robiq/attack/standard_set.h"
#include "robiq/core/text/text.h"
#include "robiq/defense/defense_chain.h"
#include "robiq/metric/defense_measures.h"
#include "robiq/metric/metric.h"
#include "robiq/model/weights/shipped_weights.h"
#include "robiq/store/attack_options.h"

namespace robiq {
namespace {

constexpr const char* kFlag = "--fail-if";
constexpr std::array<Block, 3> kBlocks = {Block::kMosBefore, Block::kMosAfter, Block::kBeforeAfter};

[[noreturn]] void throw_usage(const std::string& what, const std::string& hint) {
  throw Error(ErrorKind::kUsage, {what, kFlag, hint});
}

[[noreturn]] void throw_unknown(const std::string& what, const std::string& word,
                                const std::vector<std::string>& known) {
  const std::string near = nearest_of(word, known);
  throw_usage(
      what, (near.empty() ? "" : "did you mean '" + near + "'? ") + "known: " + join(known, ", "));
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The measures that a block has.
std::vector<std::string> measures_of(Block block) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : Registry<Metric>::instance().entries()) {
    if (block == Block::kBeforeAfter || entry.make({})->compares_with_mos()) names.push_back(name);
  }
  for (const char* name : {"share", "width", "srocc", "worst_rmse", "bin_share", "bin_radius"}) {
    if (block == Block::kMosBefore) names.push_back(std::string("certified_") + name);
  }
  if (block != Block::kBeforeAfter) return names;
  for (const char* name : {"absolute_gain", "relative_gain", "robustness", "classic_relative_gain",
                           "wasserstein", "energy"}) {
    names.push_back(std::string("msu_") + name);
  }
  for (const std::string& name : defense_measure_names()) names.push_back("msu_" + name);
  return names;
}

Block block_of(const std::string& text, const std::string& name) {
  std::vector<std::string> known;
  for (const Block block : kBlocks) {
    if (name == block_name(block)) return block;
    known.emplace_back(block_name(block));
  }
  throw_unknown("'" + text + "' names no block '" + name + "'", name, known);
}

Threshold::Comparison comparison_of(const std::string& sign) {
  static const std::map<std::string, Threshold::Comparison> signs = {
      {"<", Threshold::Comparison::kLess},
      {"<=", Threshold::Comparison::kLessOrEqual},
      {">", Threshold::Comparison::kGreater},
      {">=", Threshold::Comparison::kGreaterOrEqual}};
  return signs.at(sign);
}

void check_words(const Threshold& t) {
  const std::string block(block_name(t.block));
  const std::vector<std::string> measures = measures_of(t.block);
  if (!contains(measures, t.measure)) {
    throw_unknown("the block " + block + " has no measure '" + t.measure + "'", t.measure,
                  measures);
  }
  if (t.attack.name.empty() != (t.block == Block::kMosBefore)) {
    throw_usage("'" + t.text + "' " +
                    (t.attack.name.empty() ? "names no attack, and " : "names an attack, and ") +
                    block + " is measured " +
                    (t.attack.name.empty() ? "under attack" : "on clean pictures"),
                "write mos_before.srocc() < 0.8, or before_after.r(fgsm) < 1.0");
  }
  if (!t.attack.name.empty()) check_spec<Attack>(t.attack, kFlag);
}

Threshold parse_threshold(const std::string& text) {
  static const std::regex form(
      R"(\s*([a-z_]+)\.([A-Za-z0-9_]+)\((.*)\)(?:@(\S+?))?\s*(<=|>=|<|>)\s*(\S+)\s*)");
  std::smatch parts;
  Threshold t{.text = std::string(trim(text))};
  if (!std::regex_match(text, parts, form) || !parse_number(parts[6].str(), t.number) ||
      !std::isfinite(t.number)) {
    throw_usage("'" + text + "' is not a threshold",
                "write BLOCK.MEASURE(ATTACK) OP NUMBER, e.g. 'before_after.r(fgsm) < 1.0'");
  }
  t.block = block_of(t.text, parts[1]);
  t.measure = parts[2];
  if (const std::string attack(trim(parts[3].str())); !attack.empty()) {
    t.attack = parse_spec(attack, kFlag);
  }
  t.only = parts[4];
  t.comparison = comparison_of(parts[5]);
  check_words(t);
  return t;
}

/// The numbers of "4/255" or "2/255+4/255"; none where a part is no number.
std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  for (const std::string& part : split(text, '+')) {
    double number = 0;
    if (!parse_fraction(part, number)) return {};
    numbers.push_back(stored_radius(number));
  }
  return numbers;
}

/// What an option must have of a threshold's, where both are lists of numbers.
enum class NumbersShared {
  kOne,  ///< rows have one budget of a set's list
  kAll   ///< an attack makes every budget that a threshold names
};

/// Equal as texts, or with so many numbers in common.
bool same_option(const std::string& option, const std::string& asked, NumbersShared shared) {
  if (option == asked) return true;
  const std::vector<double> had = numbers_of(option), wanted = numbers_of(asked);
  const auto is_had = [&](double number) { return std::ranges::find(had, number) != had.end(); };
  if (shared == NumbersShared::kOne) return std::ranges::any_of(wanted, is_had);
  return !wanted.empty() && std::ranges::all_of(wanted, is_had);
}

/// Whether an attack's options have those of the spec.
bool has_options(const AttackOptions& options, const Spec& spec, NumbersShared shared) {
  const auto has = [&](const std::string& key, const std::string& value) {
    return options.values().contains(key) && same_option(options.value(key), value, shared);
  };
  const std::string& argument = Registry<Attack>::instance().find(spec.name).argument;
  if (!spec.argument.empty() && !has(argument, spec.argument)) return false;
  return std::all_of(spec.params.begin(), spec.params.end(), [&](const auto& param) {
    return has(param.first, option_text(param.second.value));
  });
}

bool is_of(const Threshold& t, const JudgedRow& judged) {
  const MeasuredRow& row = *judged.row;
  if (row.block != t.block) return false;
  if (!t.only.empty() && !contains(judged.names, t.only)) return false;
  if (t.attack.name.empty()) return true;
  return row.attack == t.attack.name &&
         has_options(AttackOptions::parse(row.options), t.attack, NumbersShared::kOne);
}

/// The line of a crossing, or "".
std::string crossing(const Threshold& t, const JudgedRow& judged) {
  const MeasuredRow& row = *judged.row;
  const std::string whose = (judged.who.empty() ? "" : ", " + judged.who) +
                            (row.options.empty() ? "" : ", " + row.options);
  const RowMeasure* const measure = row.find(t.measure);
  if (measure == nullptr || !std::isfinite(measure->value)) {
    const std::string note = measure == nullptr ? "" : measure->note;
    return fmt::format("crossed: {}: undefined{}{}", t.text, note.empty() ? "" : " (" + note + ")",
                       whose);
  }
  if (!t.crossed_by(measure->value)) return "";
  return fmt::format("crossed: {}: {:.6g}{}", t.text, measure->value, whose);
}

}  // namespace

bool Threshold::crossed_by(double value) const {
  switch (comparison) {
    case Comparison::kLess:
      return value < number;
    case Comparison::kLessOrEqual:
      return value <= number;
    case Comparison::kGreater:
      return value > number;
    case Comparison::kGreaterOrEqual:
      break;
  }
  return value >= number;
}

std::vector<Threshold> parse_thresholds(const std::vector<std::string>& texts) {
  std::vector<Threshold> all;
  for (const std::string& text : texts) all.push_back(parse_threshold(text));
  return all;
}

std::vector<std::string> names_of_model(const std::string& model, const std::string& weights) {
  const Spec spec = Registry<QualityModel>::instance().parse(model, "--model");
  std::vector<std::string> names = {spec.name};
  const std::string file = find_weights(spec, weights);
  if (file.empty()) return names;
  const std::optional<WeightsCard> card = inspect_weights({file}).card;
  if (!card) return names;
  const std::string& defense = card->defense;
  for (const Spec& member : parse_defenses(defense, file)) names.push_back(member.name);
  if (names.back() != defense) names.push_back(defense);
  return names;
}

void check_thresholds(const std::vector<Threshold>& thresholds, const JudgedWork& work) {
  const auto matches = [&](const Threshold& t) {
    return std::any_of(work.attacks.begin(), work.attacks.end(), [&](const std::string& text) {
      const Spec spec = Registry<Attack>::instance().parse(text, kFlag);
      return spec.name == t.attack.name &&
             has_options(attack_options(spec), t.attack, NumbersShared::kAll);
    });
  };
  for (const Threshold& t : thresholds) {
    if (!t.attack.name.empty() && !matches(t)) {
      throw_unknown("'" + t.text + "' names an attack that will not be made", t.attack.text,
                    work.attacks);
    }
    if (!t.only.empty() && !contains(work.names, t.only)) {
      throw_unknown("'" + t.text + "' names no model or defense of this work", t.only, work.names);
    }
  }
}

ThresholdCrossed::ThresholdCrossed(std::vector<std::string> lines)
    : std::runtime_error(join(lines, "\n")), lines_(std::move(lines)) {}

void judge(const std::vector<Threshold>& thresholds, const std::vector<JudgedRow>& rows) {
  std::vector<std::string> lines;
  for (const Threshold& t : thresholds) {
    bool judged = false;
    for (const JudgedRow& row : rows) {
      if (!is_of(t, row)) continue;
      judged = true;
      const std::string line = crossing(t, row);
      if (!line.empty()) lines.push_back(line);
    }
    if (!judged) lines.push_back("crossed: " + t.text + ": undefined (nothing was measured)");
  }
  if (!lines.empty()) throw ThresholdCrossed(lines);
}

}  // namespace robiq
