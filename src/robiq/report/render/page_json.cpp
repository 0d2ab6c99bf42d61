#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "robiq/core/error.h"
#include "robiq/core/files/output.h"
#include "robiq/core/version.h"
#include "robiq/report/render/page_assets.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;

Json finite(double number) { return std::isfinite(number) ? Json(number) : Json(nullptr); }

Json about_json(const About& about) {
  return {{"model", about.model}, {"defense", about.defense}, {"attack", about.attack}};
}

Json value_json(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return {{"v", *text}};
  Json json{{"v", finite(std::get<double>(value.value))}, {"d", value.decimals}};
  if (value.best) json["best"] = true;
  if (std::isfinite(value.deviation)) json["sd"] = value.deviation;
  return json;
}

Json cell_json(const Cell& cell) {
  Json json = Json::array();
  for (const Value& value : cell.values) json.push_back(value_json(value));
  return json;
}

Json block_json(const Table& table) {
  Json columns = Json::array();
  for (const Column& column : table.columns) {
    columns.push_back({{"name", column.name},
                       {"group", column.group},
                       {"keys", column.keys},
                       {"about", about_json(column.about)}});
  }
  Json rows = Json::array();
  for (const Row& row : table.rows) {
    Json cells = Json::array();
    for (const Cell& cell : row.cells) cells.push_back(cell_json(cell));
    rows.push_back(
        {{"about", about_json(row.about)}, {"reference", row.reference}, {"cells", cells}});
  }
  return {{"kind", "table"},      {"id", table.id},     {"caption", table.caption},
          {"notes", table.notes}, {"columns", columns}, {"rows", rows}};
}

Json block_json(const Figure& figure) {
  Json spec = Json::parse(figure.vega_lite, nullptr, false);
  if (!spec.is_object()) {
    throw Error(ErrorKind::kInternal, {"figure \"" + figure.id + "\" is not JSON", "", ""});
  }
  return {{"kind", "figure"}, {"id", figure.id}, {"caption", figure.caption}, {"spec", spec}};
}

Json sections_json(const Report& report) {
  Json sections = Json::array();
  for (const Section& section : report.sections) {
    Json blocks = Json::array();
    for (const ReportBlock& block : section.blocks) {
      Json json = std::visit([](const auto& content) { return block_json(content); }, block);
      if (json["kind"] == "figure" || !json["rows"].empty()) blocks.push_back(std::move(json));
    }
    if (blocks.empty() && section.text.empty()) continue;
    sections.push_back({{"id", section.id},
                        {"title", section.title},
                        {"text", section.text},
                        {"blocks", std::move(blocks)}});
  }
  return sections;
}

Json pictures_json(const Report& report) {
  Json pictures = Json::array();
  for (const ReportPicture& picture : report.pictures) {
    pictures.push_back({{"name", picture.name},
                        {"dataset", picture.dataset},
                        {"mos", finite(picture.mos)},
                        {"thumbnail", data_address("image/jpeg", picture.thumbnail)}});
  }
  return pictures;
}

Json examples_json(const Report& report) {
  Json examples = Json::array();
  for (const Example& example : report.examples) {
    Json json = about_json(example.about);
    json.update({{"picture", example.picture},
                 {"seed", example.seed},
                 {"kind", example.kind},
                 {"before", finite(example.before)},
                 {"after", finite(example.after)},
                 {"ssim", finite(example.ssim)},
                 {"linf", finite(example.linf)},
                 {"clean", data_address("image/png", example.clean)},
                 {"attacked", data_address("image/png", example.attacked)}});
    examples.push_back(std::move(json));
  }
  return examples;
}

Json runs_json(const Report& report) {
  Json runs = Json::array();
  for (const RunCard& run : report.runs) {
    Json facts = Json::array();
    for (const auto& [name, value] : run.facts) facts.push_back({name, value});
    runs.push_back({{"facts", std::move(facts)}, {"flags", run.flags}});
  }
  return runs;
}

/// "[1,2.5,null]"
void append_column(std::string& text, const std::vector<double>& values) {
  text += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ',';
    if (std::isfinite(values[i])) {
      fmt::format_to(std::back_inserter(text), "{:.6g}", values[i]);
    } else {
      text += "null";
    }
  }
  text += ']';
}

/// {"words": [...], "codes": [...]}
void append_column(std::string& text, const std::vector<std::string>& values) {
  std::unordered_map<std::string_view, std::size_t> codes;
  Json words = Json::array();
  std::string numbers;
  for (const std::string& value : values) {
    const auto [found, is_new] = codes.try_emplace(value, codes.size());
    if (is_new) words.push_back(value);
    if (!numbers.empty()) numbers += ',';
    fmt::format_to(std::back_inserter(numbers), "{}", found->second);
  }
  text += "{\"words\":" + json_text(words) + ",\"codes\":[" + numbers + "]}";
}

std::size_t row_count(const DataTable& table) {
  if (table.empty()) return 0;
  return std::visit([](const auto& values) { return values.size(); }, table.front().values);
}

std::string data_text(const Report& report) {
  std::string text = "{";
  for (const auto& [name, table] : report.data) {
    if (text.size() > 1) text += ',';
    text += json_text(name) + ":{\"rows\":" + std::to_string(row_count(table)) + ",\"columns\":{";
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (i > 0) text += ',';
      text += json_text(table[i].name) + ":";
      std::visit([&](const auto& values) { append_column(text, values); }, table[i].values);
    }
    text += "}}";
  }
  return text + "}";
}

/// Inside a string of JSON, and "<" stands nowhere else.
std::string without_markup(const std::string& json) {
  std::string text;
  text.reserve(json.size() + 64);
  for (const char letter : json) {
    if (letter == '<') {
      text += "\\u003c";
    } else {
      text += letter;
    }
  }
  return text;
}

}  // namespace

std::string page_json(const Report& report) {
  const std::string text =
      "{\"title\":" + json_text(report.title) + ",\"text\":" + json_text(report.text) +
      ",\"robiq_version\":" + json_text(std::string(version())) +
      ",\"sections\":" + json_text(sections_json(report)) + ",\"data\":" + data_text(report) +
      ",\"pictures\":" + json_text(pictures_json(report)) +
      ",\"examples\":" + json_text(examples_json(report)) +
      ",\"runs\":" + json_text(runs_json(report)) + "}";
  return without_markup(text);
}

std::string data_address(std::string_view media_type, std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (bytes.empty()) return "";
  std::string text = "data:" + std::string(media_type) + ";base64,";
  text.reserve(text.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t place) -> std::uint32_t {
      return place < bytes.size() ? static_cast<unsigned char>(bytes[place]) : 0U;
    };
    const std::uint32_t group = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    for (unsigned digit = 0; digit < 4; ++digit) {
      text += i + digit > bytes.size() ? '=' : kDigits[group >> (18U - 6U * digit) & 63U];
    }
  }
  return text;
}

}  // namespace robiq
