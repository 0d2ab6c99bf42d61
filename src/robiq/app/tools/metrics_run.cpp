#include "robiq/app/tools/metrics_run.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/core/text/text.h"
#include "robiq/core/version.h"
#include "robiq/io/table/csv.h"

namespace robiq {
namespace {

/// One of the three columns: what the table calls it, and its numbers. Empty when there is none.
struct ScoreColumn {
  std::string name;
  std::vector<double> values;
  [[nodiscard]] bool given() const { return !name.empty(); }
};

/// \param named  by the user, or ""   \param usual  looked for when nothing is named
ScoreColumn find_column(const CsvTable& table, const std::string& named,
                        const std::vector<std::string>& usual) {
  if (!named.empty()) return {named, table.numbers(named)};
  for (const std::string& name : usual) {
    if (table.has_column(name)) return {name, table.numbers(name)};
  }
  return {};
}

struct Scores {
  ScoreColumn mos, before, after;
  std::size_t n = 0;
};

Scores read_scores(const MetricsRequest& request) {
  const CsvTable table = read_csv(request.csv);
  Scores scores{.mos = find_column(table, request.mos, {"mos"}),
                .before = find_column(table, request.before, {"before", "score"}),
                .after = find_column(table, request.after, {"after"}),
                .n = table.rows.size()};
  const int found =
      int{scores.mos.given()} + int{scores.before.given()} + int{scores.after.given()};
  if (found < 2) {
    throw Error(ErrorKind::kData,
                {std::string("the table has ") + (found == 0 ? "none" : "one") +
                     " of the columns MOS, scores before and scores after; two are needed",
                 table.source,
                 "name them with --mos, --before or --after, or add them to the table; it has the "
                 "columns: " +
                     join(table.header, ", ")});
  }
  if (scores.n < 2) {
    throw Error(ErrorKind::kData,
                {"the table has " + std::to_string(scores.n) + (scores.n == 1 ? " row" : " rows") +
                     " of scores; two are needed",
                 table.source, "give the scores of more pictures"});
  }
  return scores;
}

MeasureOptions measure_options(const MetricsRequest& request) {
  MeasureOptions options;
  if (request.mapping == "logistic4") options.mapping = LogisticForm::kFour;
  if (request.mapping == "logistic5") options.mapping = LogisticForm::kFive;
  options.resamples = request.bootstrap;
  options.seed = static_cast<std::uint64_t>(request.seed);
  options.params["krocc"]["variant"] = {"tau_" + request.tau, "tau"};
  return options;
}

/// Scores of 0..1 on a scale of 0..100 give an R that looks plausible and means nothing.
void add_scale_note(const MetricsRequest& request, std::span<const double> before, Measure& r) {
  const bool small = std::all_of(before.begin(), before.end(),
                                 [](double score) { return score >= 0 && score <= 1; });
  if (!small || request.beta_max - request.beta_min < 10) return;
  r.note += (r.note.empty() ? "" : "; ");
  r.note += "all scores before lie in [0, 1]: are beta_min and beta_max the ends of their scale?";
}

std::vector<Measure> measure_block(const MetricsRequest& request, Block block,
                                   const ScoreColumn& reference, const ScoreColumn& predicted) {
  const ScoreScale scale{request.beta_min, request.beta_max};
  std::vector<Measure> measures = compute_measures(
      block, {reference.values, predicted.values, scale}, measure_options(request));
  for (Measure& measure : measures) {
    if (measure.name == "r") add_scale_note(request, reference.values, measure);
  }
  return measures;
}

void check_scale(const MetricsRequest& request) {
  if (request.beta_max <= request.beta_min) {
    throw Error(ErrorKind::kUsage, {"beta_max is " + number_text(request.beta_max) +
                                        ", not above beta_min, " + number_text(request.beta_min),
                                    "beta_max", "give the upper and the lower end of the scale"});
  }
}

void check(const MetricsRequest& request) {
  if (request.csv.empty()) {
    throw Error(ErrorKind::kUsage,
                {"no table of scores is named", "csv", "give a CSV file with a header"});
  }
  check_scale(request);
}

}  // namespace

OptionTable<MetricsRequest> MetricsRequest::options() {
  using R = MetricsRequest;
  return {{"csv", &R::csv, "table of scores with a header, one picture a row"},
          {"mos", &R::mos, "column of the MOS; if not named: mos, if there is one"},
          {"before", &R::before,
           "column of the scores before the attack; if not named: before or score"},
          {"after", &R::after, "column of the scores after the attack; if not named: after"},
          {"beta_max", &R::beta_max, "upper end of the scale of the scores, for R"},
          {"beta_min", &R::beta_min, "lower end of the scale of the scores, for R"},
          {"tau", &R::tau, "Kendall's tau-b, or tau-a as the supplement prints it", {"b", "a"}},
          {"mapping",
           &R::mapping,
           "curve that carries scores to MOS before PLCC and RMSE",
           {"none", "logistic4", "logistic5"}},
          {"bootstrap", &R::bootstrap,
           "resamples for the 95 % intervals; 0: none. Fewer are drawn above 10,000 pictures, none "
           "above 50,000",
           0, 1e6},
          {"seed", &R::seed, "seed of the bootstrap", 0, 9e18}};
}

void MetricsRequest::settle(MetricsRequest& request, const Params& given) {
  const OptionRules rules(given);
  rules.need(request.bootstrap > 0, {"seed"}, "--bootstrap");
  if (rules.was_given("beta_min")) request.scale_flag = "--beta-min";
  if (rules.was_given("beta_max")) request.scale_flag = "--beta-max";
}

namespace {

/// Flags that count for blocks which the table does not have.
void check_used(const MetricsRequest& request, const Scores& scores) {
  const auto refuse = [](const char* flag, const char* wanted, const char* flags) {
    throw Error(ErrorKind::kUsage,
                {std::string("option ") + flag + " has no effect without " + wanted, flag,
                 std::string("name ") + flags + ", or leave it out"});
  };
  if (!request.scale_flag.empty() && !(scores.before.given() && scores.after.given())) {
    refuse(request.scale_flag.c_str(), "scores before and after",
           "both columns with --before and --after");
  }
  if (request.mapping != "none" && !scores.mos.given())
    refuse("--mapping", "a column of MOS", "it with --mos");
}

}  // namespace

namespace {

MetricsResult measured(const MetricsRequest& request, const Scores& scores) {
  check_used(request, scores);
  const auto name_of = [](const ScoreColumn& column) {
    return column.given() ? std::optional(column.name) : std::nullopt;
  };
  MetricsResult result{
      scores.n, name_of(scores.mos), name_of(scores.before), name_of(scores.after), request, {}};
  const auto add = [&](Block block, const ScoreColumn& reference, const ScoreColumn& predicted) {
    if (!reference.given() || !predicted.given()) return;
    result.blocks.push_back({block, measure_block(request, block, reference, predicted)});
  };
  add(Block::kMosBefore, scores.mos, scores.before);
  add(Block::kMosAfter, scores.mos, scores.after);
  add(Block::kBeforeAfter, scores.before, scores.after);
  return result;
}

/// The lists under the names that a table would have. \throws Error{kData}
Scores scores_of(const ScoreLists& lists) {
  Scores scores;
  int given = 0;
  const auto take = [&](const char* name, const std::vector<double>& values, ScoreColumn& column) {
    if (values.empty()) return;
    if (given++ > 0 && values.size() != scores.n) {
      throw Error(ErrorKind::kData, {"there are " + std::to_string(values.size()) + " scores '" +
                                         name + "', and " + std::to_string(scores.n) + " others",
                                     name, "give one score for each picture in every list"});
    }
    scores.n = values.size();
    column = {name, values};
  };
  take("mos", lists.mos, scores.mos);
  take("before", lists.before, scores.before);
  take("after", lists.after, scores.after);
  if (given >= 2 && scores.n >= 2) return scores;
  throw Error(ErrorKind::kData, {std::to_string(given) + " lists of " + std::to_string(scores.n) +
                                     " scores cannot be compared",
                                 "", "give two of mos, before and after, of two pictures or more"});
}

}  // namespace

MetricsResult run_metrics(const MetricsRequest& request) {
  check(request);
  return measured(request, read_scores(request));
}

MetricsResult run_metrics(const MetricsRequest& request, const ScoreLists& lists) {
  check_scale(request);
  return measured(request, scores_of(lists));
}

namespace {

using Json = nlohmann::ordered_json;

void add_columns(const MetricsResult& result, Json& cells) {
  Json names = Json::object();
  if (result.mos) names["mos"] = *result.mos;
  if (result.before) names["before"] = *result.before;
  if (result.after) names["after"] = *result.after;
  cells["columns"] = names;
}

void add_options(const MetricsResult& result, Json& cells) {
  const MetricsRequest& options = result.options;
  cells["options"] = {
      {"beta_max", options.beta_max}, {"beta_min", options.beta_min},   {"tau", options.tau},
      {"mapping", options.mapping},   {"bootstrap", options.bootstrap}, {"seed", options.seed}};
}

void add_blocks(const MetricsResult& result, Json& cells) {
  for (const auto& [block, measures] : result.blocks) {
    Json inner = Json::object();
    for (const Measure& measure : measures) {
      inner[measure.name] = result_cell(measure.value);
      if (result.options.bootstrap > 0) {
        inner[measure.name + "_low"] = result_cell(measure.low);
        inner[measure.name + "_high"] = result_cell(measure.high);
      }
      if (!measure.note.empty()) inner[measure.name + "_note"] = measure.note;
    }
    cells[std::string(block_name(block))] = std::move(inner);
  }
}

}  // namespace

ResultColumns<MetricsResult> MetricsResult::columns() {
  using R = MetricsResult;
  ResultColumns<R> columns;
  columns.add("robiq_version", [](const R&) { return std::string(version()); })
      .add("n", &R::n)
      .add_cells(add_columns)
      .add_cells(add_options)
      .add_cells(add_blocks);
  return columns;
}

ResultColumns<MetricsRow> MetricsRow::columns() {
  using R = MetricsRow;
  const auto note = [](const R& row) {
    return row.measure.note.empty() ? std::nullopt : std::optional(row.measure.note);
  };
  ResultColumns<R> columns;
  columns.add("block", [](const R& row) { return std::string(block_name(row.block)); })
      .add("measure", [](const R& row) { return row.measure.name; })
      .add("value", [](const R& row) { return row.measure.value; })
      .add("low", [](const R& row) { return row.measure.low; })
      .add("high", [](const R& row) { return row.measure.high; })
      .add("note", note);
  return columns;
}

std::vector<MetricsRow> metrics_rows(const MetricsResult& result) {
  std::vector<MetricsRow> rows;
  for (const auto& [block, measures] : result.blocks) {
    for (const Measure& measure : measures) rows.push_back({block, measure});
  }
  return rows;
}

}  // namespace robiq
