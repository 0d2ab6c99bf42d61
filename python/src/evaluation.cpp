#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "attacks.h"
#include "entries.h"
#include "model_handle.h"
#include "robiq/app/evaluate/evaluate_run.h"
#include "robiq/app/run/run_folder.h"
#include "robiq/app/tools/report_run.h"
#include "robiq/core/options/params.h"
#include "robiq/data/dataset.h"

namespace robiq::python {
namespace {

/// What the evaluation in this thread takes from Python: its spec cannot hold objects.
struct Lent {
  std::shared_ptr<QualityModel> model;
  std::shared_ptr<CallableModel> callable;  ///< where the model is the user's
  py::list pictures;
  std::shared_ptr<SharedObject> reader;
};
thread_local Lent* lent = nullptr;

constexpr const char* kName = "python";

struct LentModelOptions {
  std::string file;
  static OptionTable<LentModelOptions> options() {
    return {{"file", &LentModelOptions::file, "the note that robiq.evaluate() wrote of the model"}};
  }
};

/// The entry behind `--model python:FILE`, which robiq.evaluate() alone can fill.
class LentModel {
 public:
  static constexpr const char* kSummary = "a model that is a Python object, in robiq.evaluate()";

  [[nodiscard]] static std::unique_ptr<QualityModel> make(const Params& /*given*/) {
    if (lent != nullptr && lent->model) return seen();
    throw Error(ErrorKind::kUsage, {"a model of Python can be evaluated from Python only", kName,
                                    "call robiq.evaluate() with the model"});
  }

 private:
  [[nodiscard]] static std::unique_ptr<QualityModel> seen() {
    auto model = std::make_unique<SeenModel>(lent->model);
    if (lent->callable) {
      model->before_passes([callable = lent->callable](const at::Tensor& images) {
        callable->refuse_constant(images);
      });
    }
    return model;
  }
};

struct LentSetOptions {
  std::string name;
  double worst = 0, best = 100;
  static OptionTable<LentSetOptions> options() {
    using O = LentSetOptions;
    return {{"name", &O::name, "what the set is called in the results"},
            {"worst", &O::worst, "label of the worst quality"},
            {"best", &O::best, "label of the best quality"}};
  }
};

/// Pictures and labels that a Python sequence gives.
class LentSet final : public Dataset {
 public:
  explicit LentSet(const LentSetOptions& options, const Lent& given) : reader_(given.reader) {
    card_.name = kName;
    card_.scale = {options.worst, options.best};
    card_.spec = std::string(kName) + ":" + with_doubled_commas(options.name) +
                 ",worst=" + number_text(options.worst) + ",best=" + number_text(options.best);
    for (const py::handle& item : given.pictures) add(py::reinterpret_borrow<py::tuple>(item));
  }

  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }
  [[nodiscard]] at::Tensor read(const ImageRecord& record) const override {
    if (!record.file.empty()) return Dataset::read(record);
    const auto index = static_cast<std::int64_t>(&record - records_.data());
    at::Tensor bytes;
    call_python([&] { bytes = reader_->get()(index).cast<at::Tensor>(); });
    return bytes;
  }

 private:
  void add(const py::tuple& item) {
    ImageRecord record;
    record.id = item[0].cast<std::string>();
    record.mos = item[1].cast<double>();
    record.file = item[2].cast<std::string>();
    record.content = record.id;
    records_.push_back(std::move(record));
  }

  std::shared_ptr<SharedObject> reader_;
  DatasetCard card_;
  std::vector<ImageRecord> records_;
};

[[nodiscard]] std::unique_ptr<Dataset> make_lent_set(const Params& given) {
  const auto options = read_options<LentSetOptions>(given);
  if (lent == nullptr || !lent->reader) {
    throw Error(ErrorKind::kUsage, {"a data set of Python can be read from Python only", kName,
                                    "call robiq.evaluate() with the pictures"});
  }
  std::unique_ptr<Dataset> set;
  call_python([&] { set = std::make_unique<LentSet>(options, *lent); });
  return set;
}

/// Lends for the life of the guard, to this thread.
class ScopedLent {
 public:
  explicit ScopedLent(Lent& given) : before_(lent) { lent = &given; }
  ~ScopedLent() { lent = before_; }
  ScopedLent(const ScopedLent&) = delete;
  ScopedLent& operator=(const ScopedLent&) = delete;

 private:
  Lent* before_;
};

void register_lent() {
  Registry<QualityModel>::instance().add({.name = kName,
                                          .summary = LentModel::kSummary,
                                          .paper = "",
                                          .options = document_options<LentModelOptions>(),
                                          .make = LentModel::make,
                                          .argument = "file",
                                          .values = [](const Params& given) {
                                            return option_values(
                                                read_options<LentModelOptions>(given));
                                          }});
  Registry<Dataset>::instance().add(
      {.name = kName,
       .summary = "pictures and labels of a Python sequence, in robiq.evaluate()",
       .paper = "",
       .options = document_options<LentSetOptions>(),
       .make = make_lent_set,
       .argument = "name",
       .values = [](const Params& given) {
         return option_values(read_options<LentSetOptions>(given));
       }});
}

/// \param options   of `robiq evaluate`, by their names in a configuration file
/// \param model     of Python, or none: the options then name one
/// \param pictures  [(name, mos, path or "")], or empty: the options then name a set
/// \param reader    index -> uint8 [3,H,W]
/// \return the rows as JSON
[[nodiscard]] std::string evaluate(const py::dict& options,
                                   const std::shared_ptr<ModelHandle>& model,
                                   const py::list& pictures, const py::object& reader,
                                   const std::string& command) {
  const Params given = params_of(options, "robiq.evaluate");
  Lent objects;
  objects.pictures = pictures;
  if (!reader.is_none()) objects.reader = std::make_shared<SharedObject>(reader);
  if (model) {
    objects.model = model->shared();
    objects.callable = model->callable();
  }
  std::string rows;
  call([&] {
    std::optional<std::unique_lock<std::recursive_mutex>> turn;
    if (model) turn = model->turn();
    std::optional<ScopedModes> modes;
    if (model) modes.emplace(model->model());
    const ScopedLent scope(objects);
    auto request = read_options<EvaluateRequest>(given);
    request.alone = true;
    set_command_line(command);
    rows = EvaluationRow::columns().cells(run_evaluation(request), OutputFormat::kJson).dump();
  });
  return rows;
}

}  // namespace

void bind_evaluation(py::module_& module) {
  register_lent();
  module.def("evaluate", evaluate);
  module.def("report", [](const py::dict& options) {
    const Params given = params_of(options, "robiq.report");
    std::vector<std::string> files;
    call([&] {
      for (const ReportFile& written : run_report(read_options<ReportRequest>(given))) {
        files.push_back(written.file.string());
      }
    });
    return files;
  });
}

}  // namespace robiq::python
