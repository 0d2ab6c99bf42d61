#include "robiq/train/checkpoint.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/safetensors.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
constexpr int kFormat = 3;  // 2 kept the optimizer in LibTorch's own archive, which can run code
constexpr std::uint64_t kMaxStateBytes = 256u << 20;
constexpr const char *kModelFile = "model.safetensors", *kOptimizerFile = "optimizer.safetensors";

Json to_json(const EpochReport& report) {
  return {{"epoch", report.epoch},
          {"phase", report.phase},
          {"step", report.step},
          {"loss", report.loss},
          {"penalty", report.penalty},
          {"gradient_norm", report.gradient_norm},
          {"learning_rate", report.learning_rate},
          {"validation", report.validation},
          {"seconds", report.seconds},
          {"images_per_second", report.images_per_second}};
}

EpochReport report_from_json(const Json& json) {
  EpochReport report;
  json.at("epoch").get_to(report.epoch);
  json.at("phase").get_to(report.phase);
  json.at("step").get_to(report.step);
  json.at("loss").get_to(report.loss);
  json.at("penalty").get_to(report.penalty);
  json.at("gradient_norm").get_to(report.gradient_norm);
  json.at("learning_rate").get_to(report.learning_rate);
  json.at("validation").get_to(report.validation);
  json.at("seconds").get_to(report.seconds);
  json.at("images_per_second").get_to(report.images_per_second);
  return report;
}

Json to_json(const RunState& state) {
  Json history = Json::array();
  for (const EpochReport& report : state.history) history.push_back(to_json(report));
  return {{"format", kFormat},
          {"phase", state.phase},
          {"epoch", state.epoch},
          {"step_in_epoch", state.step_in_epoch},
          {"step", state.step},
          {"sums",
           {{"loss", state.sums.loss},
            {"penalty", state.sums.penalty},
            {"gradient_norm", state.sums.gradient_norm},
            {"steps", state.sums.steps}}},
          {"history", history},
          {"best_epoch", state.best_epoch},
          {"best_value", state.best_value},
          {"config_sha256", state.config_sha256}};
}

RunState state_from_json(const Json& json) {
  RunState state;
  json.at("phase").get_to(state.phase);
  json.at("epoch").get_to(state.epoch);
  json.at("step_in_epoch").get_to(state.step_in_epoch);
  json.at("step").get_to(state.step);
  const Json& sums = json.at("sums");
  state.sums = {sums.at("loss").get<double>(), sums.at("penalty").get<double>(),
                sums.at("gradient_norm").get<double>(), sums.at("steps").get<std::int64_t>()};
  for (const Json& report : json.at("history")) state.history.push_back(report_from_json(report));
  json.at("best_epoch").get_to(state.best_epoch);
  json.at("best_value").get_to(state.best_value);
  json.at("config_sha256").get_to(state.config_sha256);
  return state;
}

}  // namespace

const EpochReport* best_report(const RunState& state) {
  for (const EpochReport& report : state.history) {
    if (report.epoch == state.best_epoch) return &report;
  }
  return nullptr;
}

std::string checkpoint_name(const RunState& state) {
  if (state.step_in_epoch == 0) return fmt::format("epoch-{:04d}", state.epoch);
  return fmt::format("epoch-{:04d}-step-{:06d}", state.epoch, state.step_in_epoch);
}

namespace {

/// {epoch, step in the epoch} of a name that checkpoint_name() made.
std::optional<std::pair<std::int64_t, std::int64_t>> position_of(const std::string& name) {
  const std::vector<std::string> parts = split(name, '-');
  const bool within = parts.size() == 4 && parts[2] == "step";
  std::int64_t epoch = 0, step = 0;
  if ((parts.size() != 2 && !within) || parts[0] != "epoch") return std::nullopt;
  if (!parse_integer(parts[1], epoch)) return std::nullopt;
  if (within && !parse_integer(parts[3], step)) return std::nullopt;
  return std::pair(epoch, step);
}

}  // namespace

