#pragma once
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace robiq {

/// What a row, a column, a panel or a point is about, by titles as printed ("CNNIQA", "+NT",
/// "FGSM"): what a reader can filter by. "" where it is about several.
struct About {
  std::string model, defense, attack;
};

/// A number with the digits it deserves, or a word. NaN is printed as a dash.
struct Value {
  std::variant<double, std::string> value;
  int decimals = 4;
  bool best = false;  ///< printed bold
  /// Standard deviation over seeds, printed after a "±"; NaN: there was one seed.
  double deviation = std::numeric_limits<double>::quiet_NaN();
  bool refused = false;  ///< by a flag: never the best
};

/// What stands in one place of a table; several values are printed as "a / b".
struct Cell {
  std::vector<Value> values;
};
[[nodiscard]] inline Cell word(const std::string& text) { return {{{text}}}; }
[[nodiscard]] inline Cell number(double value, int decimals) { return {{{value, decimals}}}; }

struct Column {
  std::string name;               ///< for people
  std::vector<std::string> keys;  ///< for programs, one for each value of a cell
  std::string group{};            ///< neighbours of one group share a heading above theirs
  About about{};
};

struct Row {
  std::vector<Cell> cells;  ///< as many as the table has columns
  About about{};
  bool reference = false;  ///< numbers that the paper prints, beside ours
};

struct Table {
  std::string id;  ///< file name without ending
  std::string caption;
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::vector<std::string> notes;
};

/// A Vega-Lite specification whose data are names of Report::data ({"name": "points-0"}).
struct Figure {
  std::string id;  ///< file name without ending
  std::string caption;
  std::string vega_lite;  ///< JSON
};

using ReportBlock = std::variant<Table, Figure>;

struct Section {
  std::string id, title, text;
  std::vector<ReportBlock> blocks;
};

/// What figures draw: columns of equal length. NaN: not measured.
struct DataColumn {
  std::string name;
  std::variant<std::vector<double>, std::vector<std::string>> values;
};
using DataTable = std::vector<DataColumn>;

/// A picture that points name by its place in Report::pictures.
struct ReportPicture {
  std::string name, dataset;
  double mos = 0;         ///< on the scale 0..100
  std::string thumbnail;  ///< JPEG bytes; may be empty
};

/// A part of a picture, clean and attacked, to look at.
struct Example {
  std::size_t picture = 0;  ///< in Report::pictures
  About about;
  std::string seed;
  std::string kind;  ///< largest change | typical | random
  double before = 0, after = 0, ssim = 0, linf = 0;
  std::string clean, attacked;  ///< PNG bytes
};

/// Where numbers come from.
struct RunCard {
  std::vector<std::pair<std::string, std::string>> facts;  ///< in order: "Command", "robiq ..."
  std::vector<std::string> flags;                          ///< doubts about its numbers
};

/// What a report says, before anyone decides how it looks.
struct Report {
  std::string title, text;
  std::vector<Section> sections;
  std::map<std::string, DataTable> data;
  std::vector<ReportPicture> pictures;
  std::vector<Example> examples;
  std::vector<RunCard> runs;
};

/// What a report is asked for.
struct ReportSettings {
  std::string title;                 ///< "": a general one
  std::vector<std::string> tables;   ///< ids; empty: all that the results fill
  std::vector<std::string> figures;  ///< likewise
  bool paper = false;                ///< the paper's printed numbers stand beside ours
  bool compare = false;              ///< runs are set side by side, not taken together
};

}  // namespace robiq
