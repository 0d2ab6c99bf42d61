// Files of version 7.3, laid out as MATLAB does and as an enemy would: HDF5 written directly.
#ifdef ROBIQ_HAVE_MATIO
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "robiq/core/files.h"
#include "robiq/io/mat.h"
#include "robiq/io/mat_check.h"
#include "support/errors.h"
#include "support/mat73_writer.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Shape = std::vector<hsize_t>;

using Writer = test::Mat73Writer;

class Mat73 : public testing::Test {
 protected:
  void write(const std::function<void(Writer&)>& fill) {
    Writer writer(file_);
    fill(writer);
    writer.finish();
  }
  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "a.mat";
};

// LinearityIQA's CLIVEinfo.mat: im_names are references to UTF-16, index is chunked and deflated,
// and HDF5's shapes are MATLAB's turned around.
TEST_F(Mat73, ReadsTheLayoutOfCliveInfo) {
  constexpr hsize_t kImages = 50, kTrials = 20;
  write([&](Writer& out) {
    std::vector<hobj_ref_t> names;
    for (hsize_t i = 0; i < kImages; ++i) {
      const std::string name = "#refs#/r" + std::to_string(i);
      out.text(name, i == 1 ? u"\u00e9.bmp" : u"100.bmp");
      names.push_back(out.reference(name));
    }
    (void)out.dataset("im_names", "cell", H5T_STD_REF_OBJ, {1, kImages}, names.data());
    std::vector<double> index(kImages * kTrials), scores(kImages, 3.42);
    for (std::size_t i = 0; i < index.size(); ++i) index[i] = static_cast<double>(i);
    scores[1] = 92.43;
    const Hdf5Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    const hsize_t chunk[] = {8, kTrials};
    H5Pset_chunk(plan.get(), 2, chunk);
    H5Pset_deflate(plan.get(), 3);
    (void)out.dataset("index", "double", H5T_NATIVE_DOUBLE, {kImages, kTrials}, index.data(),
                      plan.get());
    (void)out.doubles("subjective_scores", {1, kImages}, scores);
  });
  const ObjectPtr root = read_mat(file_);
  ASSERT_EQ(root->get_if<Object::Dict>()->size(), 3U);
  const auto& names = *root->find("im_names")->get_if<Object::List>();
  ASSERT_EQ(names.size(), kImages);
  EXPECT_EQ(*names[0]->get_if<std::string>(), "100.bmp");
  EXPECT_EQ(*names[1]->get_if<std::string>(), "\xC3\xA9.bmp");
  const at::Tensor& index = *root->find("index")->get_if<at::Tensor>();
  EXPECT_TRUE(at::equal(index, at::arange(1000, at::kDouble).view({50, 20}).t()));
  const at::Tensor& scores = *root->find("subjective_scores")->get_if<at::Tensor>();
  EXPECT_EQ(scores.sizes(), at::IntArrayRef({50, 1}));
  EXPECT_EQ(scores[1][0].item<double>(), 92.43);
}

TEST_F(Mat73, StructsAndEmptyArraysAsMatlabWritesThem) {
  write([](Writer& out) {
    const Hdf5Handle s = out.group("s", "struct");
    out.fields(s.get(), {"mos", "name"});
    (void)out.doubles("s/mos", {1, 1}, {5});
    out.text("s/name", u"a.png");
    const std::uint64_t shape[] = {0, 0};
    for (const char* name : {"none", "#refs#/a"}) {
      const Hdf5Handle id = out.dataset(name, name[0] == 'n' ? "double" : "canonical empty",
                                        H5T_NATIVE_UINT64, {2}, shape);
      out.attribute(id.get(), "MATLAB_empty", {1});
    }
    const hobj_ref_t empty = out.reference("#refs#/a");
    (void)out.dataset("c", "cell", H5T_STD_REF_OBJ, {1, 1}, &empty);
  });
  const ObjectPtr root = read_mat(file_);
  EXPECT_EQ(root->find("s")->find("mos")->get_if<at::Tensor>()->item<double>(), 5);
  EXPECT_EQ(*root->find("s")->find("name")->get_if<std::string>(), "a.png");
  EXPECT_EQ(root->find("none")->get_if<at::Tensor>()->sizes(), at::IntArrayRef({0, 0}));
  EXPECT_EQ(root->find("c")->get_if<Object::List>()->at(0)->get_if<at::Tensor>()->numel(), 0);
}

struct Hostile {
  const char* name;
  std::function<void(Writer&)> fill;
  std::string what;

  friend void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
};

class HostileMat73 : public Mat73, public testing::WithParamInterface<Hostile> {};

