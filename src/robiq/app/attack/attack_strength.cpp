#include "robiq/app/attack/attack_strength.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr std::array<std::pair<const char*, StrengthMeasure>, 3> kStrengthMeasures{
    {{"linf", StrengthMeasure::kLinf},
     {"l2", StrengthMeasure::kL2},
     {"ssim", StrengthMeasure::kSsim}}};

const OptionDoc* option_of(const std::string& attack, std::string_view name) {
  for (const OptionDoc& doc : Registry<Attack>::instance().find(attack).options) {
    if (doc.name == name) return &doc;
  }
  return nullptr;
}

/// The ends of "[0, 1]"; without bounds infinite.
std::pair<double, double> ends_of(const OptionDoc& doc) {
  std::pair<double, double> ends{-std::numeric_limits<double>::infinity(),
                                 std::numeric_limits<double>::infinity()};
  const std::vector<std::string> parts = split(doc.range, ',');
  if (parts.size() != 2) return ends;
  static_cast<void>(parse_number(parts[0].substr(1), ends.first));
  static_cast<void>(parse_number(parts[1].substr(1, parts[1].size() - 2), ends.second));
  return ends;
}

[[noreturn]] void throw_no_strength(const std::string& attack, const std::string& where) {
  throw Error(ErrorKind::kUsage,
              {"the attack '" + attack + "' has no strength that --align could move", where,
               "leave it out, or evaluate it without --align"});
}

}  // namespace

std::optional<StrengthTarget> parse_alignment(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t equals = text.find('=');
  double value = 0;
  for (const auto& [name, measure] : kStrengthMeasures) {
    if (text.substr(0, equals) != name || equals == text.npos) continue;
    if (!parse_fraction(text.substr(equals + 1), value)) break;
    return StrengthTarget::of(measure, value);
  }
  throw Error(ErrorKind::kUsage, {"'" + text + "' is not a strength", "--align",
                                  "write linf=4/255, l2=1.5 or ssim=0.95"});
}

std::string alignment_text(const StrengthTarget& target) {
  for (const auto& [name, measure] : kStrengthMeasures) {
    if (measure == target.measure) return std::string(name) + "=" + number_text(target.value);
  }
  return "";
}

AttackStrength::AttackStrength(const std::string& text, const std::string& where)
    : spec_(Registry<Attack>::instance().parse(text, where)),
      card_(attack_card(text, where)),
      options_(attack_options(spec_)),
      option_(card_.strength) {
  const OptionDoc* const doc = option_.empty() ? nullptr : option_of(spec_.name, option_);
  if (doc == nullptr || !parse_fraction(options_.value(option_), first_)) {
    throw_no_strength(text, where);
  }
  whole_ = doc->type == "integer" || card_.strength_is_whole;
  const auto [of_option_least, of_option_most] = ends_of(*doc);
  const double least = std::max(of_option_least, card_.strength_least);
  const double most = std::min(of_option_most, card_.strength_most);
  if (card_.strength_falls) {
    if (!(first_ > 0)) throw_no_strength(text, where);
    most_ = least > 0 ? first_ * first_ / least : std::numeric_limits<double>::infinity();
  } else {
    most_ = first_ >= card_.strength_identity ? most - card_.strength_identity
                                              : card_.strength_identity - least;
  }
  double step = 0;
  if (parse_number(options_.value(card_.strength_step), step) && step > 0 && first_ > 0) {
    step_ = card_.strength_step;
    ratio_ = step / first_;
    most_step_ = ends_of(*option_of(spec_.name, step_)).second;
  }
}

double AttackStrength::start(const StrengthTarget& target) const {
  const bool is_radius = option_ == "epsilon" && target.measure == StrengthMeasure::kLinf;
  if (is_radius) return std::min(target.value, most_);
  return card_.strength_falls ? first_ : std::abs(first_ - card_.strength_identity);
}

double AttackStrength::value_at(double strength) const {
  double value = card_.strength_falls                ? first_ * first_ / strength
                 : first_ >= card_.strength_identity ? card_.strength_identity + strength
                                                     : card_.strength_identity - strength;
  return whole_ ? std::max(1.0, std::round(value)) : value;
}

std::string AttackStrength::text_at(double strength) const {
  Params params = spec_.params;
  const double value = value_at(strength);
  const std::string where = "--align";
  params[option_] = {whole_ ? std::to_string(std::llround(value)) : number_text(value), where};
  if (!step_.empty()) params[step_] = {number_text(std::min(most_step_, value * ratio_)), where};
  return spec_text(spec_.name, spec_.argument, params);
}

AttackOptions AttackStrength::key(const StrengthTarget& target) const {
  AttackOptions key = options_.without(option_);
  if (!step_.empty()) key = key.without(step_);
  return key.with("align", alignment_text(target));
}

namespace {

/// Whether the attack searches with scores alone, as often as its option `queries` says.
bool takes_queries(const std::string& attack) {
  const std::string name = Registry<Attack>::instance().parse(attack, "--attack").name;
  if (option_of(name, "queries") == nullptr) return false;  // it may be one that cannot be made yet
  const AttackCard card = attack_card(attack);
  return card.score_only && card.uses_model;
}

}  // namespace

std::vector<std::string> bounded_by_queries(const std::vector<std::string>& attacks,
                                            std::int64_t queries) {
  std::vector<std::string> bounded;
  for (const std::string& text : attacks) {
    bounded.push_back(text);
    if (!takes_queries(text)) continue;
    Spec spec = Registry<Attack>::instance().parse(text, "--attack");
    if (const auto own = spec.params.find("queries"); own != spec.params.end()) {
      if (option_text(own->second.value) == std::to_string(queries)) continue;
      throw Error(ErrorKind::kUsage, {"'" + text + "' says its own number of queries", "--queries",
                                      "leave out one of the two"});
    }
    spec.params["queries"] = {queries, "--queries"};
    bounded.back() = spec_text(spec.name, spec.argument, spec.params);
  }
  return bounded;
}

std::vector<std::string> with_queries(const std::vector<std::string>& attacks,
                                      std::int64_t queries) {
  if (std::any_of(attacks.begin(), attacks.end(), takes_queries)) {
    return bounded_by_queries(attacks, queries);
  }
  throw Error(ErrorKind::kUsage,
              {"option 'queries' has no effect without an attack that searches with scores alone",
               "--queries", "leave it out, or add such an attack: `robiq list attacks`"});
}

}  // namespace robiq
