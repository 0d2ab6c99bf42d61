#include "robiq/io/pickle/object_builder.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "robiq/io/pickle/pickle_view.h"
#include "robiq/io/safetensors_header.h"
#include "robiq/io/table/table_text.h"

namespace robiq {
namespace {

constexpr std::uint64_t kMaxExpansion = 4'000'000;
constexpr std::size_t kMaxDepth = 100;
constexpr std::uint64_t kFreeBytes = 64ULL << 20;
constexpr std::uint64_t kBytesPerFileByte = 4;

/// torch.dtype: values that stand for themselves.
constexpr std::array<std::string_view, 10> kTorchTypes{
    "torch.float64", "torch.float32", "torch.float16", "torch.bfloat16", "torch.int64",
    "torch.int32",   "torch.int16",   "torch.int8",    "torch.uint8",    "torch.bool"};

/// Classes that only stand among a function's arguments.
constexpr std::array<std::string_view, 5> kTypeNames{
    "numpy.ndarray", "builtins.int", "builtins.float", "builtins.str", "builtins.bool"};

using Functions = std::map<std::string_view, PickleFunction>;

const Functions& functions() {
  static const Functions kAll = [] {
    Functions all;
    for (const auto& some : {python_functions(), torch_functions(), numpy_functions()}) {
      for (const PickleFunction& function : some) all.emplace(function.name, function);
    }
    return all;
  }();
  return kAll;
}

bool is_torch_type(std::string_view name) {
  return std::find(kTorchTypes.begin(), kTorchTypes.end(), name) != kTorchTypes.end();
}

/// A key as text that differs from other keys' texts; "" for what may stand there twice. Nothing
/// for what Python does not take as a key.
std::optional<std::string> identity_of(const Object& key, bool is_tuple) {
  if (const auto* const text = key.get_if<std::string>()) return "s" + *text;
  if (const auto* const bytes = key.get_if<Object::Bytes>()) return "b" + bytes->bytes;
  if (const auto* const number = key.get_if<std::int64_t>()) return "i" + std::to_string(*number);
  if (const auto* const truth = key.get_if<bool>()) return "i" + std::to_string(*truth ? 1 : 0);
  if (key.get_if<Object::None>() != nullptr) return "n";
  if (key.get_if<double>() != nullptr || is_tuple) return "";
  const auto* const tensor = key.get_if<at::Tensor>();
  if (tensor != nullptr && tensor->dim() == 0) return "";  // a NumPy scalar
  return std::nullopt;
}

/// Makes an Object of each kind of node that holds its value itself.
struct PlainValue {
  ObjectBuilder& builder;

