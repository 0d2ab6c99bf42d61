// Files as an enemy would write them: each is refused, and the message says why.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "robiq/core/files/files.h"
#include "robiq/io/safetensors.h"
#include "support/errors.h"

namespace robiq {
namespace safetensors_hostile_test {

constexpr const char* kMend = "get the file again, or write it again";

std::string length_text(std::uint64_t length) {
  return {reinterpret_cast<const char*>(&length), sizeof(length)};
}

/// A file with that header and `data_bytes` bytes after it.
std::string file_of(const std::string& json, std::size_t data_bytes, char fill = '\0') {
  return length_text(json.size()) + json + std::string(data_bytes, fill);
}

class HostileFile : public testing::Test {
 protected:
  SafetensorsFile read(const std::string& bytes) {
    std::ofstream(file_, std::ios::binary) << bytes;
    return read_safetensors(file_);
  }
  std::string written(const SafetensorsFile& contents) {
    write_safetensors(file_, contents);
    return read_file(file_, 1 << 20);
  }
  void expect_refused(const std::string& bytes, const std::string& what,
                      const std::string& tensor) {
    const std::string where = file_.string() + (tensor.empty() ? "" : ", '" + tensor + "'");
    expect_error(ErrorKind::kModel, {what, where, kMend}, [&] { (void)read(bytes); });
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "model.safetensors";
};

struct Hostile {
  const char* name;
  std::string bytes, what, tensor;

