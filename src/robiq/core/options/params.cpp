#include "robiq/core/options/params.h"

#include <fmt/format.h>

#include <algorithm>

#include "robiq/core/files/toml_document.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

bool is_key(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

[[noreturn]] void throw_bad_spec(std::string_view text, const std::string& where,
                                 const std::string& problem) {
  throw Error(ErrorKind::kUsage,
              {"'" + std::string(text) + "' " + problem, where,
               "write NAME or NAME:key=value,key=value; a comma inside a value is "
               "written twice"});
}

}  // namespace

std::vector<std::string> spec_parts(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') {
      parts.back() += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == ',') {
      parts.back() += text[i++];
    } else {
      parts.emplace_back();
    }
  }
  return parts;
}

std::string with_doubled_commas(std::string_view text) {
  std::string doubled;
  for (const char c : text) doubled.append(c == ',' ? 2 : 1, c);
  return doubled;
}

std::string option_part(std::string_view key, std::string_view value) {
  return std::string(key) + "=" + with_doubled_commas(value);
}

std::string spec_text(const std::string& name, const std::string& argument, const Params& params) {
  std::vector<std::string> parts;
  if (!argument.empty()) parts.push_back(with_doubled_commas(argument));
  for (const auto& [key, value] : params) {
    parts.push_back(option_part(key, option_text(value.value)));
  }
  return parts.empty() ? name : name + ":" + join(parts, ",");
}

Spec parse_spec(std::string_view text, const std::string& where) {
  Spec spec;
  spec.text = std::string(text);
  const std::size_t colon = text.find(':');
  spec.name = std::string(trim(text.substr(0, colon)));
  if (spec.name.empty()) throw_bad_spec(text, where, "has no name");
  if (colon == text.npos) return spec;
  const std::string_view rest = text.substr(colon + 1);
  if (trim(rest).empty()) throw_bad_spec(text, where, "has nothing after ':'");
  bool first = true;
  for (const std::string& part : spec_parts(rest)) {
    const std::size_t equals = part.find('=');
    const std::string key(trim(std::string_view(part).substr(0, equals)));
    if (equals != part.npos && is_key(key)) {
      const std::string value(trim(std::string_view(part).substr(equals + 1)));
      if (!spec.params.emplace(key, ParamValue{value, where + " " + spec.text}).second) {
        throw_bad_spec(text, where, "gives '" + key + "' twice");
      }
      if (first) spec.first_key = key, spec.first = part;
    } else if (first && !part.empty()) {
      spec.argument = part;
    } else {
      throw_bad_spec(text, where, "has a part '" + part + "' that is not of the form key=value");
    }
    first = false;
  }
  return spec;
}

Spec with_first_as_argument(Spec spec, const std::vector<std::string>& known) {
  if (spec.first_key.empty() || !spec.argument.empty()) return spec;
  if (std::find(known.begin(), known.end(), spec.first_key) != known.end()) return spec;
  std::error_code code;
  const bool slip = !nearest_of(spec.first_key, known).empty();
  if (slip && !std::filesystem::exists(spec.first, code)) return spec;
  spec.argument = spec.first;
  spec.params.erase(spec.first_key);
  spec.first_key = spec.first = "";
  return spec;
}

Params read_toml(const std::filesystem::path& file) {
  return toml_params(read_toml_document(file));
}

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string toml_value(const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    std::vector<std::string> entries;
    for (const std::string& entry : *list) entries.push_back(quoted(entry));
    return "[" + join(entries, ", ") + "]";
  }
  std::string text = option_text(value);
  const bool bare_double =
      std::holds_alternative<double>(value) && text.find_first_of(".en") == text.npos;
  return bare_double ? text + ".0" : text;
}

std::string toml_text(const std::vector<std::pair<std::string, OptionValue>>& values) {
  std::string text;
  for (const auto& [key, value] : values) text += key + " = " + toml_value(value) + "\n";
  return text;
}

}  // namespace robiq
