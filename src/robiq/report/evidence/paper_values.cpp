#include "robiq/report/evidence/paper_values.h"

#include <array>
#include <cmath>
#include <stdexcept>

#include "robiq/core/text/text.h"
#include "robiq/report/evidence/names/titles.h"
#include "robiq/report/paper_values_csv.h"

namespace robiq {
namespace {

/// After the line that names the source, and the header.
std::vector<PaperValue> read_values() {
  constexpr std::size_t kHeaderLines = 2, kFields = 7;
  const std::vector<std::string> lines = split(kPaperValuesCsv, '\n');
  std::vector<PaperValue> values;
  for (std::size_t i = kHeaderLines; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::vector<std::string> fields = split(lines[i], ',');
    double number = 0;
    if (fields.size() != kFields || !parse_number(fields[6], number)) {
      throw std::logic_error("paper_values.csv: " + lines[i]);
    }
    values.push_back({fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], number});
  }
  return values;
}

bool same_place(const PaperValue& a, const PaperValue& b) {
  return a.table == b.table && a.attack == b.attack && a.model == b.model &&
         a.defense == b.defense && a.block == b.block && a.measure == b.measure;
}

/// One number of the supplement's Table S3.
struct PaperOption {
  const char *attack, *option;
  double value;
  bool made_on_itself;  ///< a white box
};
constexpr std::array<PaperOption, 4> kPaperOptions{{{"fgsm", "epsilon", 0.005, true},
                                                    {"perceptual", "weight", 1e6, true},
                                                    {"uap", "scale", 0.04, false},
                                                    {"korhonen", "learning_rate", 0.2, false}}};

}  // namespace

const std::vector<PaperValue>& paper_values() {
  static const std::vector<PaperValue> kValues = read_values();
  return kValues;
}

double paper_value(const PaperValue& wanted) {
  for (const PaperValue& value : paper_values()) {
    if (same_place(value, wanted)) return value.value;
  }
  return ScoreRow::kNone;
}

double paper_value(const std::string& table, const std::string& attack, const Subject& subject,
                   const std::string& block, const std::string& measure) {
  const std::string defense = subject.baseline() ? "none" : split(subject.defense, ':').front();
  return paper_value({table, attack, subject.model, defense, block, measure, 0});
}

std::string paper_attack(const Situation& attack) {
  for (const auto& [name, option, strength, made_on_itself] : kPaperOptions) {
    if (attack.attack != name) continue;
    if (made_on_itself == is_black_box(attack)) return "";
    double given = strength;
    const std::string text = attack.options.value(option);
    const bool as_printed = text.empty() || (parse_number(text, given) && given == strength);
    const std::string loss = attack.options.value("loss");
    return as_printed && (loss.empty() || loss == "mid") ? name : "";
  }
  return "";
}

std::string paper_row_title(const std::string& title) { return title + " (paper)"; }

}  // namespace robiq