  Object::Value operator()(std::monostate) const { return Object::None{}; }
  Object::Value operator()(bool value) const { return value; }
  Object::Value operator()(std::int64_t value) const { return value; }
  Object::Value operator()(double value) const { return value; }
  Object::Value operator()(const PickleText& value) const {
    if (find_non_text(value.text) != std::string_view::npos) {
      builder.refuse("a text is not UTF-8, or holds a NUL");
    }
    return value.text;
  }
  Object::Value operator()(const PickleBytes& value) const { return Object::Bytes{value.bytes}; }
  /// Python 2 had one type for both: what can be text is taken for it.
  Object::Value operator()(const PickleRaw& value) const {
    if (find_non_text(value.bytes) == std::string_view::npos) return value.bytes;
    return Object::Bytes{value.bytes};
  }
  Object::Value operator()(const PickleSequence& value) const { return builder.list(value.items); }
  Object::Value operator()(const PickleDict& value) const { return builder.dict(value.entries); }
  Object::Value operator()(const PickleGlobal& value) const {
    if (is_torch_type(value.name)) return value.name;
    builder.refuse("it holds " + value.name + " itself, where a value should stand");
  }
  Object::Value operator()(const std::unique_ptr<PickleCall>& call) const {
    const std::string_view name = builder.function_of(*call);
    const auto known = functions().find(name);
    if (known == functions().end()) builder.refuse(std::string(name) + " is not a function");
    const PickleFunction& function = known->second;
    if ((call->state && !function.takes_state) ||
        (!call->entries.empty() && !function.takes_entries)) {
      builder.refuse("what " + std::string(name) + " made is changed afterwards");
    }
    return function.make(builder, *call);
  }
  Object::Value operator()(const PicklePersistent&) const {
    builder.refuse("it holds a storage that belongs to no tensor");
  }
};

}  // namespace

bool is_known_python_name(std::string_view name) {
  return functions().contains(name) || is_torch_type(name) || torch_storage_type(name) ||
         std::find(kTypeNames.begin(), kTypeNames.end(), name) != kTypeNames.end();
}

ObjectBuilder::ObjectBuilder(const PickleTree& tree, const ByteSource& source,
                             TorchStorages* storages)
    : PickleView(tree, source),
      storages_(storages),
      built_(tree.nodes.size()),
      being_built_(tree.nodes.size()),
      expanded_(tree.nodes.size()),
      bytes_left_(std::max(kFreeBytes, kBytesPerFileByte * source.size())) {}

ObjectPtr ObjectBuilder::object(PickleId id) {
  if (built_[id] != nullptr) {
    count(expanded_[id]);
    return built_[id];
  }
  if (being_built_[id] != 0) refuse("a value of it contains itself");
  if (depth_ >= kMaxDepth) refuse("its values are nested too deeply");
  const std::uint64_t before = std::exchange(expansion_, 0);
  being_built_[id] = 1;
  ++depth_;
  count(1);
  built_[id] = std::make_shared<const Object>(std::visit(PlainValue{*this}, node(id)));
  --depth_;
  being_built_[id] = 0;
  expanded_[id] = static_cast<std::uint32_t>(expansion_);
  count(before);
  return built_[id];
}

Object::List ObjectBuilder::list(std::span<const PickleId> items) {
  Object::List values;
  for (const PickleId item : items) values.push_back(object(item));
  return values;
}

Object::Dict ObjectBuilder::dict(std::span<const PickleId> entries) {
  Object::Dict dict;
  std::set<std::string> known;
  for (std::size_t i = 0; i + 1 < entries.size(); i += 2) {
    const ObjectPtr key = object(entries[i]);
    const auto* const sequence = as<PickleSequence>(entries[i]);
    const std::optional<std::string> identity =
        identity_of(*key, sequence != nullptr && sequence->kind == PickleSequence::Kind::kTuple);
    if (!identity) refuse("a key of a dict is of a type that cannot be one");
    charge(identity->size());
    if (!identity->empty() && !known.insert(*identity).second) {
      refuse("the key '" + printable_name(identity->substr(1)) + "' stands twice in a dict");
    }
    const std::string* const text = key->get_if<std::string>();
    path_.push_back(text == nullptr ? std::string_view("?") : std::string_view(*text));
    dict.emplace_back(key, object(entries[i + 1]));
    path_.pop_back();
  }
  return dict;
}

std::string ObjectBuilder::encoded(const PickleCall& call) {
  const std::span<const PickleId> given = arguments(call, 2, 2);
  const std::string_view code = text(given[1], "the name of a code");
  if (code != "latin1" && code != "latin-1") refuse("bytes are encoded in what is not latin1");
  const auto* const letters = as<PickleText>(given[0]);
  if (letters == nullptr) refuse("what is to be encoded is not text");
  charge(letters->text.size());
  std::optional<std::string> bytes = encode_latin1(letters->text);
  if (!bytes) refuse("encoded bytes are damaged");
  return std::move(*bytes);
}

std::string ObjectBuilder::bytes(PickleId id, std::string_view what) {
  if (const PickleCall* const maker = call(id)) {
    if (function_of(*maker) == "_codecs.encode") return encoded(*maker);
    if (function_of(*maker) == "builtins.bytes" && arguments(*maker, 0, 0).empty()) return "";
  }
  const auto* const plain = as<PickleBytes>(id);
  const auto* const raw = as<PickleRaw>(id);
  if (plain == nullptr && raw == nullptr) refuse(std::string(what) + " are not bytes");
  const std::string& held = plain != nullptr ? plain->bytes : raw->bytes;
  charge(held.size());
  return held;
}

void ObjectBuilder::charge(std::uint64_t bytes) {
  if (bytes > bytes_left_) refuse("its values would take more memory than a file of its size may");
  bytes_left_ -= bytes;
}

TorchStorages& ObjectBuilder::storages() const {
  if (storages_ == nullptr) refuse("it has a tensor, and no place where its numbers lie");
  return *storages_;
}

std::string ObjectBuilder::place() const {
  std::string keys;
  for (const std::string_view key : path_) {
    keys += keys.empty() ? "" : ".";
    keys += key;
  }
  return keys;
}

void ObjectBuilder::count(std::uint64_t values) {
  expansion_ += values;
  if (expansion_ > kMaxExpansion) refuse("its values would be millions if written out");
}

const Object* Object::find(const std::string& key) const {
  const Dict* const dict = get_if<Dict>();
  if (dict == nullptr) return nullptr;
  for (const auto& [name, held] : *dict) {
    const std::string* const text = name->get_if<std::string>();
    if (text != nullptr && *text == key) return held.get();
  }
  return nullptr;
}

}  // namespace robiq
