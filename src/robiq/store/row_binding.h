#pragma once
#include <SQLiteCpp/SQLiteCpp.h>

#include <cmath>
#include <string>

#include "robiq/store/results_store.h"

namespace robiq {

/// Fills the question marks of a statement one after the other. The values must outlive exec().
class Binder {
 public:
  explicit Binder(SQLite::Statement& statement) : statement_(statement) {}
  void operator()(std::int64_t value) { statement_.bind(next_++, value); }
  void operator()(const std::string& value) { statement_.bindNoCopy(next_++, value); }
  void operator()(double value) {
    if (std::isnan(value)) {
      statement_.bind(next_++);
    } else {
      statement_.bind(next_++, value);
    }
  }
  void operator()(const Blob& value) {
    statement_.bindNoCopy(next_++, value.bytes.data(), static_cast<int>(value.bytes.size()));
  }

 private:
  SQLite::Statement& statement_;
  int next_ = 1;
};

/// Takes the columns of a result row one after the other.
class Taker {
 public:
  explicit Taker(SQLite::Statement& statement) : statement_(statement) {}
  void operator()(std::int64_t& value) { value = statement_.getColumn(next_++).getInt64(); }
  void operator()(std::string& value) { value = statement_.getColumn(next_++).getString(); }
  void operator()(double& value) {
    const SQLite::Column column = statement_.getColumn(next_++);
    value = column.isNull() ? ScoreRow::kNone : column.getDouble();
  }
  void operator()(Blob& value) { value.bytes = statement_.getColumn(next_++).getString(); }

 private:
  SQLite::Statement& statement_;
  int next_ = 0;
};

}  // namespace robiq
