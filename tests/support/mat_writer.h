#pragma once
// MATLAB files as matio writes them: version 5, plain and packed, and 7.3.
#include <gtest/gtest.h>
#include <matio.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/io/matlab/mat.h"

namespace robiq::test {

/// One variable for matio to write, with all that is in it.
class Given {
 public:
  Given(matvar_t* variable) : variable_(variable) {}  // NOLINT: a name for it, nothing more

  static Given numbers(const char* name, matio_classes kind, matio_types type,
                       std::vector<std::size_t> shape, const void* data, int flags = 0) {
    return Mat_VarCreate(name, kind, type, static_cast<int>(shape.size()), shape.data(),
                         const_cast<void*>(data), flags);
  }
  static Given doubles(const char* name, std::vector<std::size_t> shape,
                       const std::vector<double>& data) {
    return numbers(name, MAT_C_DOUBLE, MAT_T_DOUBLE, std::move(shape), data.data());
  }
  static Given text(const char* name, const std::string& text, std::size_t rows = 1) {
    return numbers(name, MAT_C_CHAR, MAT_T_UTF8, {rows, text.size() / rows}, text.data());
  }
  static Given cell(const char* name, std::vector<std::size_t> shape,
                    const std::vector<Given>& inside) {
    std::vector<matvar_t*> all;
    for (const Given& given : inside) all.push_back(given.variable_);
    all.push_back(nullptr);
    return numbers(name, MAT_C_CELL, MAT_T_CELL, std::move(shape), all.data());
  }
  /// \param inside  field after field of the first struct, then of the second
  static Given structs(const char* name, std::vector<std::size_t> shape,
                       std::vector<const char*> fields, const std::vector<Given>& inside) {
    matvar_t* const all = Mat_VarCreateStruct(name, static_cast<int>(shape.size()), shape.data(),
                                              fields.data(), static_cast<unsigned>(fields.size()));
    for (std::size_t i = 0; i < inside.size(); ++i) {
      Mat_VarSetStructFieldByIndex(all, i % fields.size(), i / fields.size(), inside[i].variable_);
    }
    return all;
  }
  [[nodiscard]] matvar_t* get() const { return variable_; }

 private:
  matvar_t* variable_;
};

struct Form {
  const char* name;
  mat_ft version;
  matio_compression compression;

  friend void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }
};

/// A test with one MATLAB file, once for each form.
class MatForm : public testing::TestWithParam<Form> {
 protected:
  void write(const std::vector<Given>& variables) {
    mat_t* const mat = Mat_CreateVer(file_.c_str(), nullptr, GetParam().version);
    ASSERT_NE(mat, nullptr);
    for (const Given& given : variables) {
      EXPECT_EQ(Mat_VarWrite(mat, given.get(), GetParam().compression), 0);
      Mat_VarFree(given.get());
    }
    Mat_Close(mat);
  }
  ObjectPtr written(const std::vector<Given>& variables) {
    write(variables);
    return read_mat(file_);
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "a.mat";
};

inline const auto kEveryForm = testing::Values(Form{"V5", MAT_FT_MAT5, MAT_COMPRESSION_NONE},
                                               Form{"V5Packed", MAT_FT_MAT5, MAT_COMPRESSION_ZLIB});

inline std::string form_name(const testing::TestParamInfo<Form>& info) { return info.param.name; }

}  // namespace robiq::test
