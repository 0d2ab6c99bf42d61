#include "robiq/io/numpy/npz.h"

#include <ATen/ATen.h>

#include "robiq/io/numpy/npy.h"
#include "robiq/io/safetensors_header.h"
#include "robiq/io/zip/zip_archive.h"

namespace robiq {

TensorMap read_npz(const std::filesystem::path& file) { return read_npz(open_source(file)); }

TensorMap read_npz(std::shared_ptr<const ByteSource> source) {
  constexpr std::string_view kEnding = ".npy";
  const ZipArchive archive(std::move(source));
  TensorMap tensors;
  for (const std::string& member : archive.names()) {
    const std::string shown = "'" + printable_name(member) + "'";
    if (!member.ends_with(kEnding) || member.size() == kEnding.size()) {
      archive.source().refuse("it is no .npz file: a member is no .npy array", member);
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
