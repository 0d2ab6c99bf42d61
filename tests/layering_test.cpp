// Holds the code to the table in layers.txt: who may include whom, which file is the one door to a
// third-party library.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "support/places.h"
#include "support/program.h"
#include "support/sources.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

/// One line of the table: what it speaks of, and where that is allowed (or forbidden).
struct Rule {
  Texts subjects, places;
};

struct LayerTable {
  std::map<std::string, std::set<std::string>> layers;
  std::vector<Rule> doors, closed, words;
  Rule not_in_headers;
};

LayerTable parse_table(const std::string& text) {
  LayerTable table;
  for (const std::string& line : split(text, '\n')) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(": ") == line.npos ? line.rfind(':') : line.find(": ");
    Texts left = test::words(line.substr(0, colon));
    if (colon == line.npos || left.empty()) throw std::runtime_error("layers.txt: " + line);
    const std::string kind = left.front();
    left.erase(left.begin());
    const Texts right = test::words(line.substr(colon + 1));
    if (kind == "layer") {
      table.layers[left.at(0)] = {right.begin(), right.end()};
    } else if (kind == "door") {
      table.doors.push_back({left, right});
    } else if (kind == "closed") {
      table.closed.push_back({left, right});
    } else if (kind == "word") {
      table.words.push_back({left, right});
    } else if (kind == "not-in-headers") {
      table.not_in_headers = {left, right};
    } else {
      throw std::runtime_error("layers.txt: " + line);
    }
  }
  return table;
}

bool begins_with_one_of(const std::string& text, const Texts& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& beginning) { return text.starts_with(beginning); });
}

std::string layer_of(const std::string& path) { return path.substr(0, path.find('/')); }

/// What is wrong with including `header` (as written, without quotes) in `path`; "" for nothing.
std::string fault_of_own_include(const LayerTable& table, const std::string& path,
                                 const std::string& header) {
  const std::string from = layer_of(path);
  const std::string inner = header.substr(std::string("robiq/").size());
  const std::string to = layer_of(inner);
  if (inner.find("/zoo/") != inner.npos) return "nobody includes a zoo file";
  if (!table.layers.contains(to)) return "'" + to + "' is not a layer";
  if (from == to || table.layers.at(from).contains(to)) return "";
  return from + " may not include " + to;
}

std::string fault_of_foreign_include(const LayerTable& table, const std::string& path,
                                     const std::string& header) {
  for (const Rule& rule : table.doors) {
    if (begins_with_one_of(header, rule.subjects) && !begins_with_one_of(path, rule.places)) {
      return "only " + join(rule.places, ", ") + " may include it";
    }
  }
  for (const Rule& rule : table.closed) {
    if (begins_with_one_of(header, rule.subjects) && begins_with_one_of(path, rule.places)) {
      return layer_of(path) + " must do without it";
    }
  }
  if (path.ends_with(".h") && begins_with_one_of(header, table.not_in_headers.places) &&
      !begins_with_one_of(path, table.not_in_headers.subjects)) {
    return "it must not stand in a header";
  }
  return "";
}

std::string fault_of_include(const LayerTable& table, const std::string& path,
                             const std::string& header, bool quoted) {
  if (header.starts_with("robiq/")) return fault_of_own_include(table, path, header);
  const bool of_a_test = path.ends_with("_test.cpp") && header.starts_with("support/");
  if (quoted && !of_a_test) return "our own headers are written robiq/LAYER/...";
  return fault_of_foreign_include(table, path, header);
}

/// "path:line: fault" for everything in one file that the table does not allow.
/// \param path  relative to src/robiq
Texts faults_in(const LayerTable& table, const std::string& path, const std::string& text) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  if (!table.layers.contains(layer_of(path))) return {path + ":1: not in a layer of layers.txt"};
  if (path.ends_with(".h") && path.find("/zoo/") != path.npos) {
    return {path + ":1: zoo files have no headers"};
  }
  Texts faults;
  int number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    const std::string place = path + ":" + std::to_string(number) + ": ";
    std::smatch match;
    if (std::regex_match(line, match, kInclude)) {
      const std::string fault = fault_of_include(table, path, match[2], match[1] == "\"");
      if (!fault.empty()) faults.push_back(place + match[2].str() + ": " + fault);
    }
    for (const Rule& rule : table.words) {
      if (line.find(rule.subjects.at(0)) != line.npos && !begins_with_one_of(path, rule.places)) {
        faults.push_back(place + rule.subjects.at(0) + ": only in " + join(rule.places, ", "));
      }
    }
  }
  return faults;
}

const fs::path kRoot = test::source_folder();

LayerTable shipped_table() {
  return parse_table(read_file(kRoot / "tests" / "layers.txt", 1 << 20));
}

TEST(Layering, EveryIncludeIsAllowed) {
  const LayerTable table = shipped_table();
  Texts faults;
  int files = 0;
  for (const fs::path& file : test::source_files(kRoot / "src" / "robiq")) {
    ++files;
    const std::string path = file.lexically_relative(kRoot / "src" / "robiq").string();
    for (const std::string& fault : faults_in(table, path, read_file(file, 1 << 24))) {
      faults.push_back("src/robiq/" + fault);
    }
  }
  EXPECT_GT(files, 40) << "the sources were not found";
  EXPECT_TRUE(faults.empty()) << join(faults, "\n");
}

