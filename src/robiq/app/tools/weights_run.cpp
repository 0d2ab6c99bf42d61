#include "robiq/app/tools/weights_run.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "robiq/app/run/flag_parts.h"
#include "robiq/app/run/output_files.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/io/checkpoint.h"
#include "robiq/io/safetensors.h"
#include "robiq/io/torch/torch_file.h"
#include "robiq/model/weights/weights.h"

namespace robiq {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

OptionTable<InspectRequest> InspectRequest::options() {
  return {{"file", &InspectRequest::file, "a weights file of any kind that robiq reads"}};
}

OptionTable<ConvertRequest> ConvertRequest::options() {
  using R = ConvertRequest;
  return {{"in", &R::in, "a weights file of any kind that robiq reads"},
          {"out", &R::out, "what to write: FILE.safetensors, FILE.pth or FILE.pt"},
          {"model", &R::model,
           "the model that the weights belong to: checks that every tensor fits, and gives each "
           "its authors' name"},
          {"scale", &R::scale, "WORST:BEST of the model's scores, for the card"},
          {"force", &R::force, "replace a file that holds something else"}};
}

namespace {

std::string shape_text(const at::Tensor& tensor) {
  return fmt::format("[{}]", fmt::join(tensor.sizes().begin(), tensor.sizes().end(), ","));
}

void require_file(const std::string& file, const char* what) {
  if (!file.empty()) return;
  throw Error(ErrorKind::kUsage, {"no weights file was named", what, "name a file"});
}

enum class Ending { kSafetensors, kTorch };

Ending ending_of(const std::string& out) {
  const std::string ending = fs::path(out).extension().string();
  if (ending == ".safetensors") return Ending::kSafetensors;
  if (ending == ".pth" || ending == ".pt") return Ending::kTorch;
  throw Error(ErrorKind::kUsage, {"robiq writes no weights that end in '" + ending + "'", out,
                                  "let the name end in .safetensors, .pth or .pt"});
}

void convert_as_is(const CheckpointContents& checkpoint, const ConvertRequest& request) {
  if (ending_of(request.out) == Ending::kTorch) {
    write_torch_file(request.out, checkpoint.tensors);
    return;
  }
  write_safetensors(request.out,
                    {{checkpoint.tensors.begin(), checkpoint.tensors.end()}, checkpoint.metadata});
}

/// \return how many tensors were written
std::size_t convert_model(const ConvertRequest& request) {
  const LoadedModel loaded = load_model_flag(request.model, request.in, request.scale, "cpu");
  const TensorMap state = loaded.model->state();
  if (ending_of(request.out) == Ending::kTorch) {
    write_torch_file(request.out, {state.begin(), state.end()});
    return state.size();
  }
  WeightsCard card = loaded.card;
  const Spec spec = Registry<QualityModel>::instance().parse(request.model, "--model");
  for (const auto& [key, value] : spec.params) card.options[key] = option_text(value.value);
  save_weights(*loaded.model, card, request.out);
  return state.size();
}

}  // namespace

ResultColumns<TensorRow> TensorRow::columns() {
  using R = TensorRow;
  ResultColumns<R> columns;
  columns.add("name", &R::name)
      .add("dtype", &R::dtype)
      .add("shape", &R::shape)
      .add("values", &R::values);
  return columns;
}

ResultColumns<InspectedWeights> InspectedWeights::columns() {
  using R = InspectedWeights;
  const auto card_of = [](const R& row, Json& cells) {
    cells["card"] = row.card ? Json::parse(card_to_json(*row.card)) : Json();
  };
  const auto state_of = [](const R& row, Json& cells) {
    cells["state"] = TensorRow::columns().cells(row.state, OutputFormat::kJson);
  };
  ResultColumns<R> columns;
  columns.add("file", &R::file)
      .add("container", &R::container)
      .add("wrapper", &R::wrapper)
      .add("bytes", &R::bytes)
      .add("sha256", &R::sha256)
      .add("tensors", [](const R& row) { return row.state.size(); })
      .add("values", &R::values)
      .add_cells(card_of)
      .add("beside", &R::beside)
      .add_cells(state_of);
  return columns;
}

ResultColumns<ConvertedWeights> ConvertedWeights::columns() {
  using R = ConvertedWeights;
  ResultColumns<R> columns;
  columns.add("in", &R::in)
      .add("out", &R::out)
      .add("container", &R::container)
      .add("tensors", &R::tensors)
      .add("sha256", &R::sha256);
  return columns;
}

InspectedWeights inspect_weights(const InspectRequest& request) {
  require_file(request.file, "weights inspect");
  const CheckpointContents checkpoint = read_checkpoint(request.file);
  InspectedWeights found{.file = request.file,
                         .container = checkpoint.container,
                         .wrapper = checkpoint.wrapper,
                         .bytes = fs::file_size(request.file),
                         .sha256 = sha256_of_file(request.file)};
  for (const auto& [name, tensor] : checkpoint.tensors) {
    found.values += tensor.numel();
    found.state.push_back(
        {name, at::toString(tensor.scalar_type()), shape_text(tensor), tensor.numel()});
  }
  for (const auto& [name, numbers] : checkpoint.beside) found.beside.push_back(name);
  if (const auto card = checkpoint.metadata.find("robiq.card"); card != checkpoint.metadata.end()) {
    found.card = card_from_json(card->second, request.file);
  }
  return found;
}

namespace {

/// \return how many tensors were written
std::size_t convert(const CheckpointContents& checkpoint, const ConvertRequest& request) {
  if (!request.model.empty()) return convert_model(request);
  convert_as_is(checkpoint, request);
  return checkpoint.tensors.size();
}

/// A folder beside the output, gone with all it holds at the end.
class FolderBeside {
 public:
  explicit FolderBeside(const fs::path& file)
      : path_(file.parent_path() / (".robiq-convert-" + std::to_string(::getpid()))) {
    make_folder(path_);
  }
  ~FolderBeside() {
    std::error_code code;
    fs::remove_all(path_, code);
  }
  FolderBeside(const FolderBeside&) = delete;
  FolderBeside& operator=(const FolderBeside&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Weights that are there already stay, unless they are the very ones.
std::size_t convert_anew(const CheckpointContents& checkpoint, const ConvertRequest& request) {
  const FolderBeside folder(request.out);
  ConvertRequest trial = request;
  trial.out = (folder.path() / fs::path(request.out).filename()).string();
  const std::size_t count = convert(checkpoint, trial);
  refuse_to_replace(request.out, sha256_of_file(trial.out) == sha256_of_file(request.out), false);
  return count;
}

}  // namespace

void ConvertRequest::settle(ConvertRequest& request, const Params& given) {
  const OptionRules rules(given);
  rules.need(!request.model.empty(), {"scale"}, "--model NAME");
  rules.clash(!request.out.ends_with(".safetensors"), {"scale"},
              "a .pth or .pt, which holds no card");
}

ConvertedWeights convert_weights(const ConvertRequest& request) {
  require_file(request.in, "weights convert");
  require_file(request.out, "weights convert");
  static_cast<void>(ending_of(request.out));
  const CheckpointContents checkpoint = read_checkpoint(request.in);
  const bool fresh = request.force || !fs::is_regular_file(request.out);
  const std::size_t count =
      fresh ? convert(checkpoint, request) : convert_anew(checkpoint, request);
  if (ending_of(request.out) == Ending::kTorch && !checkpoint.metadata.empty()) {
    log::warning(
        "{} holds no card: the scale, the options and the pictures that the model was trained on "
        "stay behind, and an evaluation cannot leave those pictures out",
        request.out);
  }
  return {request.in, request.out, checkpoint.container, count, sha256_of_file(request.out)};
}

}  // namespace robiq
