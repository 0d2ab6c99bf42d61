// What stands in for results_store.cpp in a compute-only build.
#include "robiq/store/results_store.h"

#include "robiq/core/error.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file) {
  throw Error(ErrorKind::kUsage,
              {"this robiq was built compute-only, without its results database", file.string(),
               "use a robiq that was configured with -DROBIQ_COMPUTE_ONLY=OFF"});
}

}  // namespace

struct ResultsStore::Impl {};

bool ResultsStore::available() { return false; }
ResultsStore::ResultsStore(const std::filesystem::path& file, Access) { refuse(file); }
ResultsStore::~ResultsStore() = default;

// There is no object to call these on.
std::int64_t ResultsStore::begin_run(const RunRow&) { refuse(""); }
void ResultsStore::set_run_status(std::int64_t, RunStatus, const std::string&) { refuse(""); }
std::optional<RunRow> ResultsStore::find_run(const std::string&) const { refuse(""); }
std::int64_t ResultsStore::model_id(const ModelRow&) { refuse(""); }
std::int64_t ResultsStore::image_id(const ImageRow&) { refuse(""); }
void ResultsStore::add(const std::vector<ScoreRow>&) { refuse(""); }
void ResultsStore::add(const std::vector<DistanceRow>&) { refuse(""); }
void ResultsStore::add(const std::vector<MeasureRow>&) { refuse(""); }
void ResultsStore::add(const std::vector<FlagRow>&) { refuse(""); }
void ResultsStore::add(const std::vector<HistoryRow>&) { refuse(""); }
void ResultsStore::add(const std::vector<AttackRow>&) { refuse(""); }
void ResultsStore::add(const std::vector<ModelTitleRow>&) { refuse(""); }
void ResultsStore::add_examples(const std::vector<ExampleRow>&, std::int64_t, std::int64_t) {
  refuse("");
}
void ResultsStore::set_cell(const CellRow&) { refuse(""); }
std::vector<RunRow> ResultsStore::runs() const { refuse(""); }
std::vector<ModelRow> ResultsStore::models() const { refuse(""); }
std::vector<ImageRow> ResultsStore::images() const { refuse(""); }
std::vector<ScoreRow> ResultsStore::scores(std::int64_t) const { refuse(""); }
std::vector<DistanceRow> ResultsStore::distances(std::int64_t) const { refuse(""); }
std::vector<MeasureRow> ResultsStore::measures(std::int64_t) const { refuse(""); }
std::vector<FlagRow> ResultsStore::flags(std::int64_t) const { refuse(""); }
std::vector<ExampleRow> ResultsStore::examples(std::int64_t) const { refuse(""); }
std::vector<HistoryRow> ResultsStore::history() const { refuse(""); }
std::vector<CellRow> ResultsStore::cells() const { refuse(""); }
std::vector<AttackRow> ResultsStore::attacks() const { refuse(""); }
std::vector<ModelTitleRow> ResultsStore::model_titles() const { refuse(""); }
std::map<std::int64_t, std::string> ResultsStore::thumbnails() const { refuse(""); }

}  // namespace robiq
