#include "robiq/app/study/progress/study_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "robiq/core/stop.h"
#include "robiq/core/text/text.h"

namespace robiq {

namespace {

using Json = nlohmann::ordered_json;

bool any_of(const std::vector<std::size_t>& needs, const auto& test) {
  return std::any_of(needs.begin(), needs.end(), test);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void StudyClock::add_finished(StudyStage stage, double seconds) {
  seconds_[stage].push_back(seconds);
}

std::string StudyClock::left_text(const Cells& remaining) const {
  double seconds = 0;
  bool known = false, all_known = true;
  for (const auto& [stage, cells] : remaining) {
    if (cells <= 0) continue;
    const auto finished = seconds_.find(stage);
    if (finished == seconds_.end()) {
      all_known = false;
      continue;
    }
    known = true;
    seconds += median(finished->second) * cells;
  }
  if (!known) return "";
  return (all_known ? "about " : "more than ") + duration_text(seconds) + " left";
}

std::string one_line(const Error& error) {
  const ErrorText& text = error.text();
  return text.where.empty() ? text.what : text.what + " (" + text.where + ")";
}

StudyWork::StudyWork(const StudySetup& setup, std::vector<bool> chosen, const ProcessGroup* group)
    : setup_(setup), chosen_(std::move(chosen)), group_(group) {}

std::size_t StudyWork::count_chosen() const {
  return static_cast<std::size_t>(std::count(chosen_.begin(), chosen_.end(), true));
}

StudyWork::Positions StudyWork::open() const {
  Positions open;
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    if (chosen_[i] && !done_.contains(i)) open.insert(i);
  }
  return open;
}

bool StudyWork::may_begin(std::size_t position) const {
  const StudyCell& cell = setup_.cells[position];
  return cell.stage == stage_ &&
         !any_of(cell.needs, [&](std::size_t need) { return !done_.contains(need); });
}

const StudyWork::Positions& StudyWork::begin_stage(StudyStage stage) {
  stage_ = stage;
  mine_.clear();
  const std::int64_t processes = group_ == nullptr ? 1 : group_->size();
  const std::int64_t rank = group_ == nullptr ? 0 : group_->rank();
  std::int64_t number = 0;
  for (const std::size_t position : open()) {
    if (may_begin(position) && number++ % processes == rank) mine_.insert(position);
  }
  return mine_;
}

void StudyWork::end_stage() {
  mine_.clear();
  stopped_ = stopped_ || stop_requested();
  if (group_ != nullptr) exchange_failures();
  failures_.insert(failures_.end(), failed_here_.begin(), failed_here_.end());
  failed_here_.clear();
}

/// Leaves in failed_here_ those of all processes, by rank.
void StudyWork::exchange_failures() {
  Json own = {{"done", done_}, {"stopped", stopped_}, {"failed", Json::array()}};
  for (const CellFailure& failure : failed_here_) {
    own["failed"].push_back({failure.cell, failure.exit_code, failure.text});
  }
  failed_here_.clear();
  for (const std::string& text :
       group_->gather(own.dump(-1, ' ', false, Json::error_handler_t::replace))) {
    const Json state = Json::parse(text);
    done_.merge(state["done"].get<Positions>());
    stopped_ = stopped_ || state["stopped"].get<bool>();
    for (const auto& failure : state["failed"]) {
      failed_here_.push_back(
          {failure[0].get<std::size_t>(), failure[1].get<int>(), failure[2].get<std::string>()});
    }
  }
}

StudyClock::Cells StudyWork::left() const {
  Positions lost;
  for (const auto* failures : {&failures_, &failed_here_}) {
    for (const CellFailure& failure : *failures) lost.insert(failure.cell);
  }
  const double share = group_ == nullptr ? 1 : 1.0 / static_cast<double>(group_->size());
  StudyClock::Cells left;
  for (std::size_t i = 0; i < setup_.cells.size(); ++i) {
    const StudyCell& cell = setup_.cells[i];
    if (any_of(cell.needs, [&](std::size_t need) { return lost.contains(need); })) lost.insert(i);
    if (!chosen_[i] || done_.contains(i) || lost.contains(i)) continue;
    if (cell.stage == stage_) {
      left[cell.stage] += mine_.contains(i) ? 1 : 0;
    } else {
      left[cell.stage] += share;
    }
  }
  return left;
}

std::optional<Error> StudyWork::failure() const {
  if (failures_.empty()) return std::nullopt;
  const auto earlier = [](const CellFailure& a, const CellFailure& b) { return a.cell < b.cell; };
  const CellFailure& first = *std::min_element(failures_.begin(), failures_.end(), earlier);
  const std::size_t not_begun = open().size() - failures_.size();
  const std::string others =
      not_begun == 0 ? "" : fmt::format(", and {} that need them were not begun", not_begun);
  return Error(static_cast<ErrorKind>(first.exit_code),
               {fmt::format("{} of {} cells failed{}; the first, {}: {}", failures_.size(),
                            setup_.cells.size(), others, setup_.cells[first.cell].name, first.text),
                setup_.folder.path().string(),
                "fix it; the same command then tries them again and keeps what is done"});
}

}  // namespace robiq
