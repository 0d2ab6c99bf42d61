#include "robiq/app/study/study_inputs.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <utility>

#include "robiq/app/run/flag_parts.h"
#include "robiq/app/run/read_inputs.h"
#include "robiq/app/study/named_inputs.h"
#include "robiq/attack/ready_pictures.h"
#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/options/registry.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

/// What cannot be made is nothing.
template <class Make>
auto made_or_null(Make make) -> decltype(make()) {
  try {
    return make();
  } catch (const Error&) {
    return nullptr;
  }
}

class Collector {
 public:
  explicit Collector(const StudyFolder& folder) : folder_(folder) {}

  void add(const StudyCell& cell) {
    ReadInputs& inputs =
        cell.stage == StudyStage::kEvaluate ? inputs_.evaluation : inputs_.training;
    const std::vector<NamedInput> named = named_inputs(cell);
    const std::string& data = named.front().text;
    for (const NamedInput& input : named) add(input, data, inputs);
  }

  StudyInputs take() { return std::move(inputs_); }

 private:
  void add(const NamedInput& input, const std::string& data, ReadInputs& inputs) {
    switch (input.kind) {
      case InputKind::kData:
        return add_data(input.text, inputs);
      case InputKind::kSplit:
      case InputKind::kWeights:
        return add_file(input.text, inputs);
      case InputKind::kInit:
        add_file(input.text, inputs);
        return add_file(input.text.substr(input.text.find('=') + 1), inputs);
      case InputKind::kSpec:
        return add_spec(input.text, inputs);
      case InputKind::kAttack:
        add_spec(input.text, inputs);
        return add_folder(input.text, data, inputs);
    }
  }

  bool is_new(const std::string& what) { return seen_.insert(what).second; }

  void add_data(const std::string& spec, ReadInputs& inputs) {
    const std::string what = "the data " + spec;
    if (!is_new(what)) return;
    const std::unique_ptr<Dataset> dataset = made_or_null([&] { return make_dataset(spec); });
    if (!dataset) return;
    inputs.emplace_back(what, sha256(labels_sha256(*dataset) + picture_files_sha256(*dataset)));
  }
  void add_file(const std::string& file, ReadInputs& inputs) {
    std::error_code code;
    if (file.empty() || made_by_study(folder_, file) || !fs::is_regular_file(file, code)) return;
    const std::string what = "'" + file + "'";
    if (is_new(what)) inputs.emplace_back(what, sha256_of_file(file));
  }
  void add_spec(const std::string& text, ReadInputs& inputs) {
    for (const std::string& file : files_in(parse_spec(text, ""))) add_file(file, inputs);
  }
  /// The pictures that an attack shows in place of those of a data set.
  void add_folder(const std::string& text, const std::string& data, ReadInputs& inputs) {
    const Spec spec = parse_spec(text, "");
    std::error_code code;
    const auto folder = spec.params.find("folder");
    const bool in_folder =
        fs::is_directory(spec.argument, code) ||
        (folder != spec.params.end() && fs::is_directory(option_text(folder->second.value), code));
    const std::string what = "the pictures of " + text + " for " + data;
    if (!in_folder || !is_new(what)) return;
    const std::unique_ptr<Attack> attack =
        made_or_null([&] { return Registry<Attack>::instance().make(spec, ""); });
    const std::unique_ptr<Dataset> dataset = made_or_null([&] { return make_dataset(data); });
    const auto* reader = dynamic_cast<const ReadsPictures*>(attack.get());
    if (reader == nullptr || !dataset) return;
    std::string contents;
    for (const ImageRecord& record : dataset->records()) {
      try {
        contents += reader->content_for(record.id);
      } catch (const Error&) {
        contents += "none\n";
      }
    }
    inputs.emplace_back(what, sha256(contents));
  }

  const StudyFolder& folder_;
  std::set<std::string> seen_;
  StudyInputs inputs_;
};

}  // namespace

ReadInputs StudyInputs::all() const {
  ReadInputs all = training;
  all.insert(all.end(), evaluation.begin(), evaluation.end());
  return all;
}

StudyInputs study_inputs(const StudySetup& setup) {
  Collector collector(setup.folder);
  for (const StudyCell& cell : setup.cells) {  // trainings come first
    collector.add(cell);
  }
  return collector.take();
}

std::vector<std::string> remade_inputs(const StudySetup& setup, const ReadInputs& before,
                                       const StudyInputs& now,
                                       const std::map<std::string, CellRow>& begun) {
  const std::map<std::string, std::string> earlier(before.begin(), before.end());
  const auto remade_in = [&](const ReadInputs& inputs) {
    std::vector<std::string> remade;
    for (const auto& [what, hash] : inputs) {
      const auto it = earlier.find(what);
      if (it != earlier.end() && it->second != hash) remade.push_back(what);
    }
    return remade;
  };
  std::vector<std::string> remade = remade_in(now.evaluation);
  const std::vector<std::string> trained = remade_in(now.training);
  const bool training_begun = std::any_of(begun.begin(), begun.end(), [](const auto& cell) {
    return !cell.first.starts_with("evaluate/");
  });
  if (!trained.empty() && training_begun) {
    throw Error(ErrorKind::kUsage,
                {join(trained, ", ") + " changed after the study's trainings had begun",
                 setup.folder.path().string(),
                 "restore what it was, or choose another --out: trainings of both do not compare"});
  }
  remade.insert(remade.end(), trained.begin(), trained.end());
  return remade;
}

std::vector<std::size_t> forget_evaluations(const StudySetup& setup,
                                            const std::vector<std::string>& remade,
                                            std::set<std::size_t>& done) {
  std::vector<std::size_t> forgotten;
  if (remade.empty()) return forgotten;
  std::ranges::copy_if(done, std::back_inserter(forgotten), [&](std::size_t cell) {
    return setup.cells[cell].stage == StudyStage::kEvaluate;
  });
  for (const std::size_t cell : forgotten) done.erase(cell);
  if (!forgotten.empty()) {
    log::warning("{} changed since the study last ran: its evaluations are gone through again",
                 join(remade, ", "));
  }
  return forgotten;
}

ReadInputs with_earlier(ReadInputs now, const ReadInputs& earlier) {
  for (const auto& input : earlier) {
    const auto same = [&](const auto& other) { return other.first == input.first; };
    if (std::ranges::none_of(now, same)) now.push_back(input);
  }
  return now;
}

}  // namespace robiq
