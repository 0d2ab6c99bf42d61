#include "robiq/core/options/options.h"

#include <algorithm>
#include <cmath>

#include "robiq/core/text/text.h"

namespace robiq {
namespace {

[[noreturn]] void throw_bad_value(const OptionLimits& limits, const ParamValue& given,
                                  const std::string& problem, const std::string& wanted) {
  throw Error(ErrorKind::kUsage,
              {"option '" + std::string(limits.name) + "' " + problem, given.where,
               "give " + wanted + " (" + std::string(limits.help) + ")"});
}

std::string range_text(const OptionLimits& limits) {
  if (!limits.choices.empty()) {
    std::vector<std::string> words(limits.choices.begin(), limits.choices.end());
    std::replace(words.begin(), words.end(), std::string(), std::string("\"\""));
    return join(words, " | ");
  }
  if (std::isinf(limits.min) && std::isinf(limits.max)) return "";
  return "[" + number_text(limits.min) + ", " + number_text(limits.max) + "]";
}

void check_range(const OptionLimits& limits, const ParamValue& given, double value) {
  if (value >= limits.min && value <= limits.max) return;
  const bool is_a_name = !limits.unit.empty() && !limits.unit.starts_with("of ");
  const std::string unit = is_a_name ? " " + std::string(limits.unit) : "";
  throw_bad_value(limits, given,
                  "is " + number_text(value) + ", outside " + range_text(limits) + unit,
                  "a value in the range");
}

void check_choice(const OptionLimits& limits, const ParamValue& given, const std::string& value) {
  const auto& choices = limits.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  throw_bad_value(limits, given, "cannot be '" + value + "'", "one of " + range_text(limits));
}

std::string shown(const ParamValue& given) { return "'" + option_text(given.value) + "'"; }

}  // namespace

std::string option_text(const OptionValue& value) {
  struct Visitor {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return number_text(v); }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const std::vector<std::string>& v) const { return join(v, " "); }
  };
  return std::visit(Visitor{}, value);
}

namespace detail {

void assign(bool& field, const OptionLimits& limits, const ParamValue& given) {
  if (const auto* value = std::get_if<bool>(&given.value)) {
    field = *value;
    return;
  }
  if (const auto* text = std::get_if<std::string>(&given.value)) {
    if (*text == "true" || *text == "on" || *text == "yes" || *text == "1") {
      field = true;
      return;
    }
    if (*text == "false" || *text == "off" || *text == "no" || *text == "0") {
      field = false;
      return;
    }
  }
  throw_bad_value(limits, given, "is " + shown(given) + ", not true or false", "true or false");
}

void assign(std::int64_t& field, const OptionLimits& limits, const ParamValue& given) {
  if (const auto* value = std::get_if<std::int64_t>(&given.value)) {
    field = *value;
  } else if (const auto* text = std::get_if<std::string>(&given.value);
             text == nullptr || !parse_integer(*text, field)) {
    throw_bad_value(limits, given, "is " + shown(given) + ", not a whole number", "a whole number");
  }
  check_range(limits, given, static_cast<double>(field));
}

void assign(double& field, const OptionLimits& limits, const ParamValue& given) {
  const bool may_be_open = std::isnan(field);  // nan is then the default, and may be written
  if (const auto* value = std::get_if<double>(&given.value)) {
    field = *value;
  } else if (const auto* whole = std::get_if<std::int64_t>(&given.value)) {
    field = static_cast<double>(*whole);
  } else if (const auto* text = std::get_if<std::string>(&given.value);
             text == nullptr || !parse_fraction(*text, field)) {
    throw_bad_value(limits, given, "is " + shown(given) + ", not a number", "a number");
  }
  if (may_be_open && std::isnan(field)) return;
  if (!std::isfinite(field)) {
    throw_bad_value(limits, given, "is " + shown(given) + ", not a finite number", "a number");
  }
  check_range(limits, given, field);
}

void assign(std::string& field, const OptionLimits& limits, const ParamValue& given) {
  if (std::holds_alternative<std::vector<std::string>>(given.value)) {
    throw_bad_value(limits, given, "is a list", "one text");
  }
  field = option_text(given.value);
  check_choice(limits, given, field);
}

void assign(std::vector<std::string>& field, const OptionLimits& limits, const ParamValue& given) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&given.value)) {
    field = *list;
  } else {
    field = {option_text(given.value)};
  }
  for (const std::string& entry : field) check_choice(limits, given, entry);
}

void throw_unknown_option(std::string_view name, const ParamValue& given,
                          const std::vector<std::string>& known) {
  const std::string near = nearest_of(name, known);
  std::string hint = known.empty() ? "it takes no options" : "known options: " + join(known, ", ");
  if (!near.empty()) hint = "did you mean '" + near + "'?";
  throw Error(ErrorKind::kUsage, {"unknown option '" + std::string(name) + "'", given.where, hint});
}

OptionDoc document(const OptionLimits& limits, const OptionValue& default_value) {
  constexpr const char* kTypes[] = {"bool", "integer", "number", "text", "list"};
  return {std::string(limits.name), kTypes[default_value.index()], option_text(default_value),
          range_text(limits),       std::string(limits.unit),      std::string(limits.help)};
}

}  // namespace detail
}  // namespace robiq