  friend void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
};

std::string hostile_name(const testing::TestParamInfo<Hostile>& test) { return test.param.name; }

std::string one(const std::string& inside) { return "{\"a\":{" + inside + "}}"; }
std::string f32(const std::string& shape, const std::string& offsets) {
  return one("\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + offsets);
}
std::string pair(const std::string& first, const std::string& second) {
  return "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" + first +
         "},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" + second + "}}";
}

class HostileSafetensors : public HostileFile, public testing::WithParamInterface<Hostile> {};

TEST_P(HostileSafetensors, IsRefused) {
  const Hostile& hostile = GetParam();
  expect_refused(hostile.bytes, hostile.what, hostile.tensor);
}

INSTANTIATE_TEST_SUITE_P(
    Outside, HostileSafetensors,
    testing::Values(
        Hostile{"Empty", "", "it has 0 bytes, too few for a .safetensors file", ""},
        Hostile{"SevenBytes", "1234567", "it has 7 bytes, too few", ""},
        Hostile{"HeaderLongerThanFile", length_text(100) + "{}", "its header would have 100 bytes",
                ""},
        Hostile{"HeaderOver100Megabytes", length_text(100'000'001) + "{}", "100000001 bytes", ""},
        Hostile{"HeaderEmpty", length_text(0), "it stops being JSON at byte", ""},
        Hostile{"SomethingElse", file_of("PK\3\4", 0), "it stops being JSON at byte 0", ""},
        Hostile{"SpaceInFront", file_of(" {}", 0), "it stops being JSON at byte 0", ""},
        Hostile{"JsonCutShort", file_of("{\"a\":{\"dtype\":\"F3", 0), "it stops being JSON at byte",
                "a"},
        Hostile{"TwoValues", file_of("{}{}", 0), "it stops being JSON at byte", ""},
        Hostile{"NoUtf8", file_of("{\"\xFF\":{}}", 0), "it stops being JSON at byte", ""},
        Hostile{"ZerosAfterJson", file_of(std::string("{}\0\0", 4), 0),
                "it stops being JSON at byte 2", ""},
        Hostile{"BytesLeftOver", file_of("{}", 3), "3 bytes at its end belong to no tensor", ""},
        Hostile{"BytesLeftOverBehindATensor", file_of(f32("[1]", "[0,4]"), 9),
                "5 bytes at its end belong to no tensor", ""}),
    hostile_name);

INSTANTIATE_TEST_SUITE_P(
    Structure, HostileSafetensors,
    testing::Values(
        Hostile{"NestedDeep", file_of("{\"a\":" + std::string(100'000, '['), 0), "a list stands",
                "a"},
        Hostile{"TensorIsANumber", file_of("{\"a\":1}", 0), "a number stands where none", "a"},
        Hostile{"TensorIsAText", file_of("{\"a\":\"b\"}", 0), "a text stands where none", "a"},
        Hostile{"TensorIsNull", file_of("{\"a\":null}", 0), "null stands where none", "a"},
        Hostile{"ObjectInTensor", file_of(one("\"shape\":{}"), 0), "an object stands where", "a"},
        Hostile{"UnknownKey", file_of(one("\"stride\":[1]"), 0),
                "'stride' is a key that the format does not have", "a"},
        Hostile{"KeyTwice", file_of(one("\"dtype\":\"F32\",\"dtype\":\"U8\""), 0),
                "'dtype' stands there twice", "a"},
        Hostile{"KeyMissing", file_of(one("\"dtype\":\"F32\",\"shape\":[]"), 4),
                "it needs dtype, shape and data_offsets", "a"},
        Hostile{"NameTwice",
                file_of("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
                        "\"a\":{}}",
                        0),
                "that name stands there twice", "a"},
        Hostile{"MetadataOfNumbers", file_of("{\"__metadata__\":{\"k\":1}}", 0),
                "a number stands where none", "__metadata__"},
        Hostile{"MetadataNested", file_of("{\"__metadata__\":{\"k\":{}}}", 0),
                "an object stands where none", "__metadata__"},
        Hostile{"MetadataKeyTwice", file_of("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0),
                "the metadata key 'k' stands there twice", "__metadata__"},
        Hostile{"MetadataTwice", file_of("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
                "that name stands there twice", "__metadata__"},
        Hostile{"UnprintableName", file_of("{\"\\u001b[2J" + std::string(200, 'x') + "\":1}", 0),
                "a number stands", "?[2J" + std::string(76, 'x') + "..."}),
    hostile_name);

INSTANTIATE_TEST_SUITE_P(
    Layout, HostileSafetensors,
    testing::Values(
        Hostile{"UnknownType",
                file_of(one("\"dtype\":\"F8_E5M2\",\"shape\":[4],"
                            "\"data_offsets\":[0,4]"),
                        4),
                "its type 'F8_E5M2' is one that robiq does not read", "a"},
        Hostile{"NegativeSide", file_of(f32("[-1]", "[0,4]"), 4), "a number is negative", "a"},
        Hostile{"FractionalSide", file_of(f32("[1.0]", "[0,4]"), 4), "a number is not whole", "a"},
        Hostile{"SideBeyond64Bits", file_of(f32("[18446744073709551616]", "[0,4]"), 4),
                "a number is not whole", "a"},
        Hostile{"ShapeOverflows", file_of(f32("[4294967296,4294967296]", "[0,0]"), 0),
                "its shape is too large to be true", "a"},
        Hostile{"ShapeOverflowsBehindAZero", file_of(f32("[0,4294967296,4294967296]", "[0,0]"), 0),
                "its shape is too large to be true", "a"},
        Hostile{"BytesOverflow", file_of(f32("[4611686018427387905]", "[0,4]"), 4),
                "its shape is too large to be true", "a"},
        Hostile{"SideOf130Digits", file_of(f32("[" + std::string(130, '1') + "]", "[0,4]"), 4),
                "a number is not whole", "a"},
        Hostile{"ThreeOffsets", file_of(f32("[1]", "[0,4,8]"), 4), "data_offsets needs two", "a"},
        Hostile{"OffsetsReversed", file_of(f32("[1]", "[4,0]"), 4), "end before they begin", "a"},
        Hostile{"EndBehindFile", file_of(f32("[2]", "[0,8]"), 4), "runs past the end", "a"},
        Hostile{"EndFarBehindFile",
                file_of(f32("[1]", "[18446744073709551612,18446744073709551615]"), 4),
                "runs past the end of the file", "a"},
        Hostile{"TooFewBytes", file_of(f32("[2]", "[0,4]"), 4),
                "its shape needs 8 bytes, and it has 4 bytes", "a"},
        Hostile{"TooManyBytes", file_of(f32("[]", "[0,8]"), 8),
                "its shape needs 4 bytes, and it has 8 bytes", "a"},
        Hostile{"HoleInFront", file_of(f32("[1]", "[4,8]"), 8), "there is a hole in front", "a"},
        Hostile{"HoleBetween", file_of(pair("[0,4]", "[6,10]"), 10), "there is a hole", "b"},
        Hostile{"Overlap", file_of(pair("[0,4]", "[2,6]"), 6), "overlap another tensor's", "b"},
        Hostile{"SamePlace", file_of(pair("[0,4]", "[0,4]"), 4), "overlap another tensor's", "b"},
        Hostile{"BoolIsTwo",
                file_of(one("\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]"), 1, '\2'),
                "a truth value is something other than 0 and 1", "a"}),
    hostile_name);

TEST_F(HostileFile, MoreThan64SidesAreRefused) {
  std::string shape = "[1";
  for (int i = 0; i < 64; ++i) shape += ",1";
  expect_refused(file_of(f32(shape + "]", "[0,4]"), 4), "'shape' has more than 64 numbers", "a");
}

TEST_F(HostileFile, EveryShorterFileIsRefused) {
  const std::string whole =
      written({.tensors = {{"a", at::ones({3})}, {"b", at::ones({2})}}, .metadata = {{"k", "v"}}});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    EXPECT_THROW((void)read(whole.substr(0, length)), Error);
  }
  EXPECT_NO_THROW((void)read(whole));
}

// Whatever one flipped bit does, it does not crash and gives tensors or an Error.
TEST_F(HostileFile, EveryFlippedBitIsReadOrRefused) {
  const std::string whole = written(
      {.tensors = {{"a", at::ones({2, 2})}, {"b", at::ones({2})}}, .metadata = {{"k", "v"}}});
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(file_, std::ios::binary) << bytes;
    try {
      (void)read_safetensors(file_);
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.kind(), ErrorKind::kModel);
    }
  }
  EXPECT_GT(refused, 500);
}

}  // namespace safetensors_hostile_test
}  // namespace robiq
