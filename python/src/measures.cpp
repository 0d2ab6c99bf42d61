#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "attacks.h"
#include "model_handle.h"
#include "robiq/app/tools/catalog.h"
#include "robiq/app/tools/metrics_run.h"
#include "robiq/core/stop.h"
#include "robiq/core/version.h"
#include "robiq/defense/certify/picture_certificate.h"
#include "robiq/io/checkpoint.h"
#include "robiq/metric/distance/fidelity.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/image_io.h"

namespace robiq::python {
namespace {

/// A distance with its files read once.
class Distance {
 public:
  explicit Distance(std::unique_ptr<Fidelity> distance) : distance_(std::move(distance)) {}
  [[nodiscard]] at::Tensor compare(const at::Tensor& a, const at::Tensor& b) const {
    return distance_->compare(a, b);
  }
  [[nodiscard]] bool higher_is_closer() const { return distance_->higher_is_closer(); }

 private:
  std::unique_ptr<Fidelity> distance_;
};

[[nodiscard]] py::object number_or_none(const std::optional<double>& value) {
  return value ? py::object(py::float_(*value)) : py::object(py::none());
}

[[nodiscard]] py::dict dict_of(const PictureCertificate& certificate) {
  py::dict out;
  out["score"] = certificate.score;
  out["smoothed_score"] = certificate.median;
  out["low"] = number_or_none(certificate.medians.front().lower);
  out["high"] = number_or_none(certificate.medians.front().upper);
  out["radius"] = certificate.medians.front().radius;
  out["radius_linf"] = certificate.linf_radii.front();
  out["largest_radius"] = certificate.largest_radius;
  out["smoothed_mean"] = certificate.mean;
  out["mean_low"] = certificate.means.front().lower;
  out["mean_high"] = certificate.means.front().upper;
  const CertifiedBin bin = certificate.bin.value_or(CertifiedBin{});
  out["bin_low"] = number_or_none(bin.low);
  out["bin_high"] = number_or_none(bin.high);
  out["bin_radius"] = number_or_none(bin.radius);
  out["passes"] = certificate.passes;
  return out;
}

[[nodiscard]] py::dict certify(const ModelHandle& handle, const at::Tensor& image, double radius,
                               double sigma, std::int64_t samples, double confidence,
                               std::int64_t bins, std::int64_t seed, const std::string& id) {
  CertificateSettings settings;
  settings.sampling.sigma = sigma;
  settings.sampling.samples = samples;
  settings.sampling.stop = stop_requested;
  settings.confidence = confidence;
  settings.radii = {radius};
  settings.bins = bins;
  PictureCertificate certificate;
  call([&] {
    const auto turn = handle.turn();
    const ScopedModes modes(handle.model());
    const ScopedFrozen frozen(handle.model());
    need_inputs(handle, image);
    if (handle.callable() != nullptr) handle.callable()->refuse_constant(image);
    certificate =
        certify_picture(handle.model(), image, id, Rng(static_cast<std::uint64_t>(seed)), settings);
  });
  return dict_of(certificate);
}

[[nodiscard]] py::tuple load_weights(const std::string& file) {
  CheckpointContents contents;
  call([&] { contents = read_checkpoint(file); });
  py::dict tensors, beside;
  for (const auto& [name, tensor] : contents.tensors) tensors[py::str(name)] = tensor;
  for (const auto& [name, tensor] : contents.beside) beside[py::str(name)] = tensor;
  return py::make_tuple(tensors, beside, contents.container, contents.wrapper, contents.metadata);
}

}  // namespace

void bind_measures(py::module_& module) {
  py::class_<Distance>(module, "Distance")
      .def("compare",
           [](const Distance& distance, const at::Tensor& a, const at::Tensor& b) {
             return called([&] { return distance.compare(a, b); });
           })
      .def("higher_is_closer", &Distance::higher_is_closer);
  module.def("distance", [](const std::string& name, const py::dict& options) {
    const Params params = params_of(options, "robiq." + name);
    std::unique_ptr<Fidelity> distance;
    call([&] { distance = Registry<Fidelity>::instance().make(name, params); });
    return std::make_unique<Distance>(std::move(distance));
  });
  module.def("metrics", [](const std::vector<double>& mos, const std::vector<double>& before,
                           const std::vector<double>& after, const py::dict& options) {
    const Params params = params_of(options, "robiq.metrics");
    return called([&] {
      const MetricsResult result =
          run_metrics(read_options<MetricsRequest>(params), {mos, before, after});
      const std::vector<MetricsResult> rows = {result};
      return MetricsResult::columns().cells(rows, OutputFormat::kJson).front().dump();
    });
  });
  module.def("certify", certify);
  module.def("read_picture",
             [](const std::string& file) { return called([&] { return read_picture(file); }); });
  module.def("load_weights", load_weights);
  module.def("catalog", [](const std::string& kind) {
    return called([&] {
      constexpr OutputFormat kJson = OutputFormat::kJson;
      if (kind.empty()) return kind_columns(kJson).cells(list_kinds(), kJson).dump();
      return CatalogEntry::columns().cells(list_entries(kind), kJson).dump();
    });
  });
  module.def("describe", [](const std::string& kind, const std::string& name) {
    return called([&] {
      return DescribedOption::columns()
          .cells(describe_entry(kind, name), OutputFormat::kJson)
          .dump();
    });
  });
  module.def("load_plugin", [](const std::string& file) { call([&] { load_plugin(file); }); });
  module.def("version", [] { return version(); });
  module.def("torch_version", [] { return torch_version(); });
}

}  // namespace robiq::python
