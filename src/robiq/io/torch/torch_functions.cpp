// What PyTorch's rebuilding functions make of what a pickle hands them.
#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <limits>

#include "robiq/io/pickle/object_builder.h"

namespace robiq {
namespace {

constexpr std::size_t kMaxSides = 32;
/// What a tensor costs beyond its elements, so that a million empty ones are not free.
constexpr std::uint64_t kTensorBytes = 512;

/// A tensor as a view of a storage, in elements.
struct Layout {
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes, strides;
  std::int64_t elements = 1;
};

std::vector<std::int64_t> read_sides(const ObjectBuilder& builder, PickleId from,
                                     const char* what) {
  const std::span<const PickleId> sides = builder.sequence(from, what);
  if (sides.size() > kMaxSides) builder.refuse("a tensor has too many sides");
  std::vector<std::int64_t> values;
  for (const PickleId side : sides) {
    values.push_back(builder.integer(side, what));
    if (values.back() < 0) builder.refuse(std::string(what) + " is negative");
  }
  return values;
}

/// Counts the elements, and refuses what does not lie within `limit` elements.
void check_layout(const ObjectBuilder& builder, Layout& layout, std::int64_t limit) {
  if (layout.sizes.size() != layout.strides.size()) {
    builder.refuse("a tensor has " + std::to_string(layout.sizes.size()) + " sides and " +
                   std::to_string(layout.strides.size()) + " strides");
  }
  std::int64_t product = static_cast<std::int64_t>(sizeof(double)), last = layout.offset;
  bool overflow = layout.offset < 0;
  for (std::size_t i = 0; i < layout.sizes.size(); ++i) {
    const std::int64_t side = layout.sizes[i];
    std::int64_t reach = 0;
    overflow |= __builtin_mul_overflow(product, std::max<std::int64_t>(side, 1), &product);
    layout.elements = overflow ? 0 : layout.elements * side;
    overflow |=
        __builtin_mul_overflow(std::max<std::int64_t>(side - 1, 0), layout.strides[i], &reach);
    overflow |= __builtin_add_overflow(last, reach, &last);
  }
  if (overflow) builder.refuse("a tensor's shape is too large to be true");
  if (layout.elements > 0 ? last >= limit : layout.offset > limit) {
    builder.refuse("a tensor goes beyond the end of its storage");
  }
}

bool is_contiguous(const Layout& layout) {
  std::int64_t expected = 1;
  for (std::size_t i = layout.sizes.size(); i-- > 0;) {
    if (layout.sizes[i] != 1 && layout.strides[i] != expected) return false;
    expected *= layout.sizes[i];
  }
  return true;
}

/// The storage's own memory when the tensor is all of it and the first; else a copy.
at::Tensor cut_tensor(ObjectBuilder& builder, const TorchStorageName& name, Layout layout) {
  builder.charge(kTensorBytes);
  TorchStorages& storages = builder.storages();
  if (storages.is_new(name.key)) {
    storages.check(name, builder);
    builder.charge(name.bytes());
  }
  TorchStorages::Storage& storage = storages.get(name, builder);
  if (layout.elements == 0) return at::empty(layout.sizes, storage.elements.options());
  if (layout.elements == name.elements && is_contiguous(layout) && !storage.handed_out) {
    storage.handed_out = true;
    return storage.elements.view(layout.sizes);
  }
  builder.charge(static_cast<std::uint64_t>(layout.elements) * storage.elements.itemsize());
  layout.offset += name.view_offset;
  for (std::size_t i = 0; i < layout.sizes.size(); ++i) {
    if (layout.sizes[i] == 1) layout.strides[i] = 1;  // nobody steps it, so it may be anything
  }
  return at::as_strided(storage.elements, layout.sizes, layout.strides, layout.offset)
      .clone(at::MemoryFormat::Contiguous);
}

/// _rebuild_tensor(storage, offset, size, stride) and
/// _rebuild_tensor_v2(..., requires_grad, hooks, metadata): only the first four matter.
Object::Value make_tensor(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 4, 7);
  const auto* const from = builder.as<PicklePersistent>(given[0]);
  if (from == nullptr) builder.refuse("a tensor's storage is not a storage");
  if (given.size() == 7 && !builder.is_none(given[6])) {
    const auto* const metadata = builder.as<PickleDict>(given[6]);
    if (metadata == nullptr || !metadata->entries.empty()) {
      builder.refuse("a tensor is conjugated or negated, which robiq does not read");
    }
  }
  const TorchStorageName name = read_storage_name(builder, *from);
  Layout layout;
  layout.offset = builder.integer(given[1], "the offset of a tensor");
  layout.sizes = read_sides(builder, given[2], "the size of a tensor");
  layout.strides = read_sides(builder, given[3], "the stride of a tensor");
  check_layout(builder, layout, name.view_elements);
  return cut_tensor(builder, name, std::move(layout));
}

/// _rebuild_parameter(data, requires_grad, hooks): the tensor within.
Object::Value make_parameter(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 3, 3);
  const bool shared = builder.is_built(given[0]);
  const ObjectPtr data = builder.object(given[0]);
  const auto* const tensor = data->get_if<at::Tensor>();
  if (tensor == nullptr) builder.refuse("a parameter's tensor is not a tensor");
  if (!shared) return *tensor;
  builder.charge(kTensorBytes + tensor->nbytes());
  return tensor->clone();
}

/// torch.Size(sides).
Object::Value make_size(ObjectBuilder& builder, const PickleCall& call) {
  return builder.list(builder.sequence(builder.arguments(call, 1, 1)[0], "a size"));
}

/// torch.device("cuda", 0) as "cuda:0".
Object::Value make_device(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 1, 2);
  std::string name(builder.text(given[0], "the name of a device"));
  if (given.size() == 2) {
    name += ":" + std::to_string(builder.integer(given[1], "the number of a device"));
  }
  builder.charge(name.size());
  return name;
}

constexpr std::array<PickleFunction, 5> kFunctions{{
    {"torch._utils._rebuild_tensor", make_tensor},
    {"torch._utils._rebuild_tensor_v2", make_tensor},
    {"torch._utils._rebuild_parameter", make_parameter},
    {"torch.Size", make_size},
    {"torch.device", make_device},
}};

}  // namespace

std::span<const PickleFunction> torch_functions() { return kFunctions; }

}  // namespace robiq
