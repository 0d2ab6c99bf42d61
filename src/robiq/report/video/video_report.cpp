#include "robiq/report/video/video_report.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "robiq/core/text/text.h"
#include "robiq/report/evidence/data_rows.h"
#include "robiq/report/figures/vega_lite.h"
#include "robiq/report/render/render.h"

namespace robiq {
namespace {

constexpr Extent kTimePanel{760, 260};

/// Names that differ. One video under several models is told by its weights, any other by its log.
std::vector<std::string> video_titles(const std::vector<VideoLog>& logs) {
  std::vector<std::string> titles;
  for (const VideoLog& log : logs) {
    const auto same = [&](const VideoLog& other) { return other.video == log.video; };
    const auto twin = [&](const VideoLog& other) {
      return same(other) && (other.weights == log.weights || other.path != log.path);
    };
    if (std::count_if(logs.begin(), logs.end(), same) == 1) {
      titles.push_back(log.video);
    } else {
      const bool by_weights =
          std::count_if(logs.begin(), logs.end(), twin) == 1 && !log.weights.empty();
      titles.push_back(log.video + " (" + (by_weights ? log.weights : log.file) + ")");
    }
  }
  return titles;
}

std::set<std::string> metrics_of(const std::vector<VideoLog>& logs) {
  std::set<std::string> names;
  for (const VideoLog& log : logs) {
    for (const auto& [name, metric] : log.metrics) names.insert(name);
  }
  return names;
}

/// Whether seconds can be told of all videos; else the axis counts frames.
bool know_seconds(const std::vector<VideoLog>& logs) {
  return std::all_of(logs.begin(), logs.end(),
                     [](const VideoLog& log) { return log.frames_per_second.value_or(0) > 0; });
}

/// One point of the line: neighbouring frames together.
struct TimePoint {
  double time = 0, mean = 0, least = 0, most = 0;
};

/// The frames from `begin` to `end`; those without a score count for nothing.
TimePoint point_of(const VideoLog& log, const VideoMetric& metric, std::size_t begin,
                   std::size_t end) {
  TimePoint point{0, 0, std::nan(""), std::nan("")};
  double count = 0;
  for (std::size_t i = begin; i < end; ++i) {
    point.time += log.frames[i] / static_cast<double>(end - begin);
    const double score = metric.scores[i];
    if (!std::isfinite(score)) continue;
    point.mean += score;
    point.least = std::fmin(point.least, score);
    point.most = std::fmax(point.most, score);
    ++count;
  }
  point.mean = count == 0 ? std::nan("") : point.mean / count;
  return point;
}

std::vector<TimePoint> points_of(const VideoLog& log, const VideoMetric& metric) {
  const std::size_t count = log.frames.size();
  const std::size_t together = (count + kMostVideoPoints - 1) / kMostVideoPoints;
  std::vector<TimePoint> points;
  for (std::size_t begin = 0; begin < count; begin += together) {
    points.push_back(point_of(log, metric, begin, std::min(count, begin + together)));
  }
  return points;
}

DataTable time_data(const std::vector<VideoLog>& logs, const std::string& metric, bool seconds) {
  const std::vector<std::string> titles = video_titles(logs);
  DataRows rows;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const auto found = logs[i].metrics.find(metric);
    if (found == logs[i].metrics.end()) continue;
    const double rate = seconds ? *logs[i].frames_per_second : 1;
    for (const TimePoint& point : points_of(logs[i], found->second)) {
      rows.add({{"video", titles[i]},
                {"time", point.time / rate},
                {"score", point.mean},
                {"least", point.least},
                {"most", point.most}});
    }
  }
  return rows.take();
}

/// "cnniqa (0 worst, 100 best)".
std::string score_title(const std::vector<VideoLog>& logs, const std::string& metric) {
  const std::optional<ScoreScale> scale = logs.front().scale;
  const bool shared = std::all_of(logs.begin(), logs.end(),
                                  [&](const VideoLog& log) { return log.scale == scale; });
  if (!scale || !shared) return metric;
  return metric + " (" + number_text(scale->worst) + " worst, " + number_text(scale->best) +
         " best)";
}

std::string time_figure(const std::vector<VideoLog>& logs, const std::string& metric,
                        const std::string& data, const std::string& caption, bool band) {
  const bool seconds = know_seconds(logs);
  Json x = quantitative("time", seconds ? "time in seconds" : "frame");
  x["axis"] = {{"grid", false}};
  x["scale"] = {{"nice", false}};
  Json y = quantitative("score", score_title(logs, metric));
  y["scale"] = {{"zero", false}};
  const Json colour = ordered_nominal("video", "Video", video_titles(logs));
  Json layers = Json::array();
  if (band) {
    Json low = quantitative("least", y["title"].get<std::string>());
    low["scale"] = y["scale"];
    const Json high = {{"field", "most"}};
    layers.push_back({{"mark", {{"type", "area"}, {"opacity", 0.2}}},
                      {"encoding", {{"x", x}, {"y", low}, {"y2", high}, {"color", colour}}}});
  }
  const Json tooltip = Json::array({nominal("video", "Video"), x, y});
  layers.push_back({{"mark", {{"type", "line"}, {"strokeWidth", 1.5}}},
                    {"encoding", {{"x", x}, {"y", y}, {"color", colour}, {"tooltip", tooltip}}}});
  Json view = layered(kTimePanel, layers);
  view["data"] = named_data(data);
  return figure_text(caption, 1, Json::array({view}));
}

Table pooled_table(const std::vector<VideoLog>& logs) {
  Table table{"videos",
              "Scores of whole videos",
              {{"Video", {"video"}},
               {"Measure", {"metric"}},
               {"Frames", {"frames"}},
               {"Mean", {"mean"}},
               {"Harmonic mean", {"harmonic_mean"}},
               {"Least", {"min"}},
               {"5th percentile", {"percentile_5"}},
               {"Most", {"max"}}},
              {},
              {}};
  const std::vector<std::string> titles = video_titles(logs);
  for (std::size_t i = 0; i < logs.size(); ++i) {
    for (const auto& [name, metric] : logs[i].metrics) {
      Row row{{word(titles[i]), word(name), number(static_cast<double>(logs[i].frames.size()), 0)}};
      for (std::size_t column = row.cells.size(); column < table.columns.size(); ++column) {
        const auto found = metric.pooled.find(table.columns[column].keys.front());
        row.cells.push_back(number(found == metric.pooled.end() ? std::nan("") : found->second, 2));
      }
      table.rows.push_back(std::move(row));
    }
    for (const std::string& said : {logs[i].note, logs[i].remarks}) {
      if (!said.empty()) table.notes.push_back(titles[i] + ": " + said + ".");
    }
  }
  return table;
}

/// How many frames of the longest video one point stands for.
std::size_t frames_in_a_point(const std::vector<VideoLog>& logs) {
  std::size_t most = 0;
  for (const VideoLog& log : logs) most = std::max(most, log.frames.size());
  return (most + kMostVideoPoints - 1) / kMostVideoPoints;
}

}  // namespace

Report compose_video_report(const std::vector<VideoLog>& logs, const std::string& title) {
  Report report;
  report.title = title.empty() ? "Quality of videos over time" : title;
  Section plots{"video-figures",
                "The score over time",
                "Every frame is scored as a picture of its own. Compare versions of one video with "
                "each other; two videos of different content may differ for other reasons.",
                {}};
  const std::size_t together = frames_in_a_point(logs);
  std::size_t place = 0;
  for (const std::string& metric : metrics_of(logs)) {
    std::string caption = "The " + metric + " score of each frame.";
    if (together > 1) {
      caption = "The " + metric + " score over time. A point is the mean of up to " +
                std::to_string(together) + " neighbouring frames; the band goes from their least " +
                "to their most.";
    }
    const std::string data = "video-" + std::to_string(place++);
    report.data[data] = time_data(logs, metric, know_seconds(logs));
    plots.blocks.emplace_back(
        Figure{place == 1 ? "score-over-time" : "score-over-time-" + std::to_string(place), caption,
               time_figure(logs, metric, data, caption, together > 1)});
  }
  report.sections.push_back(std::move(plots));
  report.sections.push_back({"videos", "Whole videos", "", {pooled_table(logs)}});
  return report;
}

}  // namespace robiq
