#pragma once
// MATLAB files of version 7.3 written through HDF5, as MATLAB lays them out or as an enemy would.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "robiq/io/hdf5_handle.h"
#include "support/mat5_bytes.h"

namespace robiq::test {

/// An HDF5 file with MATLAB's 512 bytes in front, being written.
class Mat73Writer {
 public:
  explicit Mat73Writer(const std::filesystem::path& file) : path_(file) {
    const Hdf5Handle plan(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
    H5Pset_userblock(plan.get(), 512);
    file_ = H5Fcreate(file.c_str(), H5F_ACC_TRUNC, plan.get(), H5P_DEFAULT);
  }
  /// Closes it, then writes what stands in front.
  void finish() {
    H5Fclose(file_);
    std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary)
        << Mat5Bytes().header(0x0200);
  }
  [[nodiscard]] hid_t root() const { return file_; }

  void text_attribute(hid_t id, const char* name, const std::string& text) const {
    const Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), text.size());
    const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const Hdf5Handle attribute(
        H5Acreate2(id, name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    H5Awrite(attribute.get(), type.get(), text.data());
  }
  void attribute(hid_t id, const char* name, const std::vector<int>& values) const {
    const hsize_t count = values.size();
    const Hdf5Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Hdf5Handle attribute(
        H5Acreate2(id, name, H5T_NATIVE_INT, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    H5Awrite(attribute.get(), H5T_NATIVE_INT, values.data());
  }
  /// \param kind  its MATLAB_class, or "" for none
  Hdf5Handle dataset(const char* name, const std::string& kind, hid_t type,
                     const std::vector<hsize_t>& shape, const void* data,
                     hid_t plan = H5P_DEFAULT) const {
    const Hdf5Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                           H5Sclose);
    const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links.get(), 1);
    Hdf5Handle id(H5Dcreate2(file_, name, type, space.get(), links.get(), plan, H5P_DEFAULT),
                  H5Dclose);
    EXPECT_TRUE(id.valid());
    if (data != nullptr) H5Dwrite(id.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    if (!kind.empty()) text_attribute(id.get(), "MATLAB_class", kind);
    return id;
  }
  Hdf5Handle doubles(const char* name, const std::vector<hsize_t>& shape,
                     const std::vector<double>& data) const {
    return dataset(name, "double", H5T_NATIVE_DOUBLE, shape, data.data());
  }
  void text(const std::string& name, const std::u16string& text) const {
    const Hdf5Handle id =
        dataset(name.c_str(), "char", H5T_NATIVE_UINT16, {text.size(), 1}, text.data());
    attribute(id.get(), "MATLAB_int_decode", {2});
  }
  [[nodiscard]] hobj_ref_t reference(const std::string& name) const {
    hobj_ref_t reference = 0;
    H5Rcreate(&reference, file_, name.c_str(), H5R_OBJECT, -1);
    return reference;
  }
  Hdf5Handle group(const char* name, const std::string& kind) const {
    Hdf5Handle id(H5Gcreate2(file_, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    if (!kind.empty()) text_attribute(id.get(), "MATLAB_class", kind);
    return id;
  }
  /// The list of a struct's fields.
  void fields(hid_t id, std::vector<std::string> names) const {
    const Hdf5Handle letter(H5Tcopy(H5T_C_S1), H5Tclose),
        type(H5Tvlen_create(letter.get()), H5Tclose);
    std::vector<hvl_t> all;
    for (std::string& name : names) all.push_back({name.size(), name.data()});
    const hsize_t count = all.size();
    const Hdf5Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Hdf5Handle attribute(
        H5Acreate2(id, "MATLAB_fields", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    H5Awrite(attribute.get(), type.get(), all.data());
  }

 private:
  std::filesystem::path path_;
  hid_t file_ = H5I_INVALID_HID;
};

}  // namespace robiq::test
