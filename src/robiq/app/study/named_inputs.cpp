#include "robiq/app/study/named_inputs.h"

#include <filesystem>
#include <set>
#include <utility>
#include <variant>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/model/weights/shipped_weights.h"

namespace robiq {

namespace fs = std::filesystem;

namespace {

std::vector<NamedInput> inputs_of(const TrainRequest& train) {
  std::vector<NamedInput> inputs = {{InputKind::kData, train.data},
                                    {InputKind::kSpec, train.model},
                                    {InputKind::kSplit, train.split_file}};
  for (const std::string& init : train.init) inputs.push_back({InputKind::kInit, init});
  return inputs;
}

std::vector<NamedInput> inputs_of(const UapRequest& fit) {
  return {{InputKind::kData, fit.data},
          {InputKind::kSpec, fit.model},
          {InputKind::kSplit, fit.split_file},
          {InputKind::kWeights, fit.weights}};
}

std::vector<NamedInput> inputs_of(const EvaluateRequest& evaluate) {
  std::vector<NamedInput> inputs = {
      {InputKind::kData, evaluate.data},       {InputKind::kSplit, evaluate.split_file},
      {InputKind::kWeights, evaluate.weights}, {InputKind::kWeights, evaluate.surrogate.weights},
      {InputKind::kSpec, evaluate.model},      {InputKind::kSpec, evaluate.surrogate.model}};
  for (const std::string& spec : evaluate.distance) inputs.push_back({InputKind::kSpec, spec});
  inputs.push_back({InputKind::kSpec, evaluate.certificate.denoiser});
  for (const std::string& spec : evaluate.attack) inputs.push_back({InputKind::kAttack, spec});
  return inputs;
}

}  // namespace

std::vector<NamedInput> named_inputs(const StudyCell& cell) {
  std::vector<NamedInput> inputs =
      std::visit([](const auto& request) { return inputs_of(request); }, cell.request);
  std::erase_if(inputs, [](const NamedInput& input) { return input.text.empty(); });
  return inputs;
}

bool made_by_study(const StudyFolder& folder, const std::string& file) {
  const fs::path inside =
      fs::path(file).lexically_normal().lexically_relative(folder.path().lexically_normal());
  if (inside.empty()) return false;
  const std::set<fs::path> made = {word_of(StudyStage::kTrain), word_of(StudyStage::kSurrogate),
                                   word_of(StudyStage::kUap),
                                   folder.split(0).parent_path().filename()};
  return made.contains(*inside.begin());  // beside them may lie what the user put there
}

namespace {

void check_file(const std::string& file, ErrorKind kind, const StudyFolder& folder) {
  if (!made_by_study(folder, file)) require_file(file, kind);
}

void check_input(const NamedInput& input, const StudyFolder& folder) {
  const std::string& text = input.text;
  switch (input.kind) {
    case InputKind::kData:
      static_cast<void>(make_dataset(text));
      return;
    case InputKind::kSplit:
      return check_file(text, ErrorKind::kData, folder);
    case InputKind::kInit:
      if (!fs::exists(text)) {
        check_file(find_weights({}, text.substr(text.find('=') + 1)), ErrorKind::kModel, folder);
      }
      return;
    case InputKind::kWeights:
      return check_file(find_weights({}, text), ErrorKind::kModel, folder);
    case InputKind::kSpec:
    case InputKind::kAttack:
      return;  // checked when the study was read
  }
}

}  // namespace

void NeededInputs::check(const StudyCell& cell) {
  try {
    for (const NamedInput& input : named_inputs(cell)) {
      if (seen_.insert({input.kind, input.text}).second) check_input(input, folder_);
    }
  } catch (Error& error) {
    error.add_context("looking at what the cell " + cell.name + " needs");
    throw;
  }
}

}  // namespace robiq
