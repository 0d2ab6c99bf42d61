#include "robiq/app/study/needed_inputs.h"

#include <filesystem>
#include <string>
#include <variant>

#include "robiq/app/run/flag_parts.h"
#include "robiq/core/error.h"
#include "robiq/model/weights/shipped_weights.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

class Needs {
 public:
  explicit Needs(const StudyFolder& folder) : folder_(folder.path().lexically_normal().string()) {}

  void check(const TrainRequest& train) const {
    static_cast<void>(make_dataset(train.data));
    split(train.split_file);
    for (const std::string& init : train.init) {
      weights(fs::exists(init) ? init : init.substr(init.find('=') + 1));
    }
  }
  void check(const UapRequest& fit) const {
    static_cast<void>(make_dataset(fit.data));
    split(fit.split_file);
    weights(fit.weights);
  }
  void check(const EvaluateRequest& evaluate) const {
    static_cast<void>(make_dataset(evaluate.data));
    split(evaluate.split_file);
    weights(evaluate.weights);
    weights(evaluate.surrogate_weights);
  }

 private:
  void split(const std::string& file) const { file_is_there(file, ErrorKind::kData); }
  void weights(const std::string& named) const {
    if (!named.empty()) file_is_there(find_weights({}, named), ErrorKind::kModel);
  }
  void file_is_there(const fs::path& file, ErrorKind kind) const {
    const bool made_here = file.lexically_normal().string().starts_with(folder_ + "/");
    if (file.empty() || made_here || fs::exists(file)) return;
    throw Error(kind, {"there is no file '" + file.string() + "'", "", "check the path"});
  }

  std::string folder_;
};

}  // namespace

void check_needed_inputs(const StudyCell& cell, const StudyFolder& folder) {
  try {
    std::visit([needs = Needs(folder)](const auto& request) { needs.check(request); },
               cell.request);
  } catch (Error& error) {
    error.add_context("looking at what the cell " + cell.name + " needs");
    throw;
  }
}

}  // namespace robiq
