#include "robiq/io/safetensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "robiq/io/safetensors_header.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

struct Type {
  const char* name;
  at::ScalarType torch;
};
constexpr std::array<Type, 10> kTypes{{{"F64", at::kDouble},
                                       {"F32", at::kFloat},
                                       {"F16", at::kHalf},
                                       {"BF16", at::kBFloat16},
                                       {"I64", at::kLong},
                                       {"I32", at::kInt},
                                       {"I16", at::kShort},
                                       {"I8", at::kChar},
                                       {"U8", at::kByte},
                                       {"BOOL", at::kBool}}};

/// Refuses one file; knows its name and what to do about it.
class Refusal {
 public:
  explicit Refusal(const fs::path& file) : file_(file.string()) {}

  [[noreturn]] void file(const std::string& problem) const { raise(problem, file_); }
  [[noreturn]] void tensor(const std::string& name, const std::string& problem) const {
    raise(problem, file_ + ", '" + printable_name(name) + "'");
  }

 private:
  [[noreturn]] static void raise(const std::string& problem, const std::string& where) {
    throw Error(
        ErrorKind::kModel,
        {problem, where, "get the file again, or write it again with the program that made it"});
  }
  std::string file_;
};

std::string bytes_of(std::uint64_t count) { return std::to_string(count) + " bytes"; }

/// Element type and shape of one entry, checked against its bytes.
struct Layout {
  at::ScalarType type;
  std::vector<std::int64_t> shape;
};

/// The product of the sides, zeros counted as one: LibTorch's strides hold it even when a tensor is
/// empty. \return false when that does not fit a signed 64-bit number.
bool fits(const SafetensorsEntry& entry, std::uint64_t element_bytes) {
  std::uint64_t product = element_bytes;
  for (const std::uint64_t side : entry.shape) {
    if (__builtin_mul_overflow(product, std::max<std::uint64_t>(side, 1), &product)) return false;
  }
  return product <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

Layout checked_layout(const SafetensorsEntry& entry, std::uint64_t data_bytes,
                      const Refusal& refuse) {
  const auto type = std::find_if(kTypes.begin(), kTypes.end(),
                                 [&](const Type& t) { return entry.dtype == t.name; });
  if (type == kTypes.end()) {
    refuse.tensor(entry.name,
                  "its type '" + printable_name(entry.dtype) + "' is one that robiq does not read");
  }
  const std::uint64_t element_bytes = at::elementSize(type->torch);
  if (!fits(entry, element_bytes)) refuse.tensor(entry.name, "its shape is too large to be true");
  Layout layout{type->torch, {}};
  std::uint64_t wanted = element_bytes;
  for (const std::uint64_t side : entry.shape) {
    wanted *= side;
    layout.shape.push_back(static_cast<std::int64_t>(side));
  }
  if (entry.begin > entry.end) refuse.tensor(entry.name, "its bytes end before they begin");
  if (entry.end > data_bytes)
    refuse.tensor(entry.name, "its data runs past the end of the file: the file is cut off");
  if (entry.end - entry.begin != wanted) {
    refuse.tensor(entry.name, "its shape needs " + bytes_of(wanted) + ", and it has " +
                                  bytes_of(entry.end - entry.begin));
  }
  return layout;
}

/// Entries by their place in the file; without holes, overlaps or bytes left over.
void sort_and_check_cover(std::vector<SafetensorsEntry>& entries, std::uint64_t data_bytes,
                          const Refusal& refuse) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  std::uint64_t covered = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.begin < covered) refuse.tensor(entry.name, "its bytes overlap another tensor's");
    if (entry.begin > covered) refuse.tensor(entry.name, "there is a hole in front of its bytes");
    covered = entry.end;
  }
  if (covered != data_bytes) {
    refuse.file(bytes_of(data_bytes - covered) + " at its end belong to no tensor");
  }
}

void read_bytes(std::ifstream& in, void* bytes, std::uint64_t count, const Refusal& refuse) {
  in.read(static_cast<char*>(bytes), static_cast<std::streamsize>(count));
  if (!in) refuse.file("it ended early while it was read");
}

at::Tensor read_tensor(std::ifstream& in, const SafetensorsEntry& entry, const Layout& layout,
                       const Refusal& refuse) {
  at::Tensor tensor;
  try {
    tensor = at::empty(layout.shape, layout.type);
  } catch (const std::exception&) {
    refuse.tensor(entry.name, "there is no memory for its " + bytes_of(entry.end - entry.begin));
  }
  if (tensor.numel() == 0) return tensor;
  read_bytes(in, tensor.data_ptr(), entry.end - entry.begin, refuse);
  if (layout.type == at::kBool) {
    const auto* const bytes = static_cast<const unsigned char*>(tensor.data_ptr());
    if (std::any_of(bytes, bytes + tensor.numel(), [](unsigned char b) { return b > 1; })) {
      refuse.tensor(entry.name, "a truth value is something other than 0 and 1");
    }
  }
  return tensor;
}

