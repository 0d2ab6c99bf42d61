#pragma once
// What must hold of every Vega-Lite specification of a report.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "robiq/report/figures/vega_lite.h"
#include "robiq/report/report.h"

namespace robiq::test {

/// Walks through the views of a figure: every data name must be in the report, every field that a
/// view encodes or filters by must be a column of its data.
class VegaCheck {
 public:
  VegaCheck(const Report& report, std::string figure)
      : report_(report), figure_(std::move(figure)) {}

  void check(const Json& view, std::string data = "") {
    if (view.contains("data")) {
      data = view["data"].at("name");
      EXPECT_TRUE(report_.data.contains(data)) << figure_ << " draws " << data;
    }
    for (const Json& transform : view.value("transform", Json::array())) {
      const Json filter = transform.at("filter");
      if (filter.is_object() && filter.contains("field")) check_field(data, filter["field"]);
    }
    const Json encoding = view.value("encoding", Json::object());
    for (const auto& [channel, value] : encoding.items()) {
      for (const Json& part : value.is_array() ? value : Json::array({value})) {
        if (part.contains("field")) check_field(data, part["field"]);
      }
    }
    if (view.contains("mark")) ++marks;
    for (const char* kind : {"concat", "hconcat", "vconcat", "layer"}) {
      for (const Json& child : view.value(kind, Json::array())) check(child, data);
    }
  }

  int marks = 0;

 private:
  void check_field(const std::string& data, const std::string& field) const {
    const auto table = report_.data.find(data);
    ASSERT_NE(table, report_.data.end()) << figure_ << ": no data for " << field;
    EXPECT_TRUE(std::any_of(table->second.begin(), table->second.end(),
                            [&](const DataColumn& column) { return column.name == field; }))
        << figure_ << ": " << data << " has no column " << field;
  }

  const Report& report_;
  std::string figure_;
};

/// The specification with its data inside, as programs that draw read it.
inline Json with_data(const Figure& figure, const Report& report) {
  Json spec = Json::parse(figure.vega_lite);
  for (const auto& [name, table] : report.data) {
    if (figure.vega_lite.find("\"" + name + "\"") == std::string::npos) continue;
    Json rows = Json::array();
    for (const DataColumn& column : table) {
      std::visit(
          [&](const auto& values) {
            for (std::size_t i = 0; i < values.size(); ++i) {
              if (rows.size() <= i) rows.push_back(Json::object());
              rows[i][column.name] = values[i];  // NaN is written as null
            }
          },
          column.values);
    }
    spec["datasets"][name] = rows;
  }
  return spec;
}

}  // namespace robiq::test
