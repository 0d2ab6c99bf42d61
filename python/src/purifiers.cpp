#include <ATen/ATen.h>

#include <algorithm>

#include "attacks.h"
#include "entries.h"
#include "robiq/defense/purify/purifier.h"
#include "robiq/defense/purify/purifier_chain.h"

namespace robiq::python {
namespace {

/// A Python class with purify() as a purifier.
class PythonPurifier final : public Purifier {
 public:
  PythonPurifier(PurifierCard card, std::shared_ptr<SharedObject> instance)
      : Purifier(std::move(card)), instance_(std::move(instance)) {}

 protected:
  [[nodiscard]] at::Tensor transform(const at::Tensor& images,
                                     const std::vector<Rng>& rows) const override {
    at::Tensor purified;
    call_python([&] {
      std::vector<std::uint64_t> seeds;
      for (const Rng& row : rows) seeds.push_back(row.key());
      const py::object returned = instance_->get().attr("_purify")(images.clone(), seeds);
      if (THPVariable_Check(returned.ptr())) purified = returned.cast<at::Tensor>();
    });
    check(purified, images);
    return purified;
  }

 private:
  void check(const at::Tensor& purified, const at::Tensor& images) const {
    const auto refuse = [&](const std::string& what) {
      throw Error(ErrorKind::kUsage, {"purify() returned " + what, card().name,
                                      "return one finite picture in [0,1] for each picture, of its "
                                      "type: [N,3,H,W]"});
    };
    if (!purified.defined()) refuse("something else than a tensor");
    if (purified.dim() != 4 || purified.size(0) != images.size(0) || purified.size(1) != 3 ||
        purified.numel() == 0 || purified.scalar_type() != images.scalar_type()) {
      refuse("pictures of another number, shape or type");
    }
    const at::Tensor values = purified.detach();
    if (!at::isfinite(values).all().item<bool>()) refuse("a NaN or an infinity");
    if (values.min().item<double>() < 0 || values.max().item<double>() > 1) {
      refuse("values outside [0,1]");
    }
  }

  std::shared_ptr<SharedObject> instance_;
};

[[nodiscard]] std::unique_ptr<Purifier> make_python_purifier(const PythonEntry& entry,
                                                             const Params& params) {
  auto instance = instance_of(entry, params);
  PurifierCard card{.name = entry.name, .title = "", .paper = entry.paper};
  call_python([&] {
    const py::object& object = instance->get();
    card.title = object.attr("title").cast<std::string>();
    card.randomised = object.attr("randomised").cast<bool>();
    card.differentiable = object.attr("differentiable").cast<bool>();
  });
  return std::make_unique<PythonPurifier>(std::move(card), std::move(instance));
}

}  // namespace

void bind_purifiers(py::module_& module) {
  module.def("register_purifier", [](const py::dict& given) {
    put_entry<Purifier>(read_entry(given), make_python_purifier);
  });
  module.def("purify", [](const std::string& spec, const at::Tensor& images,
                          const std::vector<std::string>& ids, std::int64_t seed) {
    return called([&] {
      const auto purifier = make_purifier(spec, "robiq.purify");
      const Rng rng = Rng(static_cast<std::uint64_t>(seed)).child("purify");
      return purifier->purify_attached(images, row_positions(rng, ids));
    });
  });
}

}  // namespace robiq::python