/// Opens the file. \return how many bytes it has
std::uint64_t open_file(const fs::path& file, std::ifstream& in, const Refusal& refuse) {
  require_file(file, ErrorKind::kModel);
  std::error_code code;
  if (!fs::is_regular_file(file, code)) refuse.file("it is not an ordinary file");
  in.open(file, std::ios::binary);
  const std::uint64_t size = fs::file_size(file, code);
  if (!in || code) refuse.file("it cannot be read");
  return size;
}

}  // namespace

SafetensorsFile read_safetensors(const fs::path& file) {
  const Refusal refuse(file);
  std::ifstream in;
  const std::uint64_t size = open_file(file, in, refuse);
  std::uint64_t header_bytes = 0;
  if (size < sizeof(header_bytes)) {
    refuse.file("it has " + bytes_of(size) + ", too few for a .safetensors file");
  }
  read_bytes(in, &header_bytes, sizeof(header_bytes), refuse);
  if (header_bytes > kMaxSafetensorsHeader || header_bytes > size - sizeof(header_bytes)) {
    refuse.file("it is not a .safetensors file: its header would have " + bytes_of(header_bytes));
  }
  std::string json(header_bytes, '\0');
  read_bytes(in, json.data(), header_bytes, refuse);
  SafetensorsHeader header = parse_safetensors_header(json, file.string());

  const std::uint64_t data_bytes = size - sizeof(header_bytes) - header_bytes;
  std::map<std::string, Layout> layouts;
  for (const SafetensorsEntry& entry : header.entries) {
    layouts.emplace(entry.name, checked_layout(entry, data_bytes, refuse));
  }
  sort_and_check_cover(header.entries, data_bytes, refuse);
  SafetensorsFile contents;
  contents.metadata = std::move(header.metadata);
  for (const SafetensorsEntry& entry : header.entries) {
    contents.tensors[entry.name] = read_tensor(in, entry, layouts.at(entry.name), refuse);
  }
  return contents;
}

namespace {

[[noreturn]] void cannot_write(const fs::path& file, const std::string& problem) {
  throw Error(ErrorKind::kInternal,
              {problem, file.string(), "a .safetensors file cannot hold that"});
}

const char* type_name(const fs::path& file, const std::string& name, const at::Tensor& tensor) {
  if (name == "__metadata__") cannot_write(file, "no tensor may be called '__metadata__'");
  if (!tensor.defined() || tensor.layout() != at::kStrided) {
    cannot_write(file, "tensor '" + name + "' is undefined or not dense");
  }
  for (const Type& type : kTypes) {
    if (type.torch == tensor.scalar_type()) return type.name;
  }
  cannot_write(file, "tensor '" + name + "' has the type " + at::toString(tensor.scalar_type()));
}

/// The JSON, padded with spaces so that the tensors begin at a multiple of 8 bytes.
std::string header_of(const fs::path& file, const SafetensorsFile& contents) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!contents.metadata.empty()) header["__metadata__"] = contents.metadata;
  std::uint64_t place = 0;
  for (const auto& [name, tensor] : contents.tensors) {
    const char* const type = type_name(file, name, tensor);
    const std::uint64_t end =
        place + static_cast<std::uint64_t>(tensor.numel()) * tensor.itemsize();
    header[name] = {
        {"dtype", type}, {"shape", tensor.sizes().vec()}, {"data_offsets", {place, end}}};
    place = end;
  }
  std::string json;
  try {
    json = header.dump();
  } catch (const nlohmann::json::exception&) {
    cannot_write(file, "a name or a metadata text is not UTF-8");
  }
  json.resize((json.size() + 7) / 8 * 8, ' ');
  if (json.size() > kMaxSafetensorsHeader) cannot_write(file, "the header has over 100 MB");
  return json;
}

}  // namespace

void write_safetensors(const fs::path& file, const SafetensorsFile& contents) {
  const std::string json = header_of(file, contents);
  write_file_with(file, [&](const fs::path& temporary) {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    const std::uint64_t header_bytes = json.size();
    out.write(reinterpret_cast<const char*>(&header_bytes), sizeof(header_bytes));
    out << json;
    for (const auto& [name, tensor] : contents.tensors) {
      const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
      out.write(static_cast<const char*>(plain.data_ptr()),
                static_cast<std::streamsize>(plain.nbytes()));
    }
    out.close();
    if (!out) {
      throw Error(ErrorKind::kData, {"cannot write the tensors", file.string(),
                                     "check that the folder may be written and has room"});
    }
  });
}

}  // namespace robiq
