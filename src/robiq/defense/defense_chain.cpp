#include "robiq/defense/defense_chain.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr std::string_view kNoDefense = "none";

/// The parts between separating plus signs, in which a doubled one is a single one again.
std::vector<std::string> parts_of_specs(std::string_view specs) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const char next = i + 1 < specs.size() ? specs[i + 1] : '\0';
    if (specs[i] != '+') {
      parts.back() += specs[i];
    } else if (next == '+') {
      parts.back() += specs[i++];
    } else if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z')) {
      parts.emplace_back();
    } else {
      parts.back() += specs[i];
    }
  }
  return parts;
}

using DefenseOptions = std::vector<std::pair<std::string, OptionValue>>;

/// One defense of the text, made, with what it was told.
struct NamedDefense {
  std::string name;
  std::unique_ptr<Defense> defense;
  DefenseOptions values, defaults;

  [[nodiscard]] const OptionValue* value_of(const DefenseOptions& options,
                                            const std::string& key) const {
    for (const auto& [option, value] : options) {
      if (option == key) return &value;
    }
    return nullptr;
  }
};

/// Every defense of the text, penalties before changes of the pictures.
std::vector<NamedDefense> named_defenses(const std::string& specs, const std::string& where) {
  const Registry<Defense>& registry = Registry<Defense>::instance();
  std::vector<NamedDefense> out;
  for (const Spec& spec : parse_defenses(specs, where)) {
    const auto& entry = registry.find(spec.name, where);
    Params params = spec.params;
    if (!spec.argument.empty()) params[entry.argument] = {spec.argument, where};
    out.push_back({spec.name, registry.make(spec, where), entry.values(params), entry.values({})});
  }
  std::stable_partition(out.begin(), out.end(), [](const NamedDefense& member) {
    return !member.defense->card().changes_pictures;
  });
  return out;
}

/// A value as it stands in a spec of a chain.
std::string escaped_value(const OptionValue& value) {
  std::string out;
  for (const char c : option_text(value)) {
    out += c;
    if (c == ',' || c == '+') out += c;
  }
  return out;
}

std::string canonical_spec(const NamedDefense& member) {
  std::vector<std::string> changed;
  for (const auto& [key, value] : member.values) {
    const OptionValue* const usual = member.value_of(member.defaults, key);
    if (usual == nullptr || *usual != value) changed.push_back(key + "=" + escaped_value(value));
  }
  if (changed.empty()) return member.name;
  std::sort(changed.begin(), changed.end());
  return member.name + ":" + join(changed, ",");
}

std::string title_of(const NamedDefense& member, bool alone) {
  const DefenseCard card = member.defense->card();
  const std::string title = card.title.empty() ? member.name : card.title;
  const OptionValue* const strength = member.value_of(member.values, card.strength);
  if (strength == nullptr) return title;
  const bool usual = *strength == *member.value_of(member.defaults, card.strength);
  const bool shown = !usual || (alone && card.titled_by_strength);
  return shown ? title + " " + option_text(*strength) : title;
}

}  // namespace

DefenseChain::DefenseChain(std::vector<std::unique_ptr<Defense>> members)
    : members_(std::move(members)) {
  const bool sound =
      !members_.empty() && std::all_of(members_.begin(), members_.end(),
                                       [](const auto& member) { return member != nullptr; });
  if (!sound) throw Error(ErrorKind::kInternal, {"a chain without defenses", "DefenseChain", ""});
  std::stable_partition(members_.begin(), members_.end(),
                        [](const auto& member) { return member->card().changes_pictures; });
}

DefenseCard DefenseChain::card() const {
  DefenseCard card{.penalises = false};
  for (const auto& member : members_) {
    const DefenseCard member_card = member->card();
    card.changes_pictures = card.changes_pictures || member_card.changes_pictures;
    card.penalises = card.penalises || member_card.penalises;
  }
  return card;
}

void DefenseChain::see_task(const StepTask& task) {
  for (const auto& member : members_) member->see_task(task);
}

