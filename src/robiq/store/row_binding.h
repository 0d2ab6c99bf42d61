#pragma once
#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cmath>
#include <cstdint>
#include <optional>
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
  template <Worded E>
  void operator()(E value) {
    statement_.bind(next_++, word_of(value));
  }
  void operator()(const Blob& value) {
    statement_.bindNoCopy(next_++, value.bytes.data(), static_cast<int>(value.bytes.size()));
  }

 private:
  SQLite::Statement& statement_;
  int next_ = 1;
};

/// How many bytes of texts and pictures one database may still give.
class ByteBudget {
 public:
  static constexpr std::int64_t kMost = std::int64_t{1} << 30;

  /// \throws SQLite::Exception{SQLITE_TOOBIG} when the budget is spent
  void spend(std::int64_t bytes) {
    left_ -= bytes;
    if (left_ < 0) throw SQLite::Exception("more than a GiB of texts and pictures", SQLITE_TOOBIG);
  }

 private:
  std::int64_t left_ = kMost;
};

/// Takes the columns of a result row one after the other.
class Taker {
 public:
  Taker(SQLite::Statement& statement, ByteBudget& budget)
      : statement_(statement), budget_(budget) {}
  void operator()(std::int64_t& value) { value = statement_.getColumn(next_++).getInt64(); }
  void operator()(std::string& value) { value = taken(); }
  void operator()(double& value) {
    const SQLite::Column column = statement_.getColumn(next_++);
    value = column.isNull() ? ScoreRow::kNone : column.getDouble();
  }
  void operator()(Blob& value) { value.bytes = taken(); }
  template <Worded E>
  void operator()(E& value) {
    const std::string word = taken();
    const std::optional<E> known = with_word<E>(word);
    if (!known) {
      throw SQLite::Exception("it holds a word that no robiq wrote: '" + word + "'",
                              SQLITE_CORRUPT);
    }
    value = *known;
  }

 private:
  std::string taken() {
    const SQLite::Column column = statement_.getColumn(next_++);
    budget_.spend(column.getBytes());
    return column.getString();
  }

  SQLite::Statement& statement_;
  ByteBudget& budget_;
  int next_ = 0;
};

}  // namespace robiq