TEST_P(HostileMat73, IsRefused) {
  write(GetParam().fill);
  expect_error(ErrorKind::kModel,
               {GetParam().what, file_.string() + ", 'x'", "get the file again, or save it"},
               [&] { (void)check_mat73(file_, {.bytes = 1 << 20, .arrays = 5000}); });
}

std::string hostile_name(const testing::TestParamInfo<Hostile>& test) { return test.param.name; }

/// x, a double, with one attribute more.
std::function<void(Writer&)> marked(const char* attribute, const std::vector<int>& values) {
  return [=](Writer& out) {
    out.attribute(out.doubles("x", {1, 1}, {1}).get(), attribute, values);
  };
}

/// x, of that class, stored in that way.
std::function<void(Writer&)> stored(const std::string& kind, const std::function<hid_t()>& type,
                                    const Shape& shape) {
  return [=](Writer& out) { (void)out.dataset("x", kind, type(), shape, nullptr); };
}
hid_t real() { return H5T_NATIVE_DOUBLE; }

/// x, a cell that holds itself, twice.
void endless_cell(Writer& out) {
  const Hdf5Handle id = out.dataset("x", "cell", H5T_STD_REF_OBJ, {2, 1}, nullptr);
  const hobj_ref_t self[] = {out.reference("x"), out.reference("x")};
  H5Dwrite(id.get(), H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, self);
}

void elsewhere(Writer& out) {
  const Hdf5Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_external(plan.get(), "/etc/passwd", 0, 8);
  (void)out.dataset("x", "double", H5T_NATIVE_DOUBLE, {1, 1}, nullptr, plan.get());
}

void structure(Writer& out, const std::vector<std::string>& listed, const Shape& second) {
  const Hdf5Handle x = out.group("x", "struct");
  out.fields(x.get(), listed);
  (void)out.doubles("a", {1, 1}, {1});
  const std::vector<hobj_ref_t> references(4, out.reference("a"));
  (void)out.dataset("x/a", "", H5T_STD_REF_OBJ, {1, 2}, references.data());
  (void)out.dataset("x/b", "", H5T_STD_REF_OBJ, second, references.data());
}

INSTANTIATE_TEST_SUITE_P(
    Values, HostileMat73,
    testing::Values(
        Hostile{"NoClass", stored("", real, {1, 1}), "it has no MATLAB_class"},
        Hostile{"UnknownClass", stored("table", real, {1, 1}), "it is of the class 'table'"},
        Hostile{"ClassTooLong", stored(std::string(300, 'x'), real, {1, 1}),
                "its MATLAB_class is damaged"},
        Hostile{"GlobalIsMany", marked("MATLAB_global", {1, 2, 3}), "its MATLAB_global is damaged"},
        Hostile{"EmptyIsMany", marked("MATLAB_empty", std::vector<int>(99)),
                "its MATLAB_empty is damaged"},
        Hostile{"EmptyIsNot", marked("MATLAB_empty", {1}), "its MATLAB_empty is not true"},
        Hostile{"Sparse", marked("MATLAB_sparse", {1}), "it is an object, a table or sparse"},
        Hostile{"AnObject", marked("MATLAB_object_decode", {3}), "it is an object, a table or"},
        Hostile{"TextAsBytes", stored("char", real, {1, 1}), "its text is not UTF-16"},
        Hostile{"TextOfOneSide", stored("char", [] { return H5T_NATIVE_UINT16; }, {4}),
                "its text has more than two dimensions"},
        Hostile{"CellOfNumbers", stored("cell", real, {1, 1}), "a cell of it holds no references"},
        Hostile{"WholeAsReal", stored("int32", real, {1, 1}), "not stored as its class wants"},
        Hostile{"LogicalWithoutDecode", stored("logical", [] { return H5T_NATIVE_UINT8; }, {1, 1}),
                "its logical values are not stored as bytes"},
        Hostile{"HugeShape", stored("double", real, {1 << 20, 1 << 20}),
                "the file would need more memory than is allowed"},
        Hostile{"ThirteenSides", stored("double", real, Shape(13, 1)), "no sides or more than 12"}),
    hostile_name);

