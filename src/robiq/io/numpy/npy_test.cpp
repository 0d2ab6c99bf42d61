#include "robiq/io/numpy/npy.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "robiq/core/files/files.h"
#include "support/errors.h"
#include "support/python.h"

namespace robiq {
namespace npy_test {

constexpr const char* kMend = "get the file again, or write it again";

/// A .npy file with that header, which is not padded; the length of version 1 has two bytes.
std::string npy(const std::string& header, const std::string& data = "", char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += {version, '\0'};
  for (std::size_t i = 0; i < (version == 1 ? 2U : 4U); ++i) {
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  }
  return bytes + header + data;
}

std::string dict(const std::string& type, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }";
}

at::Tensor read(const std::string& bytes) {
  return read_npy_array(*source_of_bytes("a.npy", bytes));
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
void expect_values(const std::string& type, const std::vector<T>& values,
                   const at::Tensor& wanted) {
  SCOPED_TRACE(type);
  const std::string shape = "(" + std::to_string(values.size()) + ",)";
  const at::Tensor tensor = read(npy(dict("<" + type, shape), bytes_of(values)));
  EXPECT_EQ(tensor.scalar_type(), wanted.scalar_type());
  EXPECT_TRUE(at::equal(tensor, wanted));
  std::string swapped = bytes_of(values);
  for (std::size_t i = 0; i < swapped.size(); i += sizeof(T)) {
    std::reverse(swapped.begin() + static_cast<std::ptrdiff_t>(i),
                 swapped.begin() + static_cast<std::ptrdiff_t>(i + sizeof(T)));
  }
  EXPECT_TRUE(at::equal(read(npy(dict(">" + type, shape), swapped)), wanted));
}

TEST(Npy, EveryTypeComesBackInBothByteOrders) {
  expect_values<double>("f8", {1.5, -2}, at::tensor({1.5, -2.0}, at::kDouble));
  expect_values<float>("f4", {1.5F, -2}, at::tensor({1.5F, -2.0F}));
  expect_values<std::uint16_t>("f2", {0x3E00, 0xC000}, at::tensor({1.5F, -2.0F}).to(at::kHalf));
  expect_values<std::int64_t>("i8", {-5, 1LL << 40}, at::tensor({-5L, 1L << 40}, at::kLong));
  expect_values<std::int32_t>("i4", {-5, 1 << 20}, at::tensor({-5, 1 << 20}, at::kInt));
  expect_values<std::int16_t>("i2", {-5, 300}, at::tensor({-5, 300}, at::kShort));
  expect_values<std::int8_t>("i1", {-5, 3}, at::tensor({-5, 3}, at::kChar));
  expect_values<std::uint8_t>("u1", {250, 3}, at::tensor({250, 3}, at::kByte));
}

TEST(Npy, UnsignedNumbersGetATypeThatHoldsThem) {
  expect_values<std::uint16_t>("u2", {65535, 7}, at::tensor({65535, 7}, at::kInt));
  expect_values<std::uint32_t>("u4", {4294967295U, 7}, at::tensor({4294967295L, 7L}, at::kLong));
}

TEST(Npy, BoolsScalarsAndEmptyArraysComeBack) {
  const at::Tensor flags = read(npy(dict("|b1", "(2,)"), std::string("\0\1", 2)));
  EXPECT_TRUE(at::equal(flags, at::tensor({0, 1}).to(at::kBool)));
  const at::Tensor scalar = read(npy(dict("<f4", "()"), bytes_of<float>({7})));
  EXPECT_EQ(scalar.dim(), 0);
  EXPECT_EQ(scalar.item<float>(), 7);
  EXPECT_EQ(read(npy(dict("<f4", "(3, 0, 2)"))).sizes(), at::IntArrayRef({3, 0, 2}));
  EXPECT_EQ(read(npy(dict("<f4", "(3, 0, 2)", true))).sizes(), at::IntArrayRef({3, 0, 2}));
}

TEST(Npy, FortranOrderIsTurnedIntoCOrder) {
  const at::Tensor tensor =
      read(npy(dict("<i4", "(2, 3)", true), bytes_of<std::int32_t>({0, 10, 1, 11, 2, 12})));
  EXPECT_TRUE(at::equal(tensor, at::tensor({0, 1, 2, 10, 11, 12}, at::kInt).view({2, 3})));
  EXPECT_TRUE(tensor.is_contiguous());
}

TEST(Npy, ReadsHeadersOfOtherWriters) {
  const at::Tensor wanted = at::tensor({7, 8}, at::kByte);
  for (const char* header : {"{\"shape\":(2,),\"descr\":\"|u1\",\"fortran_order\":False}",
                             "{'descr': '<u1', "
                             "'fortran_order':False,\t'shape':( 2 , ) , }  \n",
                             "{'descr':'>u1','shape':(2L,),"
                             "'fortran_order':True}\n"}) {
    SCOPED_TRACE(header);
    EXPECT_TRUE(at::equal(read(npy(header, "\7\10")), wanted));
    EXPECT_TRUE(at::equal(read(npy(header, "\7\10", 2)), wanted));
  }
  EXPECT_TRUE(at::equal(read(npy(dict("|u1", "(2,)"), "\7\10", 3)), wanted));
}

struct Hostile {
  const char* name;
  std::string bytes, what;

  friend void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
};

class HostileNpy : public testing::TestWithParam<Hostile> {};

TEST_P(HostileNpy, IsRefused) {
  expect_error(ErrorKind::kModel, {GetParam().what, "a.npy", kMend},
               [&] { (void)read(GetParam().bytes); });
}

std::string hostile_name(const testing::TestParamInfo<Hostile>& test) { return test.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Front, HostileNpy,
    testing::Values(Hostile{"Empty", "", "it is not a .npy array"},
                    Hostile{"AnotherFile", "PK\3\4", "it is not a .npy array"},
                    Hostile{"MagicOnly", "\x93NUMPY", "it ends early"},
                    Hostile{"Version0", npy("{}", "", 0), "the .npy format 0.0 is not read"},
                    Hostile{"Version4", npy("{}", "", 4), "the .npy format 4.0 is not read"},
                    Hostile{"LengthCutOff", std::string("\x93NUMPY\2\0\1\0", 10), "it ends early"},
                    Hostile{"HeaderLongerThanFile", npy(dict("<f4", "(1,)")).substr(0, 40),
                            "it ends early"},
                    Hostile{"HeaderOf4Gigabytes", std::string("\x93NUMPY\2\0\xFF\xFF\xFF\xFF", 12),
                            "the .npy header would have 4294967295 bytes"}),
    hostile_name);

INSTANTIATE_TEST_SUITE_P(
    Dict, HostileNpy,
    testing::Values(
        Hostile{"NoDict", npy("[1, 2]"), "a '{' is missing"},
        Hostile{"NoHeader", npy(""), "a '{' is missing"},
        Hostile{"DictWithoutEnd", npy("{'descr': '<f4'"), "a ',' or '}' is missing"},
        Hostile{"EmptyDict", npy("{}"), "it has no 'descr'"},
        Hostile{"KeyMissing", npy("{'descr': '<f4', 'shape': ()}"), "it has no 'fortran_order'"},
        Hostile{"KeyTwice", npy("{'descr': '<f4', 'descr': '<f4'}"), "'descr' stands there twice"},
        Hostile{"UnknownKey", npy("{'code': 1}"), "'code' is a key that the format does not have"},
        Hostile{"KeyIsNumber", npy("{1: 2}"), "a text is missing"},
        Hostile{"NoColon", npy("{'shape' (1,)}"), "a ':' is missing"},
        Hostile{"TextWithoutEnd", npy("{'shape"), "a text does not end"},
        Hostile{"EscapedText", npy("{'sh\\x61pe': ()}"), "a text has a '\\'"},
        Hostile{"CallInDict", npy("{'shape': __import__('os').system('true')}"),
                "a '(' is missing"},
        Hostile{"SomethingBehind", npy(dict("<f4", "()") + " x", "1234"),
                "something stands behind the dict"},
        Hostile{"ZeroBehind", npy(dict("<f4", "()") + std::string(1, '\0'), "1234"),
                "something stands behind the dict"},
        Hostile{"OrderIsNumber", npy("{'fortran_order': 1}"),
                "fortran_order is neither True nor False"},
        Hostile{"OrderIsText", npy("{'fortran_order': 'True'}"),
                "fortran_order is neither True nor False"}),
    hostile_name);

INSTANTIATE_TEST_SUITE_P(
    Shape, HostileNpy,
    testing::Values(
        Hostile{"NegativeSide", npy(dict("<f4", "(-1,)")), "a side is negative"},
        Hostile{"FractionalSide", npy(dict("<f4", "(1.0,)")), "a ',' is missing in the shape"},
        Hostile{"ShapeIsNumber", npy(dict("<f4", "3")), "a '(' is missing"},
        Hostile{"ShapeInParentheses", npy(dict("<f4", "(3)")), "a number, not a tuple"},
        Hostile{"ShapeIsList", npy(dict("<f4", "[3]")), "a '(' is missing"},
        Hostile{"SideIsText", npy(dict("<f4", "('3',)")), "the length of a side is not a number"},
        Hostile{"OnlyAComma", npy(dict("<f4", "(,)")), "the length of a side is not a number"},
        Hostile{"SideBeginsWithZero", npy(dict("<f4", "(07,)")), "a side begins with 0"},
        Hostile{"LongSideInVersion3", npy(dict("<f4", "(3L,)"), "", 3), "a ',' is missing"},
        Hostile{"NestedDeep", npy(dict("<f4", std::string(60'000, '('))),
                "the length of a side is not a number"},
        Hostile{"SideBeyond63Bits", npy(dict("<f4", "(9223372036854775808,)")), "too large"},
        Hostile{"ShapeOverflows", npy(dict("<f4", "(4294967296, 4294967296)")), "too large"},
        Hostile{"ShapeOverflowsBehindAZero", npy(dict("<f4", "(0, 4294967296, 4294967296)")),
                "the shape is too large to be true"},
        Hostile{"HugeShape", npy(dict("<f4", "(1000000000000,)"), "1234"),
                "its shape needs 4000000000000 bytes, and it has 4 bytes"},
        Hostile{"TooFewBytes", npy(dict("<f4", "(2,)"), "1234567"),
                "its shape needs 8 bytes, and it has 7 bytes"},
        Hostile{"BytesLeftOver", npy(dict("<f4", "(1,)"), "12345"),
                "its shape needs 4 bytes, and it has 5 bytes"},
        Hostile{"NoBytes", npy(dict("<f4", "()")), "its shape needs 4 bytes, and it has 0 bytes"}),
    hostile_name);

INSTANTIATE_TEST_SUITE_P(
    Type, HostileNpy,
    testing::Values(
        Hostile{"Objects", npy(dict("|O", "(1,)"), "12345678"),
                "the type '|O' is not read: Python objects would have to be unpickled"},
        Hostile{"Unicode", npy(dict("<U3", "(1,)"), "123456789012"),
                "the type '<U3' is not read: it is text"},
        Hostile{"ByteText", npy(dict("|S3", "(1,)"), "123"), "the type '|S3' is not read: it is"},
        Hostile{"RawBytes", npy(dict("|V2", "(1,)"), "12"), "the type '|V2' is not read"},
        Hostile{"Complex", npy(dict("<c8", "(1,)"), "12345678"), "the type '<c8' is not read"},
        Hostile{"Unsigned64", npy(dict("<u8", "(1,)"), "12345678"), "the type '<u8' is not read"},
        Hostile{"Times", npy(dict("<M8[ns]", "(1,)"), "12345678"), "'<M8[ns]' is not read"},
        Hostile{"LongDouble", npy(dict("<f16", "()"), "1234567812345678"), "'<f16' is not read"},
        Hostile{"NoByteOrder", npy(dict("f4", "()"), "1234"), "the type 'f4' is not read"},
        Hostile{"NativeOrder", npy(dict("=f4", "()"), "1234"), "the type '=f4' is not read"},
        Hostile{"OrderlessFloat", npy(dict("|f4", "()"), "1234"), "the type '|f4' is not read"},
        Hostile{"EmptyType", npy(dict("", "()"), "1234"), "the type '' is not read"},
        Hostile{"Structure", npy("{'descr': [('a', '<f4')], 'shape': ()}", "1234"),
                "arrays of structures are not read"},
        Hostile{"BoolIsTwo", npy(dict("|b1", "(1,)"), "\2"),
                "a truth value is something other than 0 and 1"}),
    hostile_name);

TEST(Npy, MoreThan64SidesAreRefused) {
  std::string shape = "(1";
  for (int i = 0; i < 64; ++i) shape += ",1";
  expect_error(ErrorKind::kModel, {"the shape has more than 64 sides", "a.npy", kMend},
               [&] { (void)read(npy(dict("<f4", shape + ")"), "1234")); });
}

TEST(Npy, EveryShorterFileIsRefusedAndEveryFlippedBitReadOrRefused) {
  const std::string whole = npy(dict("<f4", "(2, 3)", true), bytes_of<float>({1, 2, 3, 4, 5, 6}));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    EXPECT_THROW((void)read(whole.substr(0, length)), Error);
  }
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    try {
      (void)read(bytes);
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.kind(), ErrorKind::kModel);
    }
  }
  EXPECT_GT(refused, 400);
}

TEST(Npy, AMissingFileIsAModelError) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kModel, {"there is no file '", "", "check the path"},
               [&] { (void)read_npy(folder.path() / "a.npy"); });
}

TEST(Npy, ReadsWhatNumpyWrites) {
  if (!test::python_has("numpy")) GTEST_SKIP() << "Python has no numpy";
  const TemporaryFolder folder;
  const test::PythonRun run = test::run_python(
      "import sys, numpy as np\n"
      "f = sys.argv[1] + '/'\n"
      "a = np.arange(24).reshape(2, 3, 4)\n"
      "for t in ('f2', 'f4', 'f8', 'u1', 'u2', 'u4', 'i1', 'i2', 'i4', 'i8', '>f4', '>i2'):\n"
      "  np.save(f + t.strip('>'), a.astype(t))\n"
      "np.save(f + 'fortran', np.asfortranarray(a.astype('f4')))\n"
      "np.save(f + 'scalar', np.float32(3))\n",
      folder.path().string());
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const at::Tensor wanted = at::arange(24, at::kDouble).view({2, 3, 4});
  for (const char* name : {"f2", "f4", "f8", "u1", "u2", "u4", "i1", "i2", "i4", "i8", "fortran"}) {
    SCOPED_TRACE(name);
    const at::Tensor tensor = read_npy(folder.path() / (std::string(name) + ".npy"));
    EXPECT_TRUE(at::equal(tensor.to(at::kDouble), wanted));
  }
  EXPECT_EQ(read_npy(folder.path() / "scalar.npy").item<float>(), 3);
}

}  // namespace npy_test
}  // namespace robiq