TEST(Layering, TableNamesOnlyLayersAbove) {
  std::set<std::string> seen;
  for (const std::string& line : split(read_file(kRoot / "tests" / "layers.txt", 1 << 20), '\n')) {
    if (!line.starts_with("layer ")) continue;
    const LayerTable one = parse_table(line);
    const auto& [name, allowed] = *one.layers.begin();
    for (const std::string& layer : allowed) EXPECT_TRUE(seen.contains(layer)) << line;
    EXPECT_TRUE(seen.insert(name).second) << line;
  }
  EXPECT_TRUE(seen.contains("app"));
}

/// A planted file, and what must be said of it ("" for nothing).
struct Planted {
  std::string path, text, fault;
};

class LayeringFault : public testing::TestWithParam<Planted> {};

TEST_P(LayeringFault, IsSeenWithFileAndLine) {
  const Planted& planted = GetParam();
  const Texts faults = faults_in(shipped_table(), planted.path, planted.text);
  if (planted.fault.empty()) {
    EXPECT_TRUE(faults.empty()) << join(faults, "\n");
  } else {
    EXPECT_THAT(faults, testing::ElementsAre(planted.fault));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Upward, LayeringFault,
    testing::Values(
        Planted{"core/a.cpp", "\n#include \"robiq/tensor/device.h\"\n",
                "core/a.cpp:2: robiq/tensor/device.h: core may not include tensor"},
        Planted{"model/a.h", "#  include <robiq/attack/attack.h>  // x",
                "model/a.h:1: robiq/attack/attack.h: model may not include attack"},
        Planted{"train/zoo/a.cpp", "#include \"robiq/attack/attack.h\"",
                "train/zoo/a.cpp:1: robiq/attack/attack.h: train may not include attack"},
        Planted{"cli/main.cpp", "#include \"robiq/model/quality_model.h\"",
                "cli/main.cpp:1: robiq/model/quality_model.h: cli may not include model"},
        Planted{"model/a_test.cpp", "#include \"robiq/train/trainer.h\"",
                "model/a_test.cpp:1: robiq/train/trainer.h: model may not include train"},
        Planted{"app/a.cpp", "#include \"robiq/util/a.h\"",
                "app/a.cpp:1: robiq/util/a.h: 'util' is not a layer"},
        Planted{"util/a.cpp", "", "util/a.cpp:1: not in a layer of layers.txt"},
        Planted{"app/a.cpp", "#include \"robiq/model/zoo/cnniqa.h\"",
                "app/a.cpp:1: robiq/model/zoo/cnniqa.h: nobody includes a zoo file"},
        Planted{"model/zoo/cnniqa.h", "", "model/zoo/cnniqa.h:1: zoo files have no headers"},
        Planted{"core/a.cpp", "#include \"text.h\"",
                "core/a.cpp:1: text.h: our own headers are written robiq/LAYER/..."}));

INSTANTIATE_TEST_SUITE_P(
    Doors, LayeringFault,
    testing::Values(
        Planted{"app/a.cpp", "#include <toml++/toml.h>",
                "app/a.cpp:1: toml++/toml.h: only core/files/toml_document.cpp may include it"},
        Planted{"core/files/files.cpp", "#include <spdlog/spdlog.h>",
                "core/files/files.cpp:1: spdlog/spdlog.h: only core/log.cpp may include it"},
        Planted{"data/a.cpp", "#include <opencv2/core.hpp>",
                "data/a.cpp:1: opencv2/core.hpp: only tensor/pictures/image_io.cpp, "
                "tensor/pictures/webp_decoder.cpp, "
                "tensor/pictures/image_io_test.cpp may "
                "include it"},
        Planted{"report/a.cpp", "#include <SQLiteCpp/SQLiteCpp.h>",
                "report/a.cpp:1: SQLiteCpp/SQLiteCpp.h: only store/ may include it"},
        Planted{"app/a.cpp", "#include <CLI/CLI.hpp>",
                "app/a.cpp:1: CLI/CLI.hpp: only cli/ may include it"},
        Planted{"store/a.cpp", "#include <ATen/ATen.h>",
                "store/a.cpp:1: ATen/ATen.h: store must do without it"},
        Planted{"model/a.h", "#include <torch/torch.h>",
                "model/a.h:1: torch/torch.h: it must not stand in a header"},
        Planted{"metric/a.h", "#include <torch/nn/modules.h>",
                "metric/a.h:1: torch/nn/modules.h: it must not stand in a header"},
        Planted{"tensor/a.cpp", "int x;\n#if TORCH_VERSION_MAJOR > 1\n#endif",
                "tensor/a.cpp:2: TORCH_VERSION_: only in tensor/compat.h"}));

INSTANTIATE_TEST_SUITE_P(
    Nothing, LayeringFault,
    testing::Values(Planted{"attack/a.cpp", "#include \"robiq/model/quality_model.h\"", ""},
                    Planted{"net/a.h", "#include <torch/nn/modules.h>", ""},
                    Planted{"core/a.cpp", "#include \"robiq/core/text/text.h\"\n#include <string>",
                            ""},
                    Planted{"core/a.cpp", "// #include \"robiq/app/run.h\"", ""},
                    Planted{"core/a_test.cpp", "#include \"support/errors.h\"", ""},
                    Planted{"model/zoo/a.cpp", "#include <torch/torch.h>", ""},
                    Planted{"tensor/device.cpp", "return TORCH_VERSION;", ""},
                    Planted{"store/a.cpp", "#include <SQLiteCpp/SQLiteCpp.h>", ""}));

}  // namespace
}  // namespace robiq
