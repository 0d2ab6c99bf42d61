#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

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

/// An enum is written as one of its words, which are the choices.
template <Worded E>
void assign(E& field, const OptionLimits& limits, const ParamValue& given) {
  std::string word;
  assign(word, limits, given);
  field = with_word<E>(word).value();
}

template <class Value>
OptionValue as_value(const Value& value) {
  if constexpr (Worded<Value>) {
    return word_of(value);
  } else {
    return value;
  }
}

}  // namespace detail

/// A value of T that is no plain member: an enum, one that may be absent, one of a part of T.
template <class T>
struct ComputedField {
  std::function<OptionValue(const T&)> value;
  std::function<void(T&, const ParamValue&, const OptionLimits&)> assign;
};

/// One row of an option table: binds a key to a member of the options struct T. A member that is a
/// std::optional is absent where nothing is given; that is also written, a number as the lowest of
/// its range, and a text or an enum as "".
template <class T>
struct Option {
  using Field = std::variant<bool T::*, std::int64_t T::*, double T::*, std::string T::*,
                             std::vector<std::string> T::*, ComputedField<T>>;

  /// \param choices  allowed texts; none: any
  Option(std::string_view name_, Field field_, std::string_view help_,
         double min_ = -std::numeric_limits<double>::infinity(),
         double max_ = std::numeric_limits<double>::infinity(), std::string_view unit_ = "")
      : name(name_), field(std::move(field_)), help(help_), min(min_), max(max_), unit(unit_) {}
  Option(std::string_view name_, Field field_, std::string_view help_,
         std::vector<std::string_view> choices_)
      : Option(name_, std::move(field_), help_) {
    choices = std::move(choices_);
  }
  /// An enum's choices are its words.
  template <Worded E, class Base>
  requires std::derived_from<T, Base> Option(std::string_view name_, E Base::*member,
                                             std::string_view help_)
      : Option(name_, computed(member), help_) {
    const auto words = words_of(E{});
    choices.assign(words.begin(), words.end());
  }
  template <Worded E, class Base>
  requires std::derived_from<T, Base> Option(std::string_view name_, std::optional<E> Base::*member,
                                             std::string_view help_)
      : Option(name_, or_absent(member, std::string()), help_) {
    const auto words = words_of(E{});
    choices.assign(words.begin(), words.end());
    choices.insert(choices.begin(), "");
  }
  template <class Base>
  requires std::derived_from<T, Base> Option(std::string_view name_,
                                             std::optional<std::string> Base::*member,
                                             std::string_view help_)
      : Option(name_, or_absent(member, std::string()), help_) {}
  template <class Number, class Base>
  requires(std::is_arithmetic_v<Number>&& std::derived_from<T, Base>)
      Option(std::string_view name_, std::optional<Number> Base::*member, std::string_view help_,
             double min_, double max_, std::string_view unit_ = "")
      : Option(name_, or_absent(member, static_cast<Number>(min_)), help_, min_, max_, unit_) {}

  /// The same option, marked as one that says where and how fast results are made: two runs that
  /// differ in it alone have the same results.
  [[nodiscard]] Option where_only() const {
    Option marked = *this;
    marked.changes_results = false;
    return marked;
  }

  std::string name;
  Field field;
  std::string_view help;
  double min, max;
  std::string_view unit;
  std::vector<std::string_view> choices;
  bool changes_results = true;

 private:
  template <class E, class Base>
  static ComputedField<T> computed(E Base::*member) {
    return {[member](const T& from) { return detail::as_value(from.*member); },
            [member](T& to, const ParamValue& given, const OptionLimits& limits) {
              detail::assign(to.*member, limits, given);
            }};
  }
  /// \param absent  what is written where nothing is there
  template <class Value, class Base, class Written>
  static ComputedField<T> or_absent(std::optional<Value> Base::*member, Written absent) {
    return {[member, absent](const T& from) -> OptionValue {
              if (from.*member) return detail::as_value(*(from.*member));
              return absent;
            },
            [member, absent](T& to, const ParamValue& given, const OptionLimits& limits) {
              Written written{};
              detail::assign(written, limits, given);
              (to.*member).reset();
              if (written == absent) return;
              detail::assign((to.*member).emplace(), limits, given);
            }};
  }
};
template <class T>
using OptionTable = std::vector<Option<T>>;

}  // namespace robiq
