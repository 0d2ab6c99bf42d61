#include "robiq/app/study/named_inputs.h"

#include <utility>
#include <variant>

namespace robiq {
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
      {InputKind::kWeights, evaluate.weights}, {InputKind::kWeights, evaluate.surrogate_weights},
      {InputKind::kSpec, evaluate.model},      {InputKind::kSpec, evaluate.surrogate}};
  for (const std::string& spec : evaluate.distance) inputs.push_back({InputKind::kSpec, spec});
  inputs.push_back({InputKind::kSpec, evaluate.certify_denoiser});
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
  const std::string inside = folder.path().lexically_normal().string() + "/";
  return std::filesystem::path(file).lexically_normal().string().starts_with(inside);
}

}  // namespace robiq
