#include "robiq/io/torch/torch_file.h"

#include <string_view>

#include "robiq/io/not_weights.h"
#include "robiq/io/pickle/object_builder.h"
#include "robiq/io/pickle/pickle.h"
#include "robiq/io/torch/torch_legacy.h"
#include "robiq/io/torch/torch_zip.h"
#include "robiq/io/zip/zip_archive.h"

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
  source->refuse("neither torch.save() nor pickle wrote it");
}

}  // namespace robiq
