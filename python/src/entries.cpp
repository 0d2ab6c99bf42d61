#include "entries.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "robiq/core/text/text.h"

namespace robiq::python {
namespace {

[[nodiscard]] OptionValue default_of(const py::handle& given, const std::string& name) {
  py::dict options;
  options[py::str(name)] = given;
  const Params params = params_of(options, name);
  if (params.contains(name)) return params.find(name)->second.value;
  throw Error(ErrorKind::kUsage, {"the option '" + name + "' has no default", name,
                                  "give it a bool, an int, a float or a str"});
}

/// Reads a value, a text among them, as the type of the option's default.
[[nodiscard]] OptionValue checked(const PythonOption& option, const ParamValue& given) {
  const OptionLimits limits{option.name,  option.help,     option.unit,
                            option.least, option.greatest, {}};
  return std::visit(
      [&](auto value) -> OptionValue {
        detail::assign(value, limits, given);
        return value;
      },
      option.default_value);
}

}  // namespace

PythonEntry read_entry(const py::dict& given) {
  PythonEntry entry;
  entry.name = given["name"].cast<std::string>();
  entry.summary = given["summary"].cast<std::string>();
  entry.paper = given["paper"].cast<std::string>();
  entry.make = std::make_shared<SharedObject>(given["make"]);
  for (const py::handle& item : given["options"]) {
    const auto row = py::reinterpret_borrow<py::tuple>(item);
    PythonOption option;
    option.name = row[0].cast<std::string>();
    option.default_value = default_of(row[1], option.name);
    option.help = row[2].cast<std::string>();
    option.least = row[3].cast<double>();
    option.greatest = row[4].cast<double>();
    option.unit = row[5].cast<std::string>();
    entry.options.push_back(std::move(option));
  }
  return entry;
}

std::vector<std::pair<std::string, OptionValue>> values_of(const PythonEntry& entry,
                                                           const Params& params) {
  std::vector<std::string> known;
  std::vector<std::pair<std::string, OptionValue>> values;
  for (const PythonOption& option : entry.options) {
    const auto given = params.find(option.name);
    known.push_back(option.name);
    values.emplace_back(
        option.name, given == params.end() ? option.default_value : checked(option, given->second));
  }
  for (const auto& [key, given] : params) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      detail::throw_unknown_option(key, given, known);
    }
  }
  return values;
}

std::vector<OptionDoc> documents_of(const PythonEntry& entry) {
  std::vector<OptionDoc> documents;
  for (const PythonOption& option : entry.options) {
    const OptionLimits limits{option.name,  option.help,     option.unit,
                              option.least, option.greatest, {}};
    documents.push_back(detail::document(limits, option.default_value));
  }
  return documents;
}

std::shared_ptr<SharedObject> instance_of(const PythonEntry& entry, const Params& params) {
  const auto values = values_of(entry, params);
  std::shared_ptr<SharedObject> instance;
  call_python([&] {
    py::dict keywords;
    for (const auto& [name, value] : values) keywords[py::str(name)] = object_of(value);
    instance = std::make_shared<SharedObject>(entry.make->get()(**keywords));
  });
  return instance;
}

}  // namespace robiq::python
