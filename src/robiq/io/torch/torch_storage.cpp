#include "robiq/io/torch/torch_storage.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

namespace robiq {
namespace {

struct StorageType {
  std::string_view name;
  at::ScalarType type;
};
constexpr std::array<StorageType, 10> kTypes{{{"torch.DoubleStorage", at::kDouble},
                                              {"torch.FloatStorage", at::kFloat},
                                              {"torch.HalfStorage", at::kHalf},
                                              {"torch.BFloat16Storage", at::kBFloat16},
                                              {"torch.LongStorage", at::kLong},
                                              {"torch.IntStorage", at::kInt},
                                              {"torch.ShortStorage", at::kShort},
                                              {"torch.CharStorage", at::kChar},
                                              {"torch.ByteStorage", at::kByte},
                                              {"torch.BoolStorage", at::kBool}}};

/// No storage has more: the products below cannot overflow.
constexpr std::int64_t kMaxElements = std::int64_t{1} << 48;

/// (key of the view, offset, elements): the part of the storage that is meant.
void read_view(const PickleView& view, PickleId id, TorchStorageName& name) {
  const std::span<const PickleId> parts = view.sequence(id, "the view of a storage");
  if (parts.size() != 3) view.refuse("the view of a storage has not three parts");
  name.view_offset = view.integer(parts[1], "the offset of a storage's view");
  name.view_elements = view.integer(parts[2], "the size of a storage's view");
  if (name.view_offset < 0 || name.view_elements < 0 || name.view_offset > name.elements ||
      name.view_elements > name.elements - name.view_offset) {
    view.refuse("the view of a storage goes beyond it");
  }
}

void check_bools(const at::Tensor& elements, const PickleView& view) {
  if (elements.scalar_type() != at::kBool || elements.numel() == 0) return;
  const auto* const bytes = static_cast<const unsigned char*>(elements.data_ptr());
  if (std::any_of(bytes, bytes + elements.numel(), [](unsigned char b) { return b > 1; })) {
    view.refuse("a truth value of a storage is something other than 0 and 1");
  }
}

}  // namespace

std::uint64_t TorchStorageName::bytes() const {
  return static_cast<std::uint64_t>(elements) * at::elementSize(type);
}

std::optional<at::ScalarType> torch_storage_type(std::string_view name) {
  for (const StorageType& type : kTypes) {
    if (type.name == name) return type.type;
  }
  return std::nullopt;
}

TorchStorageName read_storage_name(const PickleView& view, PicklePersistent from) {
  const std::span<const PickleId> parts = view.sequence(from.id, "the name of a storage");
  if (parts.size() < 5 || parts.size() > 6 || view.text(parts[0], "a kind") != "storage") {
    view.refuse("it refers to something outside the pickle that is not a storage");
  }
  const std::optional<at::ScalarType> type =
      torch_storage_type(view.global(parts[1], "the type of a storage"));
  if (!type) view.refuse("the type of a storage is not one of PyTorch's");
  TorchStorageName name{std::string(view.text(parts[2], "the key of a storage")), *type};
  name.elements = view.integer(parts[4], "the size of a storage");
  if (name.elements < 0 || name.elements > kMaxElements) {
    view.refuse("a storage of " + std::to_string(name.elements) + " elements cannot be");
  }
  name.view_elements = name.elements;
  if (parts.size() == 6 && !view.is_none(parts[5])) read_view(view, parts[5], name);
  return name;
}

TorchStorages::Storage& TorchStorages::get(const TorchStorageName& name, const PickleView& view) {
  const auto known = read_.find(name.key);
  if (known != read_.end()) {
    const at::Tensor& elements = known->second.elements;
    if (elements.scalar_type() != name.type || elements.numel() != name.elements) {
      view.refuse("two tensors tell different types or sizes of the storage they share");
    }
    return known->second;
  }
  check(name, view);
  at::Tensor elements;
  try {
    elements = at::empty({name.elements}, name.type);
  } catch (const std::exception&) {
    view.refuse("there is no memory for a storage of " + std::to_string(name.bytes()) + " bytes");
  }
  if (name.elements > 0) fill(name, elements.data_ptr());
  check_bools(elements, view);
  return read_.emplace(name.key, Storage{elements}).first->second;
}

}  // namespace robiq
