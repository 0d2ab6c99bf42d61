#pragma once
#include <hdf5.h>

#include <utility>

namespace robiq {

/// What H5Oget_info2 fills in: HDF5 1.12 gave the old name to another structure.
#if H5_VERSION_GE(1, 12, 0)
using Hdf5ObjectInfo = H5O_info1_t;
#else
using Hdf5ObjectInfo = H5O_info_t;
#endif

/// An HDF5 identifier, closed when it goes out of scope.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Hdf5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;

  [[nodiscard]] bool valid() const noexcept { return id_ >= 0; }
  [[nodiscard]] hid_t get() const noexcept { return id_; }

 private:
  hid_t id_;
  Close close_;
};

/// Elements of a dataspace, which is closed; -1 when it is none.
[[nodiscard]] inline hssize_t hdf5_points(hid_t space) {
  const Hdf5Handle handle(space, H5Sclose);
  return handle.valid() ? H5Sget_simple_extent_npoints(space) : -1;
}

/// Keeps HDF5 from printing its error stack to stderr while it lives.
class Hdf5Silence {
 public:
  Hdf5Silence() {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Hdf5Silence() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }
  Hdf5Silence(const Hdf5Silence&) = delete;
  Hdf5Silence& operator=(const Hdf5Silence&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

}  // namespace robiq
