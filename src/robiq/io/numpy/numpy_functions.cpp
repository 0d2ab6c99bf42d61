// What NumPy's rebuilding functions make of what a pickle hands them.
#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "robiq/io/pickle/object_builder.h"
#include "robiq/io/safetensors_header.h"

namespace robiq {
namespace {

/// One of NumPy's types, and the one it becomes: LibTorch has no unsigned types but the smallest,
/// so the others become the next larger.
struct NumpyType {
  std::string_view name;
  std::size_t bytes;
  at::ScalarType torch;
};
constexpr std::array<NumpyType, 12> kTypes{{{"f8", 8, at::kDouble},
                                            {"f4", 4, at::kFloat},
                                            {"f2", 2, at::kHalf},
                                            {"i8", 8, at::kLong},
                                            {"i4", 4, at::kInt},
                                            {"i2", 2, at::kShort},
                                            {"i1", 1, at::kChar},
                                            {"u1", 1, at::kByte},
                                            {"b1", 1, at::kBool},
                                            {"u2", 2, at::kInt},
                                            {"u4", 4, at::kLong},
                                            {"u8", 8, at::kLong}}};
constexpr std::size_t kMaxSides = 32;
constexpr std::uint64_t kTensorBytes = 512;

/// dtype("f4", False, True), then its state (version, byte order, subtype, names, fields ...).
const NumpyType& read_type(const ObjectBuilder& builder, PickleId from) {
  const PickleCall* const call = builder.call(from);
  if (call == nullptr || builder.function_of(*call) != "numpy.dtype") {
    builder.refuse("an array has a type that is not one of NumPy's numbers");
  }
  const std::string_view name =
      builder.text(builder.arguments(*call, 1, 3)[0], "the name of an array's type");
  const auto type = std::find_if(kTypes.begin(), kTypes.end(),
                                 [&](const NumpyType& known) { return known.name == name; });
  if (type == kTypes.end()) {
    builder.refuse("an array is of NumPy's type '" + printable_name(name) +
                   "', which robiq does not read");
  }
  if (!call->state) return *type;
  const std::span<const PickleId> state = builder.sequence(*call->state, "an array type's state");
  if (state.size() < 5) builder.refuse("an array type's state is too short");
  const std::string_view order = builder.text(state[1], "a byte order");
  if (order == ">") builder.refuse("an array is big-endian, which robiq does not read");
  if (!builder.is_none(state[2]) || !builder.is_none(state[3]) || !builder.is_none(state[4])) {
    builder.refuse("an array has fields, which robiq does not read");
  }
  return *type;
}

struct Shape {
  std::vector<std::int64_t> sides;
  std::uint64_t elements = 1;
};

Shape read_shape(const ObjectBuilder& builder, PickleId from, std::uint64_t limit) {
  const std::span<const PickleId> sides = builder.sequence(from, "the shape of an array");
  if (sides.size() > kMaxSides) builder.refuse("an array has too many sides");
  Shape shape;
  std::uint64_t product = 1;  // zeros counted as one: LibTorch's strides hold it
  for (const PickleId id : sides) {
    const std::int64_t side = builder.integer(id, "a side of an array");
    if (side < 0) builder.refuse("a side of an array is negative");
    shape.sides.push_back(side);
    const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(side, 1));
    if (__builtin_mul_overflow(product, factor, &product) ||
        product > std::numeric_limits<std::int64_t>::max() / sizeof(double)) {
      builder.refuse("an array's shape is too large to be true");
    }
    shape.elements *= static_cast<std::uint64_t>(side);
  }
  if (shape.elements > limit) builder.refuse("an array's bytes are too few for its shape");
  return shape;
}

/// Unsigned numbers of type From as a larger signed type.
template <class From, class To>
void widen(const ObjectBuilder& builder, const std::string& bytes, at::Tensor& to) {
  To* const values = to.data_ptr<To>();
  for (std::int64_t i = 0; i < to.numel(); ++i) {
    From value = 0;
    std::memcpy(&value, bytes.data() + static_cast<std::size_t>(i) * sizeof(From), sizeof(From));
    if (!std::in_range<To>(value)) builder.refuse("a number of an array is too large for int64");
    values[i] = static_cast<To>(value);
  }
}

/// The array that bytes in C order are.
at::Tensor make_array(ObjectBuilder& builder, const NumpyType& type, const Shape& shape,
                      const std::string& bytes) {
  if (shape.elements * type.bytes != bytes.size()) {
    builder.refuse("an array of " + std::to_string(shape.elements) + " numbers has " +
                   std::to_string(bytes.size()) + " bytes");
  }
  builder.charge(kTensorBytes + shape.elements * at::elementSize(type.torch));
  at::Tensor array = at::empty(shape.sides, type.torch);
  if (shape.elements == 0) return array;
  if (type.name == "u2") {
    widen<std::uint16_t, std::int32_t>(builder, bytes, array);
  } else if (type.name == "u4") {
    widen<std::uint32_t, std::int64_t>(builder, bytes, array);
  } else if (type.name == "u8") {
    widen<std::uint64_t, std::int64_t>(builder, bytes, array);
  } else {
    std::memcpy(array.data_ptr(), bytes.data(), bytes.size());
  }
  const auto is_no_bool = [](char byte) { return byte != 0 && byte != 1; };
  if (type.torch == at::kBool && std::any_of(bytes.begin(), bytes.end(), is_no_bool)) {
    builder.refuse("a truth value of an array is something other than 0 and 1");
  }
  return array;
}

/// scalar(dtype, bytes).
Object::Value make_scalar(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 2, 2);
  const NumpyType& type = read_type(builder, given[0]);
  return make_array(builder, type, {}, builder.bytes(given[1], "the bytes of a number"));
}

