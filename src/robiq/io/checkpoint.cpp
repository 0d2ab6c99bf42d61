#include "robiq/io/checkpoint.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "robiq/core/error.h"
#include "robiq/core/files/files.h"
#include "robiq/core/text/escape.h"
#include "robiq/core/text/text.h"
#include "robiq/io/matlab/mat.h"
#include "robiq/io/numpy/npy.h"
#include "robiq/io/pickle/pickle.h"
#include "robiq/io/safetensors.h"
#include "robiq/io/safetensors_header.h"
#include "robiq/io/torch/torch_file.h"
#include "robiq/io/zip/zip_archive.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

/// Keys under which training programs keep the state dict, those of whole networks first.
constexpr std::array kWrappers = {"state_dict",  "model_state_dict", "model",
                                  "model_state", "params_ema",       "params",
                                  "net",         "network",          "weights"};
constexpr int kMaxWrappers = 3;

/// The state dict in an object, and what led to it.
struct FoundState {
  const Object::Dict* state = nullptr;
  const Object::Dict* around = nullptr;  ///< the dict that held it; nullptr for none
  std::string wrapper;
};

bool holds_tensors(const Object::Dict& dict) {
  return std::any_of(dict.begin(), dict.end(), [](const auto& entry) {
    return entry.first->template get_if<std::string>() != nullptr &&
           entry.second->template get_if<at::Tensor>() != nullptr;
  });
}

FoundState find_state(const Object& root) {
  FoundState found;
  const Object* object = &root;
  for (int depth = 0; depth <= kMaxWrappers && object != nullptr; ++depth) {
    const auto* const dict = object->get_if<Object::Dict>();
    if (dict == nullptr) break;
    const Object* inner = nullptr;
    for (const char* const wrapper : kWrappers) {
      const Object* const candidate = object->find(wrapper);
      if (candidate == nullptr || candidate->get_if<Object::Dict>() == nullptr) continue;
      found.wrapper += (found.wrapper.empty() ? "" : ".") + std::string(wrapper);
      found.around = dict;
      inner = candidate;
      break;
    }
    if (inner == nullptr) {
      if (holds_tensors(*dict)) found.state = dict;
      break;
    }
    object = inner;
  }
  return found;
}

/// A number, a tensor or a list of numbers as a tensor; undefined for anything else.
at::Tensor numbers_of(const Object& object) {
  if (const auto* tensor = object.get_if<at::Tensor>()) return *tensor;
  if (const auto* number = object.get_if<double>()) return at::tensor({*number}, at::kDouble);
  if (const auto* number = object.get_if<std::int64_t>()) {
    return at::tensor({static_cast<double>(*number)}, at::kDouble);
  }
  const auto* const list = object.get_if<Object::List>();
  if (list == nullptr || list->empty()) return {};
  std::vector<double> values;
  for (const ObjectPtr& item : *list) {
    if (item->get_if<Object::List>() != nullptr) return {};
    const at::Tensor value = numbers_of(*item);
    if (!value.defined() || value.numel() != 1) return {};
    values.push_back(value.item<double>());
  }
  return at::tensor(values, at::kDouble);
}

std::string keys_of(const Object& root) {
  constexpr std::size_t kShown = 8;
  const auto* const dict = root.get_if<Object::Dict>();
  if (dict == nullptr) return "it does not hold a dict";
  std::vector<std::string> keys;
  for (const auto& [key, value] : *dict) {
    const auto* const text = key->get_if<std::string>();
    if (text != nullptr && keys.size() < kShown) keys.push_back(printable_name(*text));
  }
  return "its keys are " + (keys.empty() ? "no texts" : join(keys, ", "));
}

[[noreturn]] void throw_no_tensors(const fs::path& file, const std::string& detail) {
  throw Error(ErrorKind::kModel, {"the file holds no tensors by name: " + detail, file.string(),
                                  "save a state dict, as torch.save(model.state_dict(), FILE)"});
}

