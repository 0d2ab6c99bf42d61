#include "robiq/app/video/video_rows.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/core/version.h"

namespace robiq {
namespace {

using Cells = nlohmann::ordered_json;

/// The cells of one row inside another.
template <class Row>
Cells inner_cells(const Row& row) {
  return Row::columns().cells(std::vector<Row>{row}, OutputFormat::kJson).front();
}

Cells frame_cells(const VideoScores& scores) {
  std::vector<FrameRow> rows;
  for (const FrameScore& frame : scores.frames) rows.push_back({scores.metric, frame});
  return FrameRow::columns().cells(rows, OutputFormat::kJson);
}

std::optional<double> rate_of(const VideoScores& scores) {
  if (scores.frames_per_second > 0) return scores.frames_per_second;
  return std::nullopt;
}

std::optional<std::string> note_of(const VideoScores& scores) {
  std::vector<std::string> notes;
  if (scores.interrupted) {
    notes.push_back("interrupted after " + std::to_string(scores.frames.size()) +
                    (scores.frames.size() == 1 ? " frame" : " frames"));
  } else if (!scores.damage.empty()) {
    notes.push_back(scores.damage);
  }
  if (scores.pooled.mean && !scores.pooled.harmonic_mean) {
    notes.emplace_back("no harmonic mean: a score is -1 or below");
  }
  if (notes.empty()) return std::nullopt;
  return join(notes, "; ");
}

std::optional<std::string> remarks_of(const VideoScores& scores) {
  if (scores.remarks.empty()) return std::nullopt;
  return join(scores.remarks, "; ");
}

}  // namespace

ResultColumns<FrameRow> FrameRow::columns() {
  ResultColumns<FrameRow> columns;
  columns.add("frameNum", [](const FrameRow& row) { return row.frame.number; })
      .add_cells([](const FrameRow& row, Cells& cells) {
        cells["metrics"][row.metric] = result_cell(row.frame.score);
      });
  return columns;
}

ResultColumns<FrameLine> FrameLine::columns() {
  ResultColumns<FrameLine> columns;
  columns.add("Frame", [](const FrameLine& line) { return line.row.frame.number; })
      .add_cells([](const FrameLine& line, Cells& cells) {
        cells[line.row.metric] = result_cell(line.row.frame.score);
      });
  return columns;
}

ResultColumns<PooledScores> PooledScores::columns() {
  using R = PooledScores;
  ResultColumns<R> columns;
  columns.add("min", &R::least)
      .add("max", &R::most)
      .add("mean", &R::mean)
      .add("harmonic_mean", &R::harmonic_mean)
      .add("percentile_5", &R::percentile_5);
  return columns;
}

ResultColumns<VideoScores> VideoScores::columns() {
  using R = VideoScores;
  constexpr Shown kTable = Shown::kTable, kData = Shown::kData;
  ResultColumns<R> columns;
  columns
      .add(
          "version", [](const R&) { return std::string(version()); }, kData)
      .add(
          "robiq_version", [](const R&) { return std::string(version()); }, kData)
      .add("video", &R::video)
      .add(
          "frames", [](const R& scores) { return scores.frames.size(); }, kTable)
      .add_cells([](const R& scores, Cells& cells) { cells.update(inner_cells(scores.pooled)); },
                 kTable)
      .add("model", &R::metric)
      .add("weights", &R::weights, kData)
      .add("weights_sha256", &R::weights_sha256, kData)
      .add("fps", &R::scored_per_second, kData)
      .add("width", &R::width, kData)
      .add("height", &R::height, kData)
      .add("frames_per_second", rate_of, kData)
      .add("scale", &R::scale)
      .add_present("note", note_of)
      .add_present("remarks", remarks_of)
      .add_cells(
          [](const R& scores, Cells& cells) {
            if (!scores.frames.empty()) cells["frames"] = frame_cells(scores);
            cells["pooled_metrics"][scores.metric] = inner_cells(scores.pooled);
          },
          kData)
      .add_cells([](const R&, Cells& cells) { cells["aggregate_metrics"] = Cells::object(); },
                 kData);
  return columns;
}

}  // namespace robiq
