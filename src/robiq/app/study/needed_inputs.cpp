#include "robiq/app/study/needed_inputs.h"

#include <filesystem>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/error.h"
#include "robiq/model/weights/shipped_weights.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

void check_file(const std::string& file, ErrorKind kind, const StudyFolder& folder) {
  if (made_by_study(folder, file) || fs::exists(file)) return;
  throw Error(kind, {"there is no file '" + file + "'", "", "check the path"});
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