void take_state(const Object& root, const fs::path& file, CheckpointContents& checkpoint) {
  const FoundState found = find_state(root);
  if (found.state == nullptr) throw_no_tensors(file, keys_of(root));
  checkpoint.wrapper = found.wrapper;
  for (const auto& [key, value] : *found.state) {
    const auto* const name = key->get_if<std::string>();
    const auto* const tensor = value->get_if<at::Tensor>();
    if (name != nullptr && tensor != nullptr) checkpoint.tensors.emplace_back(*name, *tensor);
  }
  if (found.around == nullptr) return;
  for (const auto& [key, value] : *found.around) {
    const auto* const name = key->get_if<std::string>();
    const at::Tensor numbers = numbers_of(*value);
    if (name != nullptr && numbers.defined()) checkpoint.beside[*name] = numbers;
  }
}

void take_map(const TensorMap& tensors, const fs::path& file, CheckpointContents& checkpoint) {
  if (tensors.empty()) throw_no_tensors(file, "the weights file is empty");
  checkpoint.tensors.assign(tensors.begin(), tensors.end());
}

/// The first bytes; fewer when the file has fewer. \throws Error{kModel} when it cannot be read.
std::string first_bytes(const fs::path& file) {
  constexpr std::size_t kCount = 128;
  require_file(file, ErrorKind::kModel);
  std::ifstream in(file, std::ios::binary);
  std::string bytes(kCount, '\0');
  in.read(bytes.data(), kCount);
  std::error_code code;
  if (!fs::is_regular_file(file, code) || in.bad() || (in.gcount() == 0 && !in.eof())) {
    throw Error(ErrorKind::kModel,
                {"this cannot be read as a weights file", file.string(),
                 "name a weights file, not a folder, and check that you may read it"});
  }
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

bool is_npz(const fs::path& file) {
  const ZipArchive archive(file);
  const std::vector<std::string>& names = archive.names();
  return !names.empty() && std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name.ends_with(".npy");
  });
}

}  // namespace

CheckpointContents read_checkpoint(const fs::path& file) {
  const std::string start = first_bytes(file);
  CheckpointContents checkpoint;
  if (start.size() > 8 && start[8] == '{') {
    SafetensorsFile contents = read_safetensors(file);
    checkpoint.container = "safetensors";
    checkpoint.metadata = std::move(contents.metadata);
    take_map(contents.tensors, file, checkpoint);
  } else if (start.starts_with("MATLAB ") || start.starts_with("\x89HDF\r\n")) {
    checkpoint.container = "MATLAB";
    take_state(*read_mat(file), file, checkpoint);
  } else if (start.starts_with("PK") && is_npz(file)) {
    checkpoint.container = "NumPy zip";
    take_map(read_npz(file), file, checkpoint);
  } else {
    const TorchFile contents = read_torch_file(file);
    checkpoint.container = contents.container;
    take_state(*contents.root, file, checkpoint);
  }
  return checkpoint;
}

namespace {

constexpr std::uint64_t kHeadBytes = 512;
constexpr std::string_view kLfsVersion = "version https://git-lfs.github.com/spec/";

/// A page begins with its document type, <html>, or, when XHTML, an XML declaration.
bool is_web_page(std::string_view head) {
  head = without_byte_order_mark(head);
  std::string begin(trim(head).substr(0, 14));
  std::transform(begin.begin(), begin.end(), begin.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return begin.starts_with("<!doctype html") || begin.starts_with("<html") ||
         begin.starts_with("<?xml") || begin.starts_with("<head") || begin.starts_with("<script");
}

[[noreturn]] void refuse(const ByteSource& source, const std::string& what,
                         const std::string& hint) {
  throw Error(ErrorKind::kModel, {what, source.name(), hint});
}

}  // namespace

void refuse_impostor(const ByteSource& source) {
  if (source.size() == 0) {
    refuse(source, "the weights file is empty",
           "get the file again; a download may have broken off");
  }
  const std::string head = source.read_at(0, std::min(kHeadBytes, source.size()));
  if (head.starts_with(kLfsVersion)) {
    refuse(source, "it is a git-lfs pointer, not the weights it points to",
           "run 'git lfs pull' in its repository, or download the file itself");
  }
  if (is_web_page(head)) {
    refuse(source, "it is a web page, not weights",
           "open the address in a browser: the server may ask to confirm or to log in; then save "
           "the file itself");
  }
}

}  // namespace robiq
