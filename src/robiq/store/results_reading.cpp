#include <map>
#include <tuple>
#include <utility>

#include "robiq/store/results_store.h"
#include "robiq/store/row_columns.h"
#include "robiq/store/store_connection.h"

namespace robiq {
namespace {

/// The columns that tell rows of one model apart, before those of the single table.
constexpr const char* kAttackKey = "attack, attack_options, level, surrogate, ";

}  // namespace

std::vector<RunRow> ResultsStore::runs() const {
  return impl_->all<RunRow>(kRunColumns, "runs ORDER BY id");
}

std::vector<ModelRow> ResultsStore::models() const {
  return impl_->all<ModelRow>(kModelColumns, "models ORDER BY id");
}

std::vector<ImageRow> ResultsStore::images() const {
  return impl_->all<ImageRow>(kImageColumns, "images ORDER BY id");
}

std::vector<ScoreRow> ResultsStore::scores(std::int64_t run) const {
  return impl_->all_of_run<ScoreRow>(kScoreColumns, "scores", std::string(kAttackKey) + "image",
                                     run);
}

std::vector<DistanceRow> ResultsStore::distances(std::int64_t run) const {
  if (!impl_->has("distances")) return {};
  return impl_->all_of_run<DistanceRow>(kDistanceColumns, "distances",
                                        std::string(kAttackKey) + "distance, image", run);
}

std::vector<MeasureRow> ResultsStore::measures(std::int64_t run) const {
  return impl_->all_of_run<MeasureRow>(kMeasureColumns, "measures",
                                       std::string(kAttackKey) + "block, measure", run);
}

std::vector<FlagRow> ResultsStore::flags(std::int64_t run) const {
  return impl_->all_of_run<FlagRow>(kFlagColumns, "flags", "attack, flag", run);
}

std::vector<ExampleRow> ResultsStore::examples(std::int64_t run) const {
  if (!impl_->has("examples")) return {};
  return impl_->all_of_run<ExampleRow>(kExampleColumns, "examples",
                                       std::string(kAttackKey) + "change DESC, image", run);
}

std::vector<HistoryRow> ResultsStore::history() const {
  if (!impl_->has("history")) return {};
  return impl_->all<HistoryRow>(kHistoryColumns, "history ORDER BY model, epoch, quantity");
}

std::vector<AttackRow> ResultsStore::attacks() const {
  if (!impl_->has("attacks")) return attacks_of_older_databases();
  return impl_->all<AttackRow>(kAttackColumns, "attacks ORDER BY name");
}

std::vector<ModelTitleRow> ResultsStore::model_titles() const {
  if (!impl_->has("model_titles")) return model_titles_of_older_databases();
  return impl_->all<ModelTitleRow>(kModelTitleColumns, "model_titles ORDER BY name");
}

std::vector<CellRow> ResultsStore::cells() const {
  return impl_->guarded([&](SQLite::Database& db) {
    SQLite::Statement select(
        db, "SELECT study, cell, state, ifnull(run, 0), error FROM cells ORDER BY study, cell");
    std::vector<CellRow> rows;
    while (select.executeStep()) {
      CellRow& row = rows.emplace_back();
      for_each_field(std::tie(row.study, row.cell, row.state, row.run, row.error),
                     Taker(select, impl_->budget));
    }
    return rows;
  });
}

std::map<std::int64_t, std::string> ResultsStore::thumbnails() const {
  constexpr int kMostThumbnail = 1 << 20;
  return impl_->guarded([&](SQLite::Database& db) {
    SQLite::Statement select(db, "SELECT id, thumbnail FROM images WHERE length(thumbnail) <= ?");
    select.bind(1, kMostThumbnail);
    std::map<std::int64_t, std::string> all;
    while (select.executeStep()) {
      std::int64_t id = 0;
      Blob thumbnail;
      for_each_field(std::tie(id, thumbnail), Taker(select, impl_->budget));
      all[id] = std::move(thumbnail.bytes);
    }
    return all;
  });
}

}  // namespace robiq
