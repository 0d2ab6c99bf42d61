#include "robiq/app/run/flag_parts.h"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "robiq/app/run/read_inputs.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/text/escape.h"
#include "robiq/model/net_model.h"
#include "robiq/model/weights/shipped_weights.h"
#include "robiq/net/convolution_norm.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/picture_header.h"

namespace robiq {
namespace fs = std::filesystem;

std::unique_ptr<Dataset> make_dataset(const std::string& spec) {
  auto dataset = Registry<Dataset>::instance().make(parse_spec(spec, "--data"), "--data");
  for (const ImageRecord& record : dataset->records()) {
    require_utf8_name(record.id, dataset->card().spec);
    require_utf8_name(record.content, dataset->card().spec);
    require_utf8_name(record.file.string(), dataset->card().spec);
  }
  return dataset;
}

std::string labels_sha256(const Dataset& dataset) {
  std::string lines;
  for (const ImageRecord& record : dataset.records()) {
    lines += record.id + "\t" + number_text(record.mos) + "\n";
  }
  return sha256(lines);
}

std::unique_ptr<Attack> make_attack(const std::string& spec, const std::string& where) {
  auto attack = Registry<Attack>::instance().make(parse_spec(spec, where), where);
  if (!attack->warning().empty()) log::warning("{}", attack->warning());
  if (!attack->note().empty()) log::info("{}", attack->note());
  return attack;
}

AttackCard attack_card(const std::string& spec, const std::string& where) {
  return Registry<Attack>::instance().make(parse_spec(spec, where), where)->card();
}

AttackOptions attack_options(const Spec& spec) {
  std::map<std::string, std::string> values;
  const auto& entry = Registry<Attack>::instance().find(spec.name);
  Params params = spec.params;
  if (!spec.argument.empty()) params[entry.argument] = {spec.argument, spec.text};
  for (const auto& [name, given] : entry.values(params)) {
    std::string value = option_text(given);
    double number = 0;
    if (parse_number(value, number)) value = number_text(number);
    values[name] = value;
  }
  return AttackOptions(std::move(values));
}

std::optional<ScoreScale> parse_scale(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::vector<std::string> ends = split(text, ':');
  ScoreScale scale;
  if (ends.size() != 2 || !parse_number(ends[0], scale.worst) ||
      !parse_number(ends[1], scale.best) || !scale.valid()) {
    throw Error(ErrorKind::kUsage, {"'" + text + "' is not a scale", "--scale",
                                    "write WORST:BEST, two different numbers, e.g. 0:100"});
  }
  return scale;
}

ViewPolicy parse_views(const std::string& text, const ModelCard& card) {
  if (text == "grid") return card.views;
  if (text == "paper") return card.paper_views;
  std::int64_t count = 0;
  if (!parse_integer(text, count) || count < 1) {
    throw Error(ErrorKind::kUsage, {"'" + text + "' is not a choice of views", "--views",
                                    "use grid, paper, or the largest number of views (1 or more)"});
  }
  ViewPolicy policy = card.views;
  policy.count = count;
  return policy;
}

LoadedModel load_model_flag(const std::string& spec, const std::string& weights,
                            const std::string& scale, const std::string& device) {
  const Spec parsed = Registry<QualityModel>::instance().parse(spec, "--model");
  const std::string file = find_weights(parsed, weights);
  if (weights.empty() && !file.empty()) {
    log::info("no --weights: the model is the {} that comes with robiq (docs/models.md)",
              parsed.name);
  }
  LoadedModel loaded = load_model(parsed, file, parse_scale(scale), parse_device(device));
  if (!file.empty()) {
    loaded.weights_name = weights.empty() ? "shipped:" + fs::path(file).stem().string() : weights;
  }
  if (!loaded.note.empty()) log::info("{} was read as {}", weights, loaded.note);
  if (!loaded.scale_note.empty()) {
    log::warning("{}: {}", weights.empty() ? spec : weights, loaded.scale_note);
  }
  return loaded;
}

namespace {

void add_folder(const fs::path& folder, std::vector<fs::path>& pictures) {
  const std::vector<fs::path> found = pictures_in(folder);
  if (found.empty()) {
    throw Error(ErrorKind::kData,
                {"the folder '" + folder.string() + "' holds no pictures", "",
                 "name pictures, or a folder with JPEG, PNG, BMP, TIFF or WebP files"});
  }
  pictures.insert(pictures.end(), found.begin(), found.end());
}

}  // namespace

std::vector<fs::path> list_pictures(const std::vector<std::string>& arguments) {
  std::vector<fs::path> pictures;
  for (const std::string& argument : arguments) {
    if (argument == "-") {
      const std::string list{std::istreambuf_iterator<char>(std::cin), {}};
      const std::vector<fs::path> listed = parse_path_list(list);
      pictures.insert(pictures.end(), listed.begin(), listed.end());
    } else if (fs::is_directory(argument)) {
      add_folder(argument, pictures);
    } else {
      pictures.emplace_back(argument);
    }
  }
  for (const fs::path& picture : pictures) require_utf8_name(picture.string(), "");
  if (pictures.empty()) {
    throw Error(ErrorKind::kUsage, {"the list of pictures is empty", "",
                                    "name files, folders, or - to "
                                    "read paths from standard input"});
  }
  return pictures;
}

void use_exact_networks(bool exact, const std::vector<const QualityModel*>& models) {
  const auto folds = [](const QualityModel* model) {
    const auto* const net = dynamic_cast<const NetModel*>(model);
    return net != nullptr && net->folds();
  };
  if (exact && std::none_of(models.begin(), models.end(), folds)) {
    throw Error(ErrorKind::kUsage,
                {"option --exact has no effect: this model is computed as it stands anyway",
                 "--exact", "leave it out"});
  }
  set_exact_networks(exact);
}

}  // namespace robiq