/// An array whose bytes may be in Fortran's order.
at::Tensor make_ordered(ObjectBuilder& builder, const NumpyType& type, Shape shape,
                        const std::string& bytes, bool fortran) {
  if (!fortran) return make_array(builder, type, shape, bytes);
  std::reverse(shape.sides.begin(), shape.sides.end());
  const at::Tensor reversed = make_array(builder, type, shape, bytes);
  std::vector<std::int64_t> order(shape.sides.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<std::int64_t>(order.size() - 1 - i);
  }
  builder.charge(reversed.nbytes());
  return reversed.permute(order).clone(at::MemoryFormat::Contiguous);
}

/// _reconstruct(ndarray, (0,), b"b"), then the state ([version,] shape, dtype, is_fortran, bytes).
Object::Value make_reconstructed(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 3, 3);
  if (builder.global(given[0], "the class of an array") != "numpy.ndarray") {
    builder.refuse("the class of an array is not numpy.ndarray");
  }
  if (!call.state) builder.refuse("an array has no bytes");
  std::span<const PickleId> state = builder.sequence(*call.state, "an array's state");
  if (state.size() == 5) state = state.subspan(1);
  if (state.size() != 4) builder.refuse("an array's state has not four parts");
  const NumpyType& type = read_type(builder, state[1]);
  const bool* const fortran = builder.as<bool>(state[2]);
  const auto* const fortran_number = builder.as<std::int64_t>(state[2]);
  const bool reversed =
      fortran != nullptr ? *fortran : fortran_number != nullptr && *fortran_number;
  const std::string bytes = builder.bytes(state[3], "the bytes of an array");
  const Shape shape = read_shape(builder, state[0], bytes.size());
  return make_ordered(builder, type, shape, bytes, reversed);
}

/// _frombuffer(bytes, dtype, shape, "C" or "F"), protocol 5.
Object::Value make_from_buffer(ObjectBuilder& builder, const PickleCall& call) {
  const std::span<const PickleId> given = builder.arguments(call, 4, 4);
  const NumpyType& type = read_type(builder, given[1]);
  const std::string bytes = builder.bytes(given[0], "the bytes of an array");
  const Shape shape = read_shape(builder, given[2], bytes.size());
  const std::string_view order = builder.text(given[3], "the order of an array");
  return make_ordered(builder, type, shape, bytes, order == "F");
}

/// A dtype by itself, as its name.
Object::Value make_dtype(ObjectBuilder& builder, const PickleCall& call) {
  std::string name(builder.text(builder.arguments(call, 1, 3)[0], "the name of an array's type"));
  builder.charge(name.size());
  return name;
}

constexpr std::array<PickleFunction, 4> kFunctions{{
    {"numpy.dtype", make_dtype, true},
    {"numpy.core.multiarray.scalar", make_scalar},
    {"numpy.core.multiarray._reconstruct", make_reconstructed, true},
    {"numpy.core.numeric._frombuffer", make_from_buffer},
}};

}  // namespace

std::span<const PickleFunction> numpy_functions() { return kFunctions; }

}  // namespace robiq