TrainBatch DefenseChain::prepare(QualityModel& model, TrainBatch batch, const Rng& step) {
  for (const auto& member : members_) batch = member->prepare(model, std::move(batch), step);
  return batch;
}

void DefenseChain::before_pass(const QualityModel& model) {
  for (const auto& member : members_) member->before_pass(model);
}

bool DefenseChain::freezes_statistics() const {
  return std::any_of(members_.begin(), members_.end(),
                     [](const auto& member) { return member->freezes_statistics(); });
}

bool DefenseChain::needs_image_gradient() const {
  return std::any_of(members_.begin(), members_.end(),
                     [](const auto& member) { return member->needs_image_gradient(); });
}

bool DefenseChain::needs_batch_scores() const {
  return std::any_of(members_.begin(), members_.end(),
                     [](const auto& member) { return member->needs_batch_scores(); });
}

void DefenseChain::see_batch(const at::Tensor& scores, const at::Tensor& mos) {
  for (const auto& member : members_) {
    if (member->needs_batch_scores()) member->see_batch(scores, mos);
  }
}

Penalty DefenseChain::penalty(QualityModel& model, const TrainBatch& batch,
                              const at::Tensor& scores, const Rng& step) {
  Penalty sum;
  for (const auto& member : members_) {
    const Penalty term = member->penalty(model, batch, scores, step);
    if (term.value.defined()) sum.value = sum.value.defined() ? sum.value + term.value : term.value;
    if (!sum.gradient_norms.defined()) sum.gradient_norms = term.gradient_norms;
  }
  return sum;
}

TwoPointPenalty* DefenseChain::two_points() {
  TwoPointPenalty* found = nullptr;
  std::size_t penalties = 0;
  for (const auto& member : members_) {
    if (!member->card().penalises) continue;
    ++penalties;
    found = member->two_points();
  }
  return penalties == 1 ? found : nullptr;
}

std::vector<Spec> parse_defenses(std::string_view specs, const std::string& where) {
  std::vector<Spec> parsed;
  for (const std::string& part : parts_of_specs(specs)) {
    Spec spec = Registry<Defense>::instance().parse(part, where);
    for (const Spec& other : parsed) {
      if (other.name == spec.name) {
        throw Error(ErrorKind::kUsage,
                    {"'" + spec.name + "' stands twice in '" + std::string(specs) + "'", where,
                     "name each defense once"});
      }
      if (other.name == kNoDefense || spec.name == kNoDefense) {
        throw Error(ErrorKind::kUsage, {"'none' cannot be combined: '" + std::string(specs) + "'",
                                        where, "leave 'none' out, or name it alone"});
      }
    }
    parsed.push_back(std::move(spec));
  }
  return parsed;
}

std::unique_ptr<Defense> make_defense(const std::string& specs, const std::string& where) {
  std::vector<NamedDefense> named = named_defenses(specs, where);
  if (named.size() == 1) return std::move(named.front().defense);
  std::vector<std::unique_ptr<Defense>> members;
  for (NamedDefense& member : named) members.push_back(std::move(member.defense));
  return std::make_unique<DefenseChain>(std::move(members));
}

std::string canonical_defense(const std::string& specs) {
  std::vector<std::string> texts;
  for (const NamedDefense& member : named_defenses(specs, "--defense")) {
    texts.push_back(canonical_spec(member));
  }
  return join(texts, "+");
}

std::string defense_title(const std::string& specs) {
  const std::vector<NamedDefense> named = named_defenses(specs, "--defense");
  std::vector<std::string> titles;
  for (const NamedDefense& member : named) titles.push_back(title_of(member, named.size() == 1));
  return join(titles, "+");
}

DefenseStrength defense_strength(const std::string& specs) {
  const std::vector<NamedDefense> named = named_defenses(specs, "--defense");
  if (named.size() != 1) return {};
  const NamedDefense& only = named.front();
  const DefenseCard card = only.defense->card();
  const OptionValue* const value = only.value_of(only.values, card.strength);
  double number = 0;
  if (value == nullptr || !parse_number(option_text(*value), number)) return {};
  return {card.title.empty() ? only.name : card.title, card.strength, card.symbol, number};
}

}  // namespace robiq
