#include "robiq/report/video/video_log.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"

namespace robiq {
namespace {

using LogJson = nlohmann::ordered_json;

constexpr std::uint64_t kMostBytes = 256 << 20;
constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorKind::kData,
              {what, file.string(), "write it with: robiq score VIDEO --format json > FILE.json"});
}

double number_or_none(const LogJson& value) {
  return value.is_number() ? value.get<double>() : kNoScore;
}

/// A part of the log that has to be there and to be of that kind.
const LogJson& part(const LogJson& json, const char* key, LogJson::value_t kind,
                    const std::filesystem::path& file) {
  const auto found = json.find(key);
  if (found == json.end() || found->type() != kind) {
    refuse(file, "the file lacks '" + std::string(key) + "', which the log of a scored video has");
  }
  return *found;
}

void read_frames(const LogJson& frames, const std::filesystem::path& file, VideoLog& log) {
  for (const LogJson& frame : frames) {
    if (!frame.is_object() || !frame.contains("frameNum") || !frame["frameNum"].is_number()) {
      refuse(file, "frame " + std::to_string(log.frames.size()) + " of the log lacks 'frameNum'");
    }
    const LogJson& metrics = part(frame, "metrics", LogJson::value_t::object, file);
    for (const auto& [name, score] : metrics.items()) {
      std::vector<double>& scores = log.metrics[name].scores;
      scores.resize(log.frames.size(), kNoScore);
      scores.push_back(number_or_none(score));
    }
    log.frames.push_back(frame["frameNum"].get<double>());
    for (auto& [name, metric] : log.metrics) metric.scores.resize(log.frames.size(), kNoScore);
  }
}

void read_pooled(const LogJson& json, VideoLog& log) {
  for (auto& [name, metric] : log.metrics) {
    if (!json.contains("pooled_metrics") || !json["pooled_metrics"].is_object()) return;
    const auto pooled = json["pooled_metrics"].find(name);
    if (pooled == json["pooled_metrics"].end() || !pooled->is_object()) continue;
    for (const auto& [key, value] : pooled->items()) metric.pooled[key] = number_or_none(value);
  }
}

std::string text_of_key(const LogJson& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

VideoLog read_video_log(const std::filesystem::path& file) {
  const LogJson json = LogJson::parse(read_file(file, kMostBytes), nullptr, false);
  if (!json.is_object()) {
    refuse(file, "the log of a scored video is a JSON object; this file is something else");
  }
  VideoLog log;
  log.file = file.string();
  const std::string video = text_of_key(json, "video");
  log.video = (video.empty() ? file : std::filesystem::path(video)).filename().string();
  log.path = video;
  log.weights = text_of_key(json, "weights");
  log.note = text_of_key(json, "note");
  log.remarks = text_of_key(json, "remarks");
  read_frames(part(json, "frames", LogJson::value_t::array, file), file, log);
  if (log.metrics.empty()) refuse(file, "the log lacks scores of frames");
  read_pooled(json, log);
  if (json.contains("frames_per_second") && json["frames_per_second"].is_number()) {
    log.frames_per_second = json["frames_per_second"].get<double>();
  }
  const auto scale = json.find("scale");
  if (scale != json.end() && scale->is_object() && scale->contains("worst") &&
      scale->contains("best") && (*scale)["worst"].is_number() && (*scale)["best"].is_number()) {
    log.scale = ScoreScale{(*scale)["worst"].get<double>(), (*scale)["best"].get<double>()};
  }
  return log;
}

}  // namespace robiq
