#include "robiq/io/safetensors.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "robiq/core/files/files.h"
#include "support/errors.h"

namespace robiq {
namespace safetensors_test {

namespace fs = std::filesystem;

constexpr const char* kMend = "get the file again, or write it again";

std::string length_text(std::uint64_t length) {
  return {reinterpret_cast<const char*>(&length), sizeof(length)};
}

/// A file with that header and `data_bytes` bytes after it.
std::string file_of(const std::string& json, std::size_t data_bytes, char fill = '\0') {
  return length_text(json.size()) + json + std::string(data_bytes, fill);
}

class Safetensors : public testing::Test {
 protected:
  SafetensorsFile read(const std::string& bytes) {
    write_file(file_, bytes);
    return read_safetensors(file_);
  }
  std::string written(const SafetensorsFile& contents) {
    write_safetensors(file_, contents);
    return read_file(file_, 1 << 20);
  }
  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "model.safetensors";
};

TEST_F(Safetensors, EveryTypeComesBack) {
  SafetensorsFile contents;
  const at::Tensor values = at::tensor({-3.0, 0.0, 0.5, 100.0, 1.0, 2.0}, at::kDouble).view({2, 3});
  for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong,
                                    at::kInt, at::kShort, at::kChar, at::kByte, at::kBool}) {
    contents.tensors[at::toString(type)] = values.abs().to(type);
  }
  contents.tensors["negative"] = values.to(at::kChar);
  const double nan = std::nan("");
  contents.tensors["odd"] = at::tensor({nan, INFINITY, -0.0, 5e-324}, at::kDouble);
  contents.metadata = {{"card", "{\"name\": \"cnniqa\"}"}, {"é\n", ""}};
  write_safetensors(file_, contents);
  const SafetensorsFile back = read_safetensors(file_);
  EXPECT_EQ(back.metadata, contents.metadata);
  ASSERT_EQ(back.tensors.size(), contents.tensors.size());
  for (const auto& [name, tensor] : contents.tensors) {
    SCOPED_TRACE(name);
    const at::Tensor& other = back.tensors.at(name);
    EXPECT_EQ(other.scalar_type(), tensor.scalar_type());
    EXPECT_EQ(other.sizes(), tensor.sizes());
    EXPECT_TRUE(other.is_contiguous());
    EXPECT_EQ(std::memcmp(other.data_ptr(), tensor.data_ptr(), tensor.nbytes()), 0);
  }
}

TEST_F(Safetensors, ScalarsAndEmptyTensorsComeBack) {
  write_safetensors(file_, {.tensors = {{"a", at::empty({0})},
                                        {"b", at::full({}, 3, at::kLong)},
                                        {"c", at::empty({4, 0, 7}, at::kByte)},
                                        {"d", at::ones({1})}},
                            .metadata = {}});
  const TensorMap back = read_safetensors(file_).tensors;
  EXPECT_EQ(back.at("a").sizes(), at::IntArrayRef({0}));
  EXPECT_EQ(back.at("b").dim(), 0);
  EXPECT_EQ(back.at("b").item<std::int64_t>(), 3);
  EXPECT_EQ(back.at("c").sizes(), at::IntArrayRef({4, 0, 7}));
  EXPECT_EQ(back.at("d").item<float>(), 1);
}

TEST_F(Safetensors, NothingComesBackAsNothing) {
  write_safetensors(file_, {});
  const SafetensorsFile back = read_safetensors(file_);
  EXPECT_TRUE(back.tensors.empty());
  EXPECT_TRUE(back.metadata.empty());
}

TEST_F(Safetensors, ViewsAreWrittenAsTheyLook) {
  const at::Tensor grid = at::arange(6, at::kFloat).view({2, 3});
  write_safetensors(
      file_, {.tensors = {{"t", grid.t()}, {"g", grid.clone().requires_grad_()}}, .metadata = {}});
  const TensorMap back = read_safetensors(file_).tensors;
  EXPECT_TRUE(at::equal(back.at("t"), grid.t()));
  EXPECT_FALSE(back.at("g").requires_grad());
}

// The header is written out by hand: other programs must find it exactly so.
TEST_F(Safetensors, BytesAreThoseOfTheFormat) {
  const std::string json =
      R"({"__metadata__":{"k":"v"},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
      R"("b":{"dtype":"F32","shape":[],"data_offsets":[3,7]}})";
  const std::size_t padded = (json.size() + 7) / 8 * 8;
  const SafetensorsFile contents{
      .tensors = {{"b", at::full({}, 1.0F)}, {"a", at::tensor({1, 2, 3}, at::kByte)}},
      .metadata = {{"k", "v"}}};
  EXPECT_EQ(written(contents), length_text(padded) + json + std::string(padded - json.size(), ' ') +
                                   std::string("\1\2\3\0\0\x80\x3F", 7));
  EXPECT_EQ(written(contents), written(contents));
}

TEST_F(Safetensors, ReadsOrdersAndSpacesOfOthers) {
  const SafetensorsFile back = read(file_of(
      "{ \"z\" : {\"data_offsets\":[0,1], \"shape\":[1,1],\"dtype\":\"BOOL\"},\n"
      "\"a\":{\"dtype\":\"I16\",\"shape\":[1],\"data_offsets\":[1,3]}, \"__metadata__\": {} }   ",
      3, '\1'));
  EXPECT_TRUE(back.tensors.at("z").item<bool>());
  EXPECT_EQ(back.tensors.at("a").item<std::int16_t>(), 257);
}

TEST_F(Safetensors, WhatIsNoFileIsAModelError) {
  expect_error(ErrorKind::kModel,
               {"there is no file '" + file_.string() + "'", "", "check the path"},
               [&] { (void)read_safetensors(file_); });
  expect_error(ErrorKind::kModel, {"it is not an ordinary file", folder_.path().string(), kMend},
               [&] { (void)read_safetensors(folder_.path()); });
}

TEST_F(Safetensors, WhatTheFormatLacksIsABugOfOurs) {
  const auto expect_bug = [&](const SafetensorsFile& contents, const std::string& what) {
    expect_error(ErrorKind::kInternal, {what, file_.string(), "cannot hold that"},
                 [&] { write_safetensors(file_, contents); });
    EXPECT_FALSE(fs::exists(file_));
  };
  expect_bug({.tensors = {{"a", at::zeros({1}, at::kComplexFloat)}}, .metadata = {}},
             "tensor 'a' has the type ComplexFloat");
  expect_bug({.tensors = {{"a", at::Tensor()}}, .metadata = {}}, "'a' is undefined or not dense");
  expect_bug({.tensors = {{"__metadata__", at::ones({1})}}, .metadata = {}},
             "no tensor may be called '__metadata__'");
  expect_bug({.tensors = {}, .metadata = {{"k", "\xFF"}}}, "a metadata text is not UTF-8");
}

TEST_F(Safetensors, AFolderThatCannotBeWrittenIsADataError) {
  write_file(folder_.path() / "file", "x");
  expect_error(ErrorKind::kData,
               {"cannot make the folder", "file", "check that every part of the path is a folder"},
               [&] { write_safetensors(folder_.path() / "file" / "a.safetensors", {}); });
}

}  // namespace safetensors_test
}  // namespace robiq
