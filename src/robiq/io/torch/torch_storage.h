#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "robiq/io/byte_source.h"
#include "robiq/io/pickle/pickle.h"
#include "robiq/io/pickle/pickle_view.h"

namespace robiq {

/// What a pickle says of a storage that lies outside it: ('storage', type, key, location, elements)
/// and, in the oldest files, (key of the view, offset, elements) within it.
struct TorchStorageName {
  std::string key;
  at::ScalarType type;
  std::int64_t elements = 0;
  std::int64_t view_offset = 0;
  std::int64_t view_elements = 0;

  /// Size of the whole storage.
  [[nodiscard]] std::uint64_t bytes() const;
};

/// Type of the elements of "torch.FloatStorage" and its kin; nothing for other names.
[[nodiscard]] std::optional<at::ScalarType> torch_storage_type(std::string_view name);

/// Reads what stands in a persistent id's place. \throws Error{kModel} when it is no storage, or
/// one that cannot be.
[[nodiscard]] TorchStorageName read_storage_name(const PickleView& view, PicklePersistent from);

/// The storages of one file. Each is read once.
class TorchStorages {
 public:
  struct Storage {
    at::Tensor elements;      ///< one-dimensional
    bool handed_out = false;  ///< a tensor has its memory
  };

  virtual ~TorchStorages() = default;
  /// \throws Error{kModel} when it is missing, or not of that type and size.
  [[nodiscard]] Storage& get(const TorchStorageName& name, const PickleView& view);
  /// Throws Error{kModel} unless the file has that storage with exactly that many bytes.
  virtual void check(const TorchStorageName& name, const PickleView& view) const = 0;
  /// Whether get() would have to read it.
  [[nodiscard]] bool is_new(const std::string& key) const { return !read_.contains(key); }

 private:
  /// Fills `bytes` with all of a storage that passed check().
  virtual void fill(const TorchStorageName& name, void* bytes) const = 0;

  std::map<std::string, Storage> read_;
};

/// Whether it begins with the number that torch.save() wrote before PyTorch 1.6.
[[nodiscard]] bool is_torch_legacy(const ByteSource& source);

/// Reads that form: pickles of the number, the protocol, what the writing machine was, the value
/// and the storages' keys, then for each storage its count of elements and their bytes.
/// \throws Error{kModel}
[[nodiscard]] ObjectPtr read_torch_legacy(const ByteSource& source);

/// Reads the zip form of torch.save(): FOLDER/data.pkl, FOLDER/data/KEY for each storage,
/// FOLDER/version and, since PyTorch 2.1, FOLDER/byteorder. \throws Error{kModel}, for TorchScript
/// archives with the flag that takes them.
[[nodiscard]] ObjectPtr read_torch_zip(std::shared_ptr<const ByteSource> source);

}  // namespace robiq
