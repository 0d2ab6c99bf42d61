#include "robiq/report/evidence.h"

#include <cmath>
#include <set>

#include "robiq/core/error.h"

namespace robiq {
namespace {

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
bool same(const MeasureRow& a, const MeasureRow& b) { return same(a.value, b.value); }
bool same(const PictureScore& a, const PictureScore& b) {
  return same(a.before, b.before) && same(a.after, b.after);
}

template <class Key, class Row>
void put(std::map<Key, Found<Row>>& rows, const Key& key, const Row& row,
         const std::string& folder) {
  const auto [place, is_new] = rows.try_emplace(key, Found<Row>{row, folder});
  if (is_new) return;
  if (place->second.folder != folder && !same(place->second.row, row)) {
    throw Error(
        ErrorKind::kData,
        {"two runs disagree about " + key.subject.model + " (defense " + key.subject.defense +
             ") under '" + key.situation.attack + "'",
         place->second.folder + " and " + folder, "report on one of them, or on each by itself"});
  }
  place->second = {row, folder};
}

/// Ids of one database to names.
struct Names {
  explicit Names(const ResultsStore& store) {
    for (const ModelRow& model : store.models()) {
      subjects[model.id] = {model.name, model.defense};
    }
    for (ImageRow& image : store.images()) images[image.id] = std::move(image);
  }
  std::map<std::int64_t, Subject> subjects;
  std::map<std::int64_t, ImageRow> images;
};

void gather_scores(Evidence& evidence, const std::vector<ScoreRow>& rows, const Names& names,
                   const std::string& folder) {
  for (const ScoreRow& row : rows) {
    const ImageRow& image = names.images.at(row.image);
    const Situation situation{image.dataset, row.attack, row.attack_options, row.level,
                              row.surrogate};
    const ScoreKey key{situation, names.subjects.at(row.model), image.split_sha256, image.name};
    put(evidence.scores, key,
        PictureScore{image.mos_normalised, row.before, row.after, row.after_8bit}, folder);
  }
}

void gather_measures(Evidence& evidence, const std::vector<MeasureRow>& rows, const Names& names,
                     const std::string& folder) {
  for (const MeasureRow& row : rows) {
    const Situation situation{row.dataset, row.attack, row.attack_options, row.level,
                              row.surrogate};
    const MeasureKey key{situation, names.subjects.at(row.model), row.block, row.measure};
    put(evidence.measures, key, row, folder);
  }
}

/// What `take` makes of the keys of both maps, without repetitions.
template <class T, class Take>
std::vector<T> distinct(const Evidence& evidence, Take take) {
  std::set<T> found;
  for (const auto& [key, row] : evidence.measures) take(key, found);
  for (const auto& [key, row] : evidence.scores) take(key, found);
  return {found.begin(), found.end()};
}

}  // namespace

std::vector<std::string> Evidence::datasets() const {
  return distinct<std::string>(
      *this, [](const auto& key, auto& found) { found.insert(key.situation.dataset); });
}

std::vector<Situation> Evidence::attacks(const std::string& dataset) const {
  return distinct<Situation>(*this, [&](const auto& key, auto& found) {
    if (key.situation.dataset == dataset && key.situation.attack != "none") {
      found.insert(key.situation);
    }
  });
}

std::vector<Subject> Evidence::subjects(const std::string& dataset) const {
  return distinct<Subject>(*this, [&](const auto& key, auto& found) {
    if (key.situation.dataset == dataset) found.insert(key.subject);
  });
}

const MeasureRow* Evidence::find(const MeasureKey& key) const {
  const auto place = measures.find(key);
  return place == measures.end() ? nullptr : &place->second.row;
}

Evidence gather_evidence(const std::vector<std::filesystem::path>& run_folders) {
  Evidence evidence;
  for (const std::filesystem::path& folder : run_folders) {
    const ResultsStore store(folder / "results.sqlite", ResultsStore::Access::kRead);
    const Names names(store);
    for (const RunRow& run : store.runs()) {
      evidence.runs.push_back({run, folder.string()});
      gather_scores(evidence, store.scores(run.id), names, folder.string());
      gather_measures(evidence, store.measures(run.id), names, folder.string());
    }
  }
  return evidence;
}

}  // namespace robiq
