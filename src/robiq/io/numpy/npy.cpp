#include "robiq/io/numpy/npy.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>

#include "robiq/core/error.h"
#include "robiq/io/safetensors_header.h"
#include "robiq/io/zip/zip_archive.h"

namespace robiq {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they stand");

constexpr std::uint64_t kFront = 65'536 + 12;  // the longest header that is read

[[noreturn]] void refuse(const std::string& problem, const std::string& where) {
  throw Error(ErrorKind::kModel,
              {problem, where, "get the file again, or write it again with numpy.save"});
}

/// The type whose elements have the file's bytes; unsigned ones come as signed for now.
at::ScalarType stored_type(const NpyHeader& header) {
  if (header.kind == 'b') return at::kBool;
  if (header.kind == 'f') {
    return header.element_bytes == 2   ? at::kHalf
           : header.element_bytes == 4 ? at::kFloat
                                       : at::kDouble;
  }
  switch (header.element_bytes) {
    case 1:
      return header.kind == 'u' ? at::kByte : at::kChar;
    case 2:
      return at::kShort;
    case 4:
      return at::kInt;
    default:
      return at::kLong;
  }
}

void swap_bytes(void* data, const NpyHeader& header) {
  auto* bytes = static_cast<unsigned char*>(data);
  for (std::uint64_t i = 0; i < header.data_bytes; i += header.element_bytes) {
    std::reverse(bytes + i, bytes + i + header.element_bytes);
  }
}

at::Tensor allocate(const NpyHeader& header, const std::string& where) {
  std::vector<std::int64_t> shape = header.shape;
  if (header.fortran_order) std::reverse(shape.begin(), shape.end());
  try {
    return at::empty(shape, stored_type(header));
  } catch (const std::exception&) {
    refuse("there is no memory for its " + std::to_string(header.data_bytes) + " bytes", where);
  }
}

at::Tensor widened(const at::Tensor& tensor, const NpyHeader& header) {
  if (header.kind != 'u' || header.element_bytes == 1) return tensor;
  return header.element_bytes == 2 ? tensor.to(at::kInt).bitwise_and_(0xFFFF)
                                   : tensor.to(at::kLong).bitwise_and_(std::int64_t{0xFFFFFFFF});
}

}  // namespace

at::Tensor read_npy_array(const ByteSource& source) {
  const std::string& where = source.name();
  const NpyHeader header =
      parse_npy_header(source.read_at(0, std::min(kFront, source.size())), where);
  const std::uint64_t there = source.size() - header.data_begin;
  if (there != header.data_bytes) {
    refuse("its shape needs " + std::to_string(header.data_bytes) + " bytes, and it has " +
               std::to_string(there) + " bytes",
           where);
  }
  at::Tensor tensor = allocate(header, where);
  if (tensor.numel() > 0) {
    source.read_at(header.data_begin, tensor.data_ptr(), header.data_bytes);
    if (header.big_endian) swap_bytes(tensor.data_ptr(), header);
  }
  if (header.kind == 'b' && tensor.numel() > 0) {
    const auto* const bytes = static_cast<const unsigned char*>(tensor.data_ptr());
    if (std::any_of(bytes, bytes + tensor.numel(), [](unsigned char b) { return b > 1; })) {
      refuse("a truth value is something other than 0 and 1", where);
    }
  }
  tensor = widened(tensor, header);
  if (!header.fortran_order) return tensor;
  std::vector<std::int64_t> order(header.shape.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<std::int64_t>(order.size() - 1 - i);
  }
  return tensor.permute(order).contiguous();
}

TensorMap read_npz(const std::filesystem::path& file) { return read_npz(open_source(file)); }

TensorMap read_npz(std::shared_ptr<const ByteSource> source) {
  constexpr std::string_view kEnding = ".npy";
  const ZipArchive archive(std::move(source));
  TensorMap tensors;
  for (const std::string& member : archive.names()) {
    const std::string shown = "'" + printable_name(member) + "'";
    if (!member.ends_with(kEnding) || member.size() == kEnding.size()) {
      archive.source().refuse("it is not an .npz file: a member is not a .npy array", member);
    }
    const auto array =
        source_of_bytes(archive.source().name() + ", " + shown, archive.read(member));
    tensors.emplace(member.substr(0, member.size() - kEnding.size()), read_npy_array(*array));
  }
  return tensors;
}

at::Tensor read_npy(const std::filesystem::path& file) {
  return read_npy_array(*open_source(file));
}

}  // namespace robiq
