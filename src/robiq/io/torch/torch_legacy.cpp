#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "robiq/io/pickle/object_builder.h"
#include "robiq/io/pickle/pickle.h"
#include "robiq/io/torch/torch_storage.h"

namespace robiq {
namespace {

using namespace std::string_view_literals;

/// The number 0x1950a86a20f9469cfc6c as a pickle writes it, with its STOP.
constexpr std::string_view kMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv;
constexpr std::int64_t kProtocol = 1001;
constexpr std::uint64_t kFrameBytes = 9;

/// A pickle of plain values. It names nothing.
ObjectPtr read_plain(PickleInput& input) {
  const PickleTree tree = read_pickle(input, [](std::string_view) { return false; });
  return ObjectBuilder(tree, input.source(), nullptr).root();
}

void read_preface(PickleInput& input) {
  const ObjectPtr protocol = read_plain(input);
  const auto* const number = protocol->get_if<std::int64_t>();
  if (number == nullptr || *number != kProtocol) {
    input.source().refuse("it is of a protocol other than 1001");
  }
  const ObjectPtr system = read_plain(input);
  const Object* const order = system->find("little_endian");
  const bool* const little = order == nullptr ? nullptr : order->get_if<bool>();
  if (little == nullptr) input.source().refuse("it does not tell its byte order");
  if (!*little) input.source().refuse("it is big-endian, which robiq does not read");
}

class LegacyStorages final : public TorchStorages {
 public:
  /// Finds the storages, whose keys come next in the input.
  LegacyStorages(PickleInput& input, const PickleTree& tree) : source_(input.source()) {
    const PickleView view(tree, source_);
    std::map<std::string, std::uint64_t> sizes;
    for (const PickleNode& node : tree.nodes) {
      if (const auto* const from = std::get_if<PicklePersistent>(&node)) {
        const TorchStorageName name = read_storage_name(view, *from);
        const auto known = sizes.emplace(name.key, name.bytes()).first;
        if (known->second != name.bytes()) view.refuse("two tensors tell two sizes of a storage");
        elements_[name.key] = name.elements;
      }
    }
    const ObjectPtr keys = read_plain(input);
    const auto* const list = keys->get_if<Object::List>();
    if (list == nullptr) view.refuse("its list of storages is not a list");
    std::uint64_t place = input.position();
    for (const ObjectPtr& key : *list) {
      const auto* const text = key->get_if<std::string>();
      const auto size = text == nullptr ? sizes.end() : sizes.find(*text);
      if (size == sizes.end()) view.refuse("its list of storages has one that no tensor uses");
      place = place_storage(*text, place, size->second);
    }
    if (place != source_.size()) view.refuse("bytes are left over behind its storages");
  }

  void check(const TorchStorageName& name, const PickleView& view) const override {
    if (!places_.contains(name.key)) view.refuse("its storage is missing in the file");
  }

 private:
  /// Its bytes follow a count of its elements. \return where they end
  std::uint64_t place_storage(const std::string& key, std::uint64_t place, std::uint64_t bytes) {
    std::int64_t count = 0;
    source_.read_at(place, &count, sizeof(count));
    place += sizeof(count);
    if (count != elements_.at(key)) source_.refuse("a storage has two sizes", key);
    if (bytes > source_.size() - place) source_.refuse("it is cut off inside a storage", key);
    if (!places_.emplace(key, place).second) source_.refuse("a storage stands there twice", key);
    return place + bytes;
  }
  void fill(const TorchStorageName& name, void* bytes) const override {
    source_.read_at(places_.at(name.key), bytes, name.bytes());
  }

  const ByteSource& source_;
  std::map<std::string, std::int64_t> elements_{};
  std::map<std::string, std::uint64_t> places_{};
};

/// Where kMagic begins: behind the protocol, and from protocol 4 on behind a frame's length.
std::uint64_t find_magic(const ByteSource& source) {
  const std::string head = source.read_at(0, std::min<std::uint64_t>(source.size(), 32));
  if (!head.starts_with('\x80')) return 0;
  for (const std::uint64_t place : {std::uint64_t{2}, 2 + kFrameBytes}) {
    if (head.size() >= place && std::string_view(head).substr(place).starts_with(kMagic)) {
      return place;
    }
  }
  return 0;
}

}  // namespace

bool is_torch_legacy(const ByteSource& source) { return find_magic(source) != 0; }

ObjectPtr read_torch_legacy(const ByteSource& source) {
  PickleInput input(source, find_magic(source) + kMagic.size());
  read_preface(input);
  const PickleTree tree = read_pickle(input, is_known_python_name);
  LegacyStorages storages(input, tree);
  return ObjectBuilder(tree, source, &storages).root();
}

}  // namespace robiq
