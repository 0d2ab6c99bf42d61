#include "robiq/io/matlab/mat.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "robiq/core/files/files.h"
#include "support/errors.h"
#include "support/mat5_bytes.h"
#include "support/mat_writer.h"

namespace robiq {
namespace mat_test {

namespace fs = std::filesystem;
using test::Mat5Bytes;

constexpr const char* kMend = "get the file again";

class Mat : public testing::Test {
 protected:
  ObjectPtr read(const std::string& bytes) {
    std::ofstream(file_, std::ios::binary) << bytes;
    return read_mat(file_);
  }
  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "a.mat";
};

TEST_F(Mat, Version73IsRefusedWithTheWayOut) {
  expect_error(ErrorKind::kModel,
               {"it is a MATLAB file of version 7.3, which robiq does not read", file_.string(),
                "save it again as version 7: in MATLAB, save(..., '-v7')"},
               [&] { (void)read(Mat5Bytes().header(0x0200)); });
}

TEST_F(Mat, WhatIsNoMatlabFileIsAModelError) {
  expect_error(ErrorKind::kModel, {"there is no file '", "", "check the path"},
               [&] { (void)read_mat(file_); });
  expect_error(ErrorKind::kModel, {"it is not an ordinary file", folder_.path().string(), "*"},
               [&] { (void)read_mat(folder_.path()); });
  for (const std::string& bytes : {std::string(), std::string("PK\3\4"), std::string(500, '\0'),
                                   Mat5Bytes().header(0x0300), Mat5Bytes(true).header(0x0200)}) {
    expect_error(ErrorKind::kModel, {"it is not a MATLAB file of version 5", file_.string(), kMend},
                 [&] { (void)read(bytes); });
  }
}

using test::Given;
using test::MatForm;
INSTANTIATE_TEST_SUITE_P(All, MatForm, test::kEveryForm, test::form_name);

const at::Tensor& tensor_of(const Object* object) { return *object->get_if<at::Tensor>(); }
const std::string& text_of(const Object* object) { return *object->get_if<std::string>(); }

// LIVE Challenge's own files: names in a cell [1169,1], scores in a double [1,1169].
TEST_P(MatForm, ReadsTheLayoutOfLiveChallenge) {
  std::vector<Given> names;
  std::vector<double> scores;
  for (int i = 0; i < 1169; ++i) {
    names.push_back(Given::text(
        nullptr, i < 7 ? "t" + std::to_string(i + 1) + ".bmp" : std::to_string(i - 4) + ".JPG"));
    scores.push_back(3.42 + 0.07 * i);
  }
  const ObjectPtr root = written({Given::cell("AllImages_release", {1169, 1}, names),
                                  Given::doubles("AllMOS_release", {1, 1169}, scores)});
  ASSERT_EQ(root->get_if<Object::Dict>()->size(), 2U);
  const auto& cells = *root->find("AllImages_release")->get_if<Object::List>();
  ASSERT_EQ(cells.size(), 1169U);
  EXPECT_EQ(text_of(cells[0].get()), "t1.bmp");
  EXPECT_EQ(text_of(cells[1168].get()), "1164.JPG");
  const at::Tensor& mos = tensor_of(root->find("AllMOS_release"));
  EXPECT_EQ(mos.sizes(), at::IntArrayRef({1, 1169}));
  EXPECT_TRUE(at::equal(mos, at::tensor(scores, at::kDouble).view({1, 1169})));
}

template <class T>
Given three_by_two(const char* name, matio_classes kind, matio_types type) {
  const std::vector<T> data{1, 2, 3, 4, 5, static_cast<T>(-6)};
  return Given::numbers(name, kind, type, {3, 2}, data.data());
}

TEST_P(MatForm, EveryClassOfNumbersComesBackInCOrder) {
  const std::uint8_t flags[] = {1, 0, 0, 1};
  const ObjectPtr root =
      written({three_by_two<double>("d", MAT_C_DOUBLE, MAT_T_DOUBLE),
               three_by_two<float>("s", MAT_C_SINGLE, MAT_T_SINGLE),
               three_by_two<std::int8_t>("i8", MAT_C_INT8, MAT_T_INT8),
               three_by_two<std::int16_t>("i16", MAT_C_INT16, MAT_T_INT16),
               three_by_two<std::int32_t>("i32", MAT_C_INT32, MAT_T_INT32),
               three_by_two<std::int64_t>("i64", MAT_C_INT64, MAT_T_INT64),
               three_by_two<std::uint8_t>("u8", MAT_C_UINT8, MAT_T_UINT8),
               three_by_two<std::uint16_t>("u16", MAT_C_UINT16, MAT_T_UINT16),
               three_by_two<std::uint32_t>("u32", MAT_C_UINT32, MAT_T_UINT32),
               Given::numbers("flags", MAT_C_UINT8, MAT_T_UINT8, {1, 4}, flags, MAT_F_LOGICAL)});
  const auto expect = [&](const char* name, at::ScalarType type, std::int64_t last) {
    SCOPED_TRACE(name);
    const at::Tensor& tensor = tensor_of(root->find(name));
    EXPECT_EQ(tensor.scalar_type(), type);
    EXPECT_TRUE(tensor.is_contiguous());
    const at::Tensor wanted = at::tensor({1L, 4L, 2L, 5L, 3L, last}, at::kLong).view({3, 2});
    EXPECT_TRUE(at::equal(tensor.to(at::kLong), wanted)) << tensor;
  };
  expect("d", at::kDouble, -6);
  expect("s", at::kFloat, -6);
  expect("i8", at::kChar, -6);
  expect("i16", at::kShort, -6);
  expect("i32", at::kInt, -6);
  expect("i64", at::kLong, -6);
  expect("u8", at::kByte, 250);
  expect("u16", at::kInt, 65530);
  expect("u32", at::kLong, 4294967290);
  EXPECT_TRUE(at::equal(tensor_of(root->find("flags")),
                        at::tensor({1, 0, 0, 1}).to(at::kBool).view({1, 4})));
}

TEST_P(MatForm, Unsigned64ComesBackUpTo63Bits) {
  const std::uint64_t fits[] = {7, (1ULL << 63) - 1}, large[] = {7, 1ULL << 63};
  const ObjectPtr root = written({Given::numbers("x", MAT_C_UINT64, MAT_T_UINT64, {1, 2}, fits)});
  EXPECT_EQ(tensor_of(root->find("x"))[0][1].item<std::int64_t>(), INT64_MAX);
  expect_error(ErrorKind::kModel,
               {"a number of it is above 2^63 - 1", file_.string() + ", 'x'", kMend}, [&] {
                 (void)written({Given::numbers("x", MAT_C_UINT64, MAT_T_UINT64, {1, 2}, large)});
               });
}

TEST_P(MatForm, ThreeDimensionsAndNoneComeBack) {
  std::vector<double> data(24);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<double>(i);
  const ObjectPtr root =
      written({Given::doubles("cube", {2, 3, 4}, data), Given::doubles("none", {0, 3}, {})});
  const at::Tensor wanted = at::arange(24, at::kDouble).view({4, 3, 2}).permute({2, 1, 0});
  EXPECT_TRUE(at::equal(tensor_of(root->find("cube")), wanted));
  EXPECT_EQ(tensor_of(root->find("none")).sizes(), at::IntArrayRef({0, 3}));
}

TEST_P(MatForm, StructsAreDictsAndTheirArraysLists) {
  const ObjectPtr root = written(
      {Given::structs("one", {1, 1}, {"mos", "name"},
                      {Given::doubles(nullptr, {1, 1}, {5}), Given::text(nullptr, "a.png")}),
       Given::structs(
           "two", {1, 2}, {"n"},
           {Given::doubles(nullptr, {1, 1}, {7}),
            Given::structs(nullptr, {1, 1}, {"deep"}, {Given::doubles(nullptr, {1, 1}, {8})})})});
  const Object* const one = root->find("one");
  EXPECT_EQ(tensor_of(one->find("mos")).item<double>(), 5);
  EXPECT_EQ(text_of(one->find("name")), "a.png");
  const auto& two = *root->find("two")->get_if<Object::List>();
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(tensor_of(two[0]->find("n")).item<double>(), 7);
  EXPECT_EQ(tensor_of(two[1]->find("n")->find("deep")).item<double>(), 8);
}

TEST_P(MatForm, CellsHoldAnythingInColumnMajorOrder) {
  const ObjectPtr root =
      written({Given::cell("c", {2, 2},
                           {Given::text(nullptr, "a"), Given::doubles(nullptr, {1, 2}, {1, 2}),
                            Given::cell(nullptr, {1, 1}, {Given::text(nullptr, "inside")}),
                            Given::doubles(nullptr, {0, 0}, {})})});
  const auto& cells = *root->find("c")->get_if<Object::List>();
  ASSERT_EQ(cells.size(), 4U);
  EXPECT_EQ(text_of(cells[0].get()), "a");
  EXPECT_EQ(tensor_of(cells[1].get()).sizes(), at::IntArrayRef({1, 2}));
  EXPECT_EQ(text_of(cells[2]->get_if<Object::List>()->at(0).get()), "inside");
  EXPECT_EQ(tensor_of(cells[3].get()).numel(), 0);
}

TEST_P(MatForm, ComplexNumbersAreRefused) {
  double re[] = {1}, im[] = {2};
  mat_complex_split_t parts{re, im};
  expect_error(ErrorKind::kModel,
               {"it is complex, which is not read", file_.string() + ", 'z'", kMend}, [&] {
                 (void)written({Given::numbers("z", MAT_C_DOUBLE, MAT_T_DOUBLE, {1, 1}, &parts,
                                               MAT_F_COMPLEX)});
               });
}

// Data sets are read-only more often than not.
TEST_P(MatForm, AReadOnlyFileIsReadAndStaysAsItIs) {
  (void)written({Given::doubles("x", {1, 1}, {1})});
  const std::string before = sha256_of_file(file_);
  fs::permissions(file_, fs::perms::owner_read);
  EXPECT_EQ(tensor_of(read_mat(file_)->find("x")).item<double>(), 1);
  EXPECT_EQ(sha256_of_file(file_), before);
}

TEST_F(Mat, TextsOfEveryEncodingAreUtf8) {
  const Mat5Bytes mat;
  const std::string smile = "\xF0\x9F\x99\x82", e = "\xC3\xA9";
  const auto chars = [&](const char* name, unsigned type, std::vector<std::uint64_t> shape,
                         const std::string& data) {
    return mat.array(4, std::move(shape), name, mat.element(type, data));
  };
  const ObjectPtr root =
      read(mat.header() + chars("utf16", 17, {1, 3}, mat.numbers({0xE9, 0xD83D, 0xDE42}, 2)) +
           chars("uint16", 4, {1, 2}, mat.numbers({0xE9, 'b'}, 2)) +
           chars("utf8", 16, {1, 3}, e + smile) +
           chars("latin1", 2, {1, 2},
                 "\xE9"
                 "b") +
           chars("rows", 4, {2, 2}, mat.numbers({'a', 'c', 'b', ' '}, 2)) +
           chars("none", 4, {0, 0}, ""));
  EXPECT_EQ(text_of(root->find("utf16")), e + smile);
  EXPECT_EQ(text_of(root->find("uint16")), e + "b");
  EXPECT_EQ(text_of(root->find("utf8")), e + smile);
  EXPECT_EQ(text_of(root->find("latin1")), e + "b");
  const auto& rows = *root->find("rows")->get_if<Object::List>();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(text_of(rows[0].get()), "ab");
  EXPECT_EQ(text_of(rows[1].get()), "c ");
  EXPECT_EQ(text_of(root->find("none")), "");
  for (const std::string& bad :
       {chars("x", 17, {1, 1}, mat.number(0xD83D, 2)), chars("x", 16, {1, 1}, "\xE9"),
        chars("x", 17, {1, 2}, mat.numbers({0xDE42, 0xD83D}, 2)),
        chars("x", 17, {1, 2}, mat.numbers({'a', 0}, 2)), chars("x", 16, {2, 1}, e + "a")}) {
    expect_error(ErrorKind::kModel,
                 {"its characters cannot be read as text", file_.string() + ", 'x'", kMend},
                 [&] { (void)read(mat.header() + bad); });
  }
}

TEST_F(Mat, BigEndianFilesAndEmptyCellsAreRead) {
  for (const bool packed : {false, true}) {
    const Mat5Bytes mat(true);
    const std::string cell =
        mat.array(1, {1, 3}, "c",
                  mat.text("", "a.png") + mat.element(14, "") + mat.doubles("", {1ULL << 62}));
    const std::string x = mat.array(6, {1, 2}, "x", mat.small(3, mat.numbers({5, 0xFFFE}, 2)));
    const ObjectPtr root =
        read(mat.header() + (packed ? mat.packed(cell) + mat.packed(x) : cell + x));
    const auto& cells = *root->find("c")->get_if<Object::List>();
    ASSERT_EQ(cells.size(), 3U);
    EXPECT_EQ(text_of(cells[0].get()), "a.png");
    EXPECT_EQ(tensor_of(cells[1].get()).sizes(), at::IntArrayRef({0, 0}));
    EXPECT_EQ(tensor_of(cells[2].get()).item<double>(), 2);
    EXPECT_TRUE(
        at::equal(tensor_of(root->find("x")), at::tensor({5.0, -2.0}, at::kDouble).view({1, 2})));
  }
}

}  // namespace mat_test
}  // namespace robiq
