#include "robiq/io/torch/torch_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <limits>
#include <set>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/io/checkpoint.h"
#include "robiq/io/pickle/object_builder.h"
#include "robiq/io/pickle/pickle.h"
#include "robiq/io/table/table_text.h"
#include "robiq/io/torch/torch_storage.h"
#include "robiq/io/zip/zip_archive.h"
#include "robiq/io/zip/zip_writer.h"

namespace robiq {
namespace {

using namespace std::string_view_literals;

/// From protocol 2 on a pickle says so. Older ones begin with some value and end with STOP.
bool may_be_pickle(const ByteSource& source) {
  const std::string first = source.read_at(0, 1), last = source.read_at(source.size() - 1, 1);
  return first == "\x80" ||
         (last == "." && "()[]}NIJKLMFGSTUVXc"sv.find(first[0]) != std::string_view::npos);
}

ObjectPtr read_plain_pickle(const ByteSource& source) {
  PickleInput input(source);
  const PickleTree tree = read_pickle(input, is_known_python_name);
  if (input.left() != 0) source.refuse("bytes are left over behind its pickle");
  return ObjectBuilder(tree, source, nullptr).root();
}

}  // namespace

TorchFile read_torch_file(const std::filesystem::path& file) {
  return read_torch_file(open_source(file));
}

TorchFile read_torch_file(const std::shared_ptr<const ByteSource>& source) {
  refuse_impostor(*source);
  if (ZipArchive::is_zip(*source)) return {"PyTorch zip", read_torch_zip(source)};
  if (is_torch_legacy(*source)) return {"PyTorch legacy pickle", read_torch_legacy(*source)};
  if (may_be_pickle(*source)) return {"pickle", read_plain_pickle(*source)};
  source->refuse("this is not a weights file: it is neither a PyTorch file nor a pickle");
}

namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "the file says that it is little-endian");

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

struct Storage {
  at::ScalarType type;
  const char* name;
};
constexpr std::array<Storage, 10> kStorages{{{at::kDouble, "DoubleStorage"},
                                             {at::kFloat, "FloatStorage"},
                                             {at::kHalf, "HalfStorage"},
                                             {at::kBFloat16, "BFloat16Storage"},
                                             {at::kLong, "LongStorage"},
                                             {at::kInt, "IntStorage"},
                                             {at::kShort, "ShortStorage"},
                                             {at::kChar, "CharStorage"},
                                             {at::kByte, "ByteStorage"},
                                             {at::kBool, "BoolStorage"}}};

[[noreturn]] void cannot_write(const fs::path& file, const std::string& problem) {
  throw Error(ErrorKind::kInternal, {problem, file.string(), "a .pth file cannot hold that"});
}

const char* storage_of(const fs::path& file, const std::string& name, const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.layout() != at::kStrided) {
    cannot_write(file, "tensor '" + name + "' is undefined or not dense");
  }
  for (const Storage& storage : kStorages) {
    if (storage.type == tensor.scalar_type()) return storage.name;
  }
  cannot_write(file, "tensor '" + name + "' has the type " + at::toString(tensor.scalar_type()));
}

/// Writes the opcodes of pickle's protocol 2 that torch.load(weights_only=True) knows.
class Pickler {
 public:
  Pickler() { bytes_ = "\x80\x02"; }

  void op(char code) { bytes_ += code; }
  void global(const std::string& module, const std::string& name) {
    bytes_ += "c" + module + "\n" + name + "\n";
  }
  void text(const std::string& text) {
    bytes_ += 'X';
    little_endian(text.size(), 4);
    bytes_ += text;
  }
  void integer(std::int64_t value) {
    if (value >= 0 && value <= 0xFF) {
      bytes_ += 'K';
      little_endian(static_cast<std::uint64_t>(value), 1);
    } else if (value >= 0 && value <= std::numeric_limits<std::int32_t>::max()) {
      bytes_ += 'J';
      little_endian(static_cast<std::uint64_t>(value), 4);
    } else {
      bytes_ += "\x8a\x08";  // LONG1 of 8 bytes
      little_endian(static_cast<std::uint64_t>(value), 8);
    }
  }
  void tuple(at::IntArrayRef values) {
    op('(');
    for (const std::int64_t value : values) integer(value);
    op('t');
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void little_endian(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 0xFF);
  }
  std::string bytes_;
};

void ordered_dict(Pickler& pickle) {
  pickle.global("collections", "OrderedDict");
  pickle.op(')');
  pickle.op('R');
}

std::vector<std::int64_t> plain_strides(at::IntArrayRef shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= std::max<std::int64_t>(shape[i], 1);
  }
  return strides;
}

/// _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, backward hooks)
void pickle_tensor(Pickler& pickle, const at::Tensor& tensor, const std::string& storage,
                   const std::string& key) {
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.op('(');
  pickle.op('(');
  pickle.text("storage");
  pickle.global("torch", storage);
  pickle.text(key);
  pickle.text("cpu");
  pickle.integer(tensor.numel());
  pickle.op('t');
  pickle.op('Q');
  pickle.integer(0);
  pickle.tuple(tensor.sizes());
  pickle.tuple(plain_strides(tensor.sizes()));
  pickle.op('\x89');
  ordered_dict(pickle);
  pickle.op('t');
  pickle.op('R');
}

std::string pickle_of(const fs::path& file, const NamedTensors& tensors) {
  std::set<std::string> names;
  Pickler pickle;
  ordered_dict(pickle);
  pickle.op('(');
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& [name, tensor] = tensors[i];
    if (find_non_text(name) != name.npos) cannot_write(file, "a name is not UTF-8");
    if (!names.insert(name).second) cannot_write(file, "two tensors are called '" + name + "'");
    pickle.text(name);
    pickle_tensor(pickle, tensor, storage_of(file, name, tensor), std::to_string(i));
  }
  pickle.op('u');
  pickle.op('.');
  return pickle.bytes();
}

}  // namespace

void write_torch_file(const fs::path& file, const NamedTensors& tensors) {
  const std::string pickle = pickle_of(file, tensors);
  write_file_with(file, [&](const fs::path& temporary) {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    ZipWriter zip(out);
    zip.add("archive/data.pkl", pickle);
    zip.add("archive/byteorder", "little");
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const at::Tensor plain = tensors[i].second.detach().to(at::kCPU).contiguous();
      zip.add("archive/data/" + std::to_string(i), plain.data_ptr(), plain.nbytes());
    }
    zip.add("archive/version", "3\n");
    zip.finish();
    out.close();
    if (!out) {
      throw Error(ErrorKind::kData, {"cannot write the tensors", file.string(),
                                     "check that the folder may be written and has room"});
    }
  });
}

}  // namespace robiq
