#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/text/enum_words.h"

namespace robiq {

/// A value of an option, whatever its type.
using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// One given value and the place it was written.
struct ParamValue {
  OptionValue value;
  std::string where;  ///< "study.toml:14:3" or "--epochs"
};
/// Given values by key. Later sources replace earlier ones.
using Params = std::map<std::string, ParamValue, std::less<>>;

/// What `robiq describe`, `--help` and the manual say about one option.
struct OptionDoc {
  std::string name;           ///< snake_case; the flag is the same with dashes
  std::string type;           ///< bool | integer | number | text | list
  std::string default_value;  ///< as text; "" for no text or an empty list
  std::string range;          ///< "[0, 1]", "mid | mae", or ""
  std::string unit;
  std::string help;
};

/// A member of T that is an enum, read and written as one of its words.
template <class T>
struct WordField {
  std::function<std::string(const T&)> word;
  std::function<void(T&, const std::string& word)> set;  ///< of a word that is known to be one
};

/// One row of an option table: binds a key to a member of the options struct T.
template <class T>
struct Option {
  using Field = std::variant<bool T::*, std::int64_t T::*, double T::*, std::string T::*,
                             std::vector<std::string> T::*, WordField<T>>;

  /// \param choices  allowed texts; none: any
  Option(std::string_view name_, Field field_, std::string_view help_,
         double min_ = -std::numeric_limits<double>::infinity(),
         double max_ = std::numeric_limits<double>::infinity(), std::string_view unit_ = "")
      : name(name_), field(field_), help(help_), min(min_), max(max_), unit(unit_) {}
  Option(std::string_view name_, Field field_, std::string_view help_,
         std::vector<std::string_view> choices_)
      : Option(name_, field_, help_) {
    choices = std::move(choices_);
  }
  /// An enum's choices are its words.
  template <Worded E, class Base>
  requires std::derived_from<T, Base> Option(std::string_view name_, E Base::*member,
                                             std::string_view help_)
      : Option(name_,
               WordField<T>{[member](const T& from) { return word_of(from.*member); },
                            [member](T& to, const std::string& word) {
                              to.*member = with_word<E>(word).value();
                            }},
               help_) {
    const auto words = words_of(E{});
    choices.assign(words.begin(), words.end());
  }

  /// The same option, marked as one that says where and how fast results are made: two runs that
  /// differ in it alone have the same results.
  [[nodiscard]] Option where_only() const {
    Option marked = *this;
    marked.changes_results = false;
    return marked;
  }

  std::string_view name;
  Field field;
  std::string_view help;
  double min, max;
  std::string_view unit;
  std::vector<std::string_view> choices;
  bool changes_results = true;
};
template <class T>
using OptionTable = std::vector<Option<T>>;

/// The limits of one option, without its type.
struct OptionLimits {
  std::string_view name, help, unit;
  double min, max;
  std::vector<std::string_view> choices;
};

namespace detail {

/// Converts and checks. A text is read as the field's type, so that flags and specs need not know
/// it. \throws Error{kUsage} for a wrong type, a value out of range or not among the choices.
void assign(bool& field, const OptionLimits& limits, const ParamValue& given);
void assign(std::int64_t& field, const OptionLimits& limits, const ParamValue& given);
void assign(double& field, const OptionLimits& limits, const ParamValue& given);
void assign(std::string& field, const OptionLimits& limits, const ParamValue& given);
void assign(std::vector<std::string>& field, const OptionLimits& limits, const ParamValue& given);

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
  if (const auto* worded = std::get_if<WordField<T>>(&option.field)) return worded->word(options);
  return std::visit(
      [&]<class Member>(const Member& member) -> OptionValue {
        if constexpr (std::is_member_pointer_v<Member>) return options.*member;
        return {};
      },
      option.field);
}

/// Gives the option its value in `options`. \throws as assign()
template <class T>
void set_value(const Option<T>& option, const ParamValue& given, T& options) {
  const OptionLimits limits = limits_of(option);
  if (const auto* worded = std::get_if<WordField<T>>(&option.field)) {
    std::string word;
    assign(word, limits, given);
    return worded->set(options, word);
  }
  std::visit(
      [&]<class Member>(const Member& member) {
        if constexpr (std::is_member_pointer_v<Member>) assign(options.*member, limits, given);
      },
      option.field);
}

}  // namespace detail

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
    values.emplace_back(std::string(option.name), detail::value_of(option, options));
  }
  return values;
}

/// Of those that change results: what two runs must have in common to be one.
template <class T>
std::vector<std::pair<std::string, OptionValue>> identity_values(const T& options) {
  std::vector<std::pair<std::string, OptionValue>> values;
  for (const Option<T>& option : T::options()) {
    if (!option.changes_results) continue;
    values.emplace_back(std::string(option.name), detail::value_of(option, options));
  }
  return values;
}

}  // namespace robiq