INSTANTIATE_TEST_SUITE_P(
    Ways, HostileMat73,
    testing::Values(
        Hostile{"CellHoldsItself", endless_cell, "nested too deep, or in themselves"},
        Hostile{"GroupIsNoStruct", [](Writer& out) { (void)out.group("x", "double"); },
                "a group of it is no struct"},
        Hostile{"NumbersElsewhere", elsewhere, "its numbers stand in another file"},
        Hostile{"FieldNotListed",
                [](Writer& out) {
                  structure(out, {"a"}, {1, 2});
                },
                "has not the fields that it lists"},
        Hostile{"FieldMissing",
                [](Writer& out) {
                  structure(out, {"a", "b", "c"}, {1, 2});
                },
                "has not the fields that it lists"},
        Hostile{"FieldTwice",
                [](Writer& out) {
                  structure(out, {"a", "b", "a"}, {1, 2});
                },
                "a field of it stands there twice"},
        Hostile{"FieldsOfTwoShapes",
                [](Writer& out) {
                  structure(out, {"a", "b"}, {1, 4});
                },
                "the fields of its structs are not of one shape"},
        Hostile{"FieldsAreNumbers",
                [](Writer& out) {
                  out.attribute(out.group("x", "struct").get(), "MATLAB_fields", {1, 2});
                },
                "its MATLAB_fields are damaged"},
        Hostile{"Filter",
                [](Writer& out) {
                  const Hdf5Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
                  const hsize_t chunk[] = {1, 1};
                  H5Pset_chunk(plan.get(), 2, chunk);
                  H5Pset_scaleoffset(plan.get(), H5Z_SO_FLOAT_DSCALE, 2);
                  (void)out.dataset("x", "double", H5T_NATIVE_DOUBLE, {1, 1}, nullptr, plan.get());
                },
                "it is packed by a filter that is not read"}),
    hostile_name);

// HDF5 looks for an object's name in every group, and would not come back.
TEST_F(Mat73, AGroupThatHoldsItselfIsRefused) {
  write([](Writer& out) {
    (void)out.group("x", "struct");
    H5Lcreate_hard(out.root(), "x", out.root(), "x/inside", H5P_DEFAULT, H5P_DEFAULT);
  });
  expect_error(ErrorKind::kModel, {"it has a group that holds itself", file_.string(), "*"},
               [&] { (void)read_mat(file_); });
}

TEST_F(Mat73, LinksOutOfTheFileAreRefused) {
  for (const bool soft : {false, true}) {
    write([&](Writer& out) {
      if (soft) {
        H5Lcreate_soft("/nowhere", out.root(), "x", H5P_DEFAULT, H5P_DEFAULT);
      } else {
        H5Lcreate_external("/etc/passwd", "/x", out.root(), "x", H5P_DEFAULT, H5P_DEFAULT);
      }
    });
    expect_error(ErrorKind::kModel, {"it has a link out of itself", file_.string(), "*"},
                 [&] { (void)check_mat73(file_); });
  }
}

// Two references in each of 20 cells, to the next: a million arrays in a small file.
TEST_F(Mat73, ArraysAreCountedEachTimeTheyAreReferredTo) {
  write([](Writer& out) {
    (void)out.doubles("#refs#/0", {1, 1}, {1});
    for (int i = 1; i <= 20; ++i) {
      const std::vector<hobj_ref_t> both(2, out.reference("#refs#/" + std::to_string(i - 1)));
      const std::string name = i < 20 ? "#refs#/" + std::to_string(i) : "x";
      (void)out.dataset(name.c_str(), "cell", H5T_STD_REF_OBJ, {2, 1}, both.data());
    }
  });
  expect_error(ErrorKind::kModel, {"the file has more arrays than are allowed", "'x'", "*"},
               [&] { (void)check_mat73(file_, {.arrays = 10'000}); });
}

TEST_F(Mat73, CellsInCellsAreLimited) {
  write([](Writer& out) {
    (void)out.doubles("#refs#/0", {1, 1}, {1});
    for (int i = 1; i <= 40; ++i) {
      const hobj_ref_t inner = out.reference("#refs#/" + std::to_string(i - 1));
      const std::string name = i < 40 ? "#refs#/" + std::to_string(i) : "x";
      (void)out.dataset(name.c_str(), "cell", H5T_STD_REF_OBJ, {1, 1}, &inner);
    }
  });
  EXPECT_EQ(check_mat73(file_, {.depth = 40}), 1U);
  expect_error(ErrorKind::kModel, {"nested too deep, or in themselves", "'x'", "*"},
               [&] { (void)read_mat(file_); });
}

TEST_F(Mat73, WhatOnlyLooksLikeHdf5IsRefusedInSilence) {
  write_file(file_, test::Mat5Bytes().header(0x0200) + std::string(2000, '\0'));
  testing::internal::CaptureStderr();
  expect_error(ErrorKind::kModel, {"HDF5 cannot open it", file_.string(), "*"},
               [&] { (void)read_mat(file_); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace robiq
#endif
