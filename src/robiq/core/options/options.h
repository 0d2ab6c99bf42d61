#pragma once
#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/options/option.h"

namespace robiq {

/// What `robiq describe`, `--help` and the manual say about one option.
struct OptionDoc {
  std::string name;           ///< snake_case; the flag is the same with dashes
  std::string type;           ///< bool | integer | number | text | list
  std::string default_value;  ///< as text; "" for no text or an empty list
  std::string range;          ///< "[0, 1]", "mid | mae", or ""
  std::string unit;
  std::string help;
};

namespace detail {

[[noreturn]] void throw_unknown_option(std::string_view name, const ParamValue& given,
                                       const std::vector<std::string>& known);
[[nodiscard]] OptionDoc document(const OptionLimits& limits, const OptionValue& default_value);

template <class T>
OptionLimits limits_of(const Option<T>& option) {
  return {option.name, option.help, option.unit, option.min, option.max, option.choices};
}

/// The option's value in `options`. Not inlined: gcc 12 then reports members of the other types as
/// outside the bounds of a small T.
template <class T>
[[gnu::noinline]] OptionValue value_of(const Option<T>& option, const T& options) {
  if (const auto* computed = std::get_if<ComputedField<T>>(&option.field))
    return computed->value(options);
  return std::visit(
      [&]<class Member>(const Member& member) -> OptionValue {
        if constexpr (std::is_member_pointer_v<Member>) return options.*member;
        return {};
      },
      option.field);
}

/// Gives the option its value in `options`. \throws as assign()
template <class T>
void set_value(const Option<T>& option, const ParamValue& given, T& options,
               const OptionLimits& limits) {
  if (const auto* computed = std::get_if<ComputedField<T>>(&option.field)) {
    return computed->assign(options, given, limits);
  }
  std::visit(
      [&]<class Member>(const Member& member) {
        if constexpr (std::is_member_pointer_v<Member>) assign(options.*member, limits, given);
      },
      option.field);
}
template <class T>
void set_value(const Option<T>& option, const ParamValue& given, T& options) {
  set_value(option, given, options, limits_of(option));
}

/// The option of a part, as an option of the whole.
template <class T, class Part, class Base>
Option<T> of_whole(const Option<Part>& option, Part Base::*part, std::string_view prefix) {
  Option<T> whole(
      std::string(prefix) + option.name,
      ComputedField<T>{[option, part](const T& from) { return value_of(option, from.*part); },
                       [option, part](T& to, const ParamValue& given, const OptionLimits& limits) {
                         set_value(option, given, to.*part, limits);
                       }},
      option.help, option.min, option.max, option.unit);
  whole.choices = option.choices;
  whole.changes_results = option.changes_results;
  return whole;
}

}  // namespace detail

/// The options of a part of T as options of T: what several commands have in common is declared
/// once. \param prefix  of their names: "nt_"
template <class T, class Part, class Base>
OptionTable<T> options_of(Part Base::*part, std::string_view prefix = "") {
  OptionTable<T> table;
  for (const Option<Part>& option : Part::options()) {
    table.push_back(detail::of_whole<T>(option, part, prefix));
  }
  return table;
}

/// One table after the other.
template <class T>
OptionTable<T> joined_tables(std::initializer_list<OptionTable<T>> tables) {
  OptionTable<T> all;
  for (const OptionTable<T>& table : tables) all.insert(all.end(), table.begin(), table.end());
  return all;
}

/// The value as it would be written on the command line.
[[nodiscard]] std::string option_text(const OptionValue& value);

/// The option table of T as text, defaults taken from a default-made T.
template <class T>
std::vector<OptionDoc> document_options() {
  const T defaults{};
  std::vector<OptionDoc> docs;
  for (const Option<T>& option : T::options()) {
    docs.push_back(detail::document(detail::limits_of(option), detail::value_of(option, defaults)));
  }
  return docs;
}

/// Fills T from `given`, each option by itself. \throws Error{kUsage}: unknown keys name the
/// nearest known key.
template <class T>
T assign_options(const Params& given) {
  T out{};
  std::vector<std::string> known;
  const OptionTable<T> table = T::options();
  for (const auto& option : table) known.emplace_back(option.name);
  for (const auto& [key, value] : given) {
    bool found = false;
    for (const auto& option : table) {
      if (option.name != key) continue;
      detail::set_value(option, value, out);
      found = true;
    }
    if (!found) detail::throw_unknown_option(key, value, known);
  }
  return out;
}

/// As assign_options(); then `T::settle(T&, const Params& given)`, where T has it, fills in what
/// follows from other options and refuses what has no effect beside them
/// (core/options/option_rules.h).
template <class T>
T read_options(const Params& given) {
  T out = assign_options<T>(given);
  if constexpr (requires { T::settle(out, given); }) T::settle(out, given);
  return out;
}

/// Every option with the value it has in `options`, in table order.
template <class T>
std::vector<std::pair<std::string, OptionValue>> option_values(const T& options) {
  std::vector<std::pair<std::string, OptionValue>> values;
  for (const Option<T>& option : T::options()) {
    values.emplace_back(option.name, detail::value_of(option, options));
  }
  return values;
}

/// Of those that change results, by name: what two runs must have in common to be one, however the
/// table is ordered.
template <class T>
std::vector<std::pair<std::string, OptionValue>> identity_values(const T& options) {
  std::vector<std::pair<std::string, OptionValue>> values;
  for (const Option<T>& option : T::options()) {
    if (!option.changes_results) continue;
    values.emplace_back(option.name, detail::value_of(option, options));
  }
  std::ranges::sort(values, {}, &std::pair<std::string, OptionValue>::first);
  return values;
}

}  // namespace robiq
