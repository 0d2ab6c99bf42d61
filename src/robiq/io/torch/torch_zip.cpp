#include <ATen/ATen.h>

#include <algorithm>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/io/pickle/object_builder.h"
#include "robiq/io/pickle/pickle.h"
#include "robiq/io/torch/torch_storage.h"
#include "robiq/io/zip/zip_archive.h"

namespace robiq {
namespace {

/// Newest layout that PyTorch's own reader takes.
constexpr std::int64_t kMaxVersion = 10;

class ZipStorages final : public TorchStorages {
 public:
  ZipStorages(const ZipArchive& zip, std::string folder) : zip_(zip), folder_(std::move(folder)) {}

  void check(const TorchStorageName& name, const PickleView& view) const override {
    if (!zip_.contains(member(name))) view.refuse("its storage is missing in the file");
    if (zip_.size_of(member(name)) != name.bytes()) {
      view.refuse("its storage has " + std::to_string(zip_.size_of(member(name))) +
                  " bytes, and should have " + std::to_string(name.bytes()));
    }
  }

 private:
  [[nodiscard]] std::string member(const TorchStorageName& name) const {
    return folder_ + "data/" + name.key;
  }
  void fill(const TorchStorageName& name, void* bytes) const override {
    zip_.read_into(member(name), bytes, name.bytes());
  }

  const ZipArchive& zip_;
  std::string folder_;
};

/// "FOLDER/" of the one FOLDER/data.pkl.
std::string find_folder(const ZipArchive& zip) {
  constexpr std::string_view kPickle = "/data.pkl";
  std::string folder;
  for (const std::string& name : zip.names()) {
    if (!name.ends_with(kPickle) || name.find('/') != name.size() - kPickle.size()) continue;
    if (!folder.empty()) zip.source().refuse("it has a data.pkl in two folders");
    folder = name.substr(0, name.size() - kPickle.size() + 1);
  }
  if (folder.empty()) {
    zip.source().refuse("it is a zip file, but none of torch.save(): it has no data.pkl");
  }
  return folder;
}

void refuse_torchscript(const ZipArchive& zip, const std::string& folder) {
  const auto is_code = [&](const std::string& name) { return name.starts_with(folder + "code/"); };
  if (zip.contains(folder + "constants.pkl") ||
      std::any_of(zip.names().begin(), zip.names().end(), is_code)) {
    throw Error(ErrorKind::kModel,
                {"it is a TorchScript module, a program with its weights", zip.source().name(),
                 "use it with --model torchscript:" + zip.source().name()});
  }
}

void check_version(const ZipArchive& zip, const std::string& folder) {
  const std::string version = folder + "version", order = folder + "byteorder";
  if (zip.contains(version)) {
    std::int64_t number = 0;
    if (zip.size_of(version) > 16 || !parse_integer(trim(zip.read(version)), number) ||
        number < 1 || number > kMaxVersion) {
      zip.source().refuse("its version is one that robiq does not read", version);
    }
  }
  if (zip.contains(order) && (zip.size_of(order) > 16 || zip.read(order) != "little")) {
    zip.source().refuse("it is big-endian, which robiq does not read", order);
  }
}

}  // namespace

ObjectPtr read_torch_zip(std::shared_ptr<const ByteSource> source) {
  const ZipArchive zip(std::move(source));
  const std::string folder = find_folder(zip);
  refuse_torchscript(zip, folder);
  check_version(zip, folder);
  const std::shared_ptr<const ByteSource> pickle =
      source_of_bytes(zip.source().name(), zip.read(folder + "data.pkl"));
  PickleInput input(*pickle);
  const PickleTree tree = read_pickle(input, is_known_python_name);
  if (input.left() != 0) zip.source().refuse("bytes are left over behind its pickle");
  ZipStorages storages(zip, folder);
  return ObjectBuilder(tree, zip.source(), &storages).root();
}

}  // namespace robiq