std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::map<std::pair<std::int64_t, std::int64_t>, fs::path, std::greater<>> found;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const auto position = position_of(entry.path().filename().string());
    if (position && entry.is_directory()) found.emplace(*position, entry.path());
  }
  std::vector<fs::path> paths;
  for (const auto& [position, path] : found) paths.push_back(path);
  return paths;
}

void clear_unfinished(const fs::path& folder) {
  std::error_code code;
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (entry.path().extension().string().starts_with(".part")) unfinished.push_back(entry.path());
  }
  for (const fs::path& path : unfinished) {
    fs::remove_all(path, code);
    if (!code) continue;
    throw Error(ErrorKind::kData, {"cannot remove what a killed run left: " + code.message(),
                                   path.string(), "remove it yourself"});
  }
}

namespace {

/// In one step, so that a kill finds one of the two. \return false where the second is not there
/// or the file system cannot.
bool exchange(const fs::path& one, const fs::path& other) {
  return ::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0;
}

}  // namespace

void Checkpoint::save(const fs::path& folder) const {
  const fs::path temporary = folder.string() + ".part" + std::to_string(::getpid());
  std::error_code code;
  fs::remove_all(temporary, code);
  make_folder(temporary);
  write_safetensors(temporary / kModelFile, {model, {}});
  write_safetensors(temporary / kOptimizerFile, {optimizer, {}});
  Json json = to_json(state);
  json["model_sha256"] = sha256_of_file(temporary / kModelFile);
  json["optimizer_sha256"] = sha256_of_file(temporary / kOptimizerFile);
  write_file(temporary / "state.json", json.dump(1) + "\n");
  sync_to_disk(temporary);
  if (exchange(temporary, folder)) {
    fs::remove_all(temporary, code);  // the earlier one of that place
  } else {
    fs::remove_all(folder, code);
    fs::rename(temporary, folder, code);
  }
  if (code) {
    throw Error(ErrorKind::kData, {"cannot write a checkpoint: " + code.message(), folder.string(),
                                   "check that the folder may be written and has room"});
  }
  sync_to_disk(folder.parent_path());
}

namespace {

/// What no training leaves in its tensors, or "": numbers that are not finite, squares below 0.
std::string untrainable(const TensorMap& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.is_floating_point() || tensor.numel() == 0) continue;
    if (!at::isfinite(tensor).all().item<bool>())
      return name + " holds numbers that are not finite";
    if (name.ends_with("exp_avg_sq") && tensor.min().item<double>() < 0) {
      return name + " holds a square below 0";
    }
  }
  return "";
}

}  // namespace

Checkpoint Checkpoint::load(const fs::path& folder) {
  const auto broken = [&](const std::string& what) {
    return Error(ErrorKind::kModel, {"the checkpoint cannot be used: " + what, folder.string(),
                                     "remove it, to go on from an earlier one or from the start"});
  };
  Checkpoint checkpoint;
  try {
    const Json json =
        Json::parse(read_file(folder / "state.json", kMaxStateBytes, ErrorKind::kModel));
    const int format = json.at("format").get<int>();
    if (format != kFormat) {
      throw broken(
          fmt::format("it has format {}, and this robiq reads format {}", format, kFormat));
    }
    checkpoint.state = state_from_json(json);
    for (const auto& [file, key] :
         {std::pair(kModelFile, "model_sha256"), std::pair(kOptimizerFile, "optimizer_sha256")}) {
      if (!fs::exists(folder / file)) throw broken(std::string(file) + " is missing");
      if (json.at(key) != sha256_of_file(folder / file)) {
        throw broken(std::string(file) + " is not the file that was written");
      }
    }
    checkpoint.model = read_safetensors(folder / kModelFile).tensors;
    checkpoint.optimizer = read_safetensors(folder / kOptimizerFile).tensors;
    for (const auto& [file, tensors] : {std::pair(kModelFile, &checkpoint.model),
                                        std::pair(kOptimizerFile, &checkpoint.optimizer)}) {
      const std::string bad = untrainable(*tensors);
      if (!bad.empty()) throw broken(std::string(file) + ": " + bad);
    }
  } catch (const nlohmann::json::exception& error) {
    throw broken(std::string("state.json: ") + error.what());
  }
  return checkpoint;
}

}  // namespace robiq
