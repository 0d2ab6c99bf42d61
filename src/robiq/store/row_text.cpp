#include "robiq/store/row_text.h"

#include <nlohmann/json.hpp>

#include "robiq/core/error.h"
#include "robiq/store/row_columns.h"

namespace robiq {

namespace {

using Json = nlohmann::json;

template <class Field>
const Field& plain(const Field& field) {
  return field;
}
const std::string& plain(const Blob& blob) { return blob.bytes; }

template <class Field>
Field& plain(Field& field) {
  return field;
}
std::string& plain(Blob& blob) { return blob.bytes; }

}  // namespace

template <class Row>
std::string pack_rows(const std::vector<Row>& rows) {
  Json all = Json::array();
  for (const Row& row : rows) {
    Json values = Json::array();
    for_each_field(fields_of(row), [&](const auto& field) { values.push_back(plain(field)); });
    all.push_back(std::move(values));
  }
  const std::vector<std::uint8_t> bytes = Json::to_msgpack(all);
  return {bytes.begin(), bytes.end()};
}

template <class Row>
std::vector<Row> unpack_rows(const std::string& bytes) {
  std::vector<Row> rows;
  try {
    for (const Json& values : Json::from_msgpack(bytes)) {
      std::size_t next = 0;
      for_each_field(fields_of(rows.emplace_back()),
                     [&](auto& field) { values.at(next++).get_to(plain(field)); });
    }
  } catch (const Json::exception&) {
    throw Error(ErrorKind::kData, {"rows of another process cannot be read", "",
                                   "start all processes of a run from one robiq"});
  }
  return rows;
}

template std::string pack_rows(const std::vector<ScoreRow>&);
template std::string pack_rows(const std::vector<DistanceRow>&);
template std::string pack_rows(const std::vector<ExampleRow>&);
template std::vector<ScoreRow> unpack_rows(const std::string&);
template std::vector<DistanceRow> unpack_rows(const std::string&);
template std::vector<ExampleRow> unpack_rows(const std::string&);

}  // namespace robiq
