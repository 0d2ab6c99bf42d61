// MATLAB files of version 5 as an enemy would write them: each is refused before matio sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/io/matlab/mat_text.h"
#include "support/errors.h"
#include "support/mat5_bytes.h"

namespace robiq {
namespace mat5_check_test {

using test::Mat5Bytes;

constexpr const char* kMend = "get the file again";
const Mat5Bytes kMat;
constexpr std::uint64_t kOne = 0x3FF0000000000000;

std::uint64_t check(const std::string& variables, const MatLimits& limits = {}) {
  return check_mat5(*source_of_bytes("a.mat", kMat.header() + variables), limits);
}

/// A cell in a cell in a cell...
std::string nested(int depth, const std::string& name = "x") {
  std::string inside = kMat.doubles("", {kOne});
  for (int i = 1; i < depth; ++i) inside = kMat.array(1, {1, 1}, "", inside);
  return kMat.array(1, {1, 1}, name, inside);
}

std::string structure(const std::string& length, const std::string& names,
                      const std::string& values) {
  return kMat.array(2, {1, 1}, "x", length + kMat.element(1, names) + values);
}

TEST(Mat5Check, CountsVariables) {
  EXPECT_EQ(check(""), 0U);
  const std::string x = kMat.doubles("x", {kOne, kOne});
  EXPECT_EQ(check(x + kMat.packed(kMat.text("y", "100.bmp")) + nested(20, "z")), 3U);
}

TEST(Mat5Check, BigEndianFilesAreWalkedToo) {
  const Mat5Bytes big(true);
  const std::string bytes =
      big.header() + big.doubles("x", {kOne}) + big.packed(big.text("y", "a"));
  EXPECT_EQ(check_mat5(*source_of_bytes("a.mat", bytes)), 2U);
}

struct Hostile {
  const char* name;
  std::string variables, what, variable;

  friend void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
};

class HostileMat5 : public testing::TestWithParam<Hostile> {};

TEST_P(HostileMat5, IsRefused) {
  const Hostile& hostile = GetParam();
  expect_error(ErrorKind::kModel, {hostile.what, "a.mat, '" + hostile.variable + "'", kMend},
               [&] { (void)check(hostile.variables); });
}

std::string hostile_name(const testing::TestParamInfo<Hostile>& test) { return test.param.name; }

std::string numbers_of(unsigned flags, unsigned type, const std::string& data) {
  return kMat.array(flags, {1, 2}, "x", kMat.element(type, data));
}

INSTANTIATE_TEST_SUITE_P(
    Elements, HostileMat5,
    testing::Values(Hostile{"NoArray", kMat.element(9, "12345678"), "something other than an array",
                            "variable 1"},
                    Hostile{"SmallElement", kMat.small(14, "1234"), "something other than an array",
                            "variable 1"},
                    Hostile{"EmptyArray", kMat.element(14, ""), "it is not an array", "variable 1"},
                    Hostile{"BehindTheEnd", kMat.number(14, 4) + kMat.number(4'000'000'000, 4),
                            "it ends behind the end of the file", "variable 1"},
                    Hostile{"SecondBehindTheEnd",
                            kMat.doubles("x", {kOne}) + kMat.number(14, 4) + kMat.number(8, 4),
                            "it ends behind the end of the file", "variable 2"},
                    Hostile{"ElementCutOff",
                            kMat.element(14, kMat.number(6, 4) + kMat.number(99, 4)),
                            "an element of it is cut off", "variable 1"},
                    Hostile{"SmallElementOfFiveBytes",
                            kMat.element(14, kMat.number(5U << 16 | 6, 4) + kMat.number(0, 4)),
                            "an element of it is cut off", "variable 1"},
                    Hostile{"FlagsMissing", kMat.element(14, kMat.element(5, "12345678")),
                            "it has no array flags", "variable 1"},
                    Hostile{"FlagsTooLong", kMat.element(14, kMat.element(6, "1234567812345678")),
                            "its array flags are damaged", "variable 1"},
                    Hostile{"FlagsSmall", kMat.element(14, kMat.small(6, "1234") + "12345678"),
                            "its array flags are damaged", "variable 1"},
                    Hostile{"BytesLeftOver",
                            kMat.array(6, {1, 1}, "x", kMat.element(9, "12345678") + "12345678"),
                            "bytes of it are left over", "x"},
                    Hostile{"NameTwice", kMat.doubles("x", {kOne}) + kMat.doubles("x", {kOne}),
                            "that name stands there twice", "x"},
                    Hostile{"NoName", kMat.doubles("", {kOne}), "its name is empty", "variable 1"},
                    Hostile{"NameNoText", kMat.doubles("\xFF", {kOne}),
                            "its name is empty, too long or no", "variable 1"},
                    Hostile{"NameTooLong", kMat.doubles(std::string(256, 'x'), {kOne}), "too long",
                            "variable 1"}),
    hostile_name);

INSTANTIATE_TEST_SUITE_P(
    Shapes, HostileMat5,
    testing::Values(
        Hostile{"OneSide", kMat.array(6, {1}, "x", kMat.element(9, "12345678")),
                "fewer than 2 or more than 12 sides", "variable 1"},
        Hostile{"ThirteenSides",
                kMat.array(6, std::vector<std::uint64_t>(13, 1), "x", kMat.element(9, "12345678")),
                "fewer than 2 or more than 12 sides", "variable 1"},
        Hostile{"NegativeSide", kMat.array(6, {1, 0xFFFFFFFF}, "x", ""), "a side of its shape is n",
                "variable 1"},
        Hostile{"Overflow", kMat.array(6, {1 << 30, 1 << 30, 1 << 30}, "x", ""), "too large",
                "variable 1"},
        Hostile{"OverflowBehindAZero", kMat.array(6, {0, 1 << 30, 1 << 30}, "x", ""), "too large",
                "variable 1"},
        Hostile{"TooFewBytes", numbers_of(6, 9, "12345678"),
                "its shape needs 16 bytes, and it has 8 bytes", "x"},
        Hostile{"TooManyBytes", numbers_of(6, 9, std::string(24, ' ')),
                "its shape needs 16 bytes, and it has 24 bytes", "x"},
        Hostile{"TextTooShort", kMat.array(4, {1, 5}, "x", kMat.element(4, "1234")),
                "its text has not the bytes that its shape needs", "x"},
        Hostile{"TextOfNumbers", kMat.array(4, {1, 1}, "x", kMat.element(9, "12345678")),
                "its text has not the bytes", "x"},
        Hostile{"Utf8TooLong", kMat.array(4, {1, 1}, "x", kMat.element(16, "12345")),
                "its text has not the bytes", "x"},
        Hostile{"TextOfThreeSides", kMat.array(4, {1, 1, 2}, "x", kMat.element(16, "12")),
                "its text has more than two dimensions", "x"},
        Hostile{"HugeCell", kMat.array(1, {1 << 20, 1 << 20}, "x", ""),
                "it has fewer elements than its shape says", "x"},
        Hostile{"CellTooShort", kMat.array(1, {1, 2}, "x", kMat.doubles("", {kOne})),
                "an element of it is cut off", "x"},
        Hostile{"CellOfNumbers", kMat.array(1, {1, 1}, "x", kMat.element(9, "12345678")),
                "it has no element of a cell or struct that is an array", "x"},
        Hostile{"NamedCell", kMat.array(1, {1, 1}, "x", kMat.doubles("y", {kOne})),
                "has a name of its own", "x"}),
    hostile_name);

const std::string kLength = kMat.small(5, kMat.number(4, 4));

INSTANTIATE_TEST_SUITE_P(
    Kinds, HostileMat5,
    testing::Values(
        Hostile{"Complex", numbers_of(6 | 0x0800, 9, std::string(16, ' ')),
                "it is complex, which is not read", "x"},
        Hostile{"Sparse", numbers_of(5, 9, ""), "it is a sparse array, which is not read", "x"},
        Hostile{"AnObject", numbers_of(3, 9, ""), "it is an object, which is not read", "x"},
        Hostile{"FunctionHandle", numbers_of(16, 9, ""), "it is a function handle", "x"},
        Hostile{"Opaque", numbers_of(17, 9, ""), "it is an object (table, string", "x"},
        Hostile{"UnknownClass", numbers_of(99, 9, ""), "it is of the unknown class 99", "x"},
        Hostile{"UnknownNumbers", numbers_of(6, 10, ""), "its numbers are of an unknown", "x"},
        Hostile{"NumbersAreText", numbers_of(6, 16, "12"), "its numbers are of an unknown", "x"},
        Hostile{"WholeNumbersAsDoubles", numbers_of(8, 9, std::string(16, ' ')),
                "its whole numbers are stored as floating-point", "x"},
        Hostile{"FieldLengthMissing", structure("", "", ""), "it has no length of field", "x"},
        Hostile{"FieldLengthZero", structure(kMat.small(5, kMat.number(0, 4)), "a\0\0\0", ""),
                "its field names are damaged", "x"},
        Hostile{"FieldLengthPlain", structure(kMat.element(5, kMat.number(4, 4)), "", ""),
                "its length of field names is damaged", "x"},
        Hostile{"FieldWithoutEnd", structure(kLength, "abcd", kMat.doubles("", {kOne})),
                "its field names are damaged", "x"},
        Hostile{"FieldTwice",
                structure(kLength, std::string("a\0\0\0a\0\0\0", 8),
                          kMat.doubles("", {kOne}) + kMat.doubles("", {kOne})),
                "its field names are damaged", "x"},
        Hostile{"FieldMissing", structure(kLength, std::string("a\0\0\0", 4), ""),
                "it has fewer elements than its shape says", "x"},
        Hostile{"NestedTooDeep", nested(40), "its cells or structs are nested too deep", "x"},
        Hostile{"NestedVeryDeep", nested(5'000), "its cells or structs are nested too deep", "x"}),
    hostile_name);

INSTANTIATE_TEST_SUITE_P(
    Packed, HostileMat5,
    testing::Values(
        Hostile{"Nothing", kMat.element(15, ""), "its packed bytes are damaged", "variable 1"},
        Hostile{"NoStream", kMat.element(15, "12345678"), "its packed bytes are damaged",
                "variable 1"},
        Hostile{"NoArrayInside", kMat.packed(kMat.element(9, "12345678")),
                "what was packed is not an array", "variable 1"},
        Hostile{"TwoInside", kMat.packed(kMat.doubles("x", {kOne}) + kMat.doubles("y", {kOne})),
                "what was packed is not an array", "variable 1"},
        Hostile{"PackedTwice", kMat.packed(kMat.element(15, kMat.doubles("x", {kOne}))),
                "what was packed is not an array", "variable 1"}),
    hostile_name);

TEST(Mat5Check, LimitsHold) {
  const auto refused = [](const std::string& variables, const MatLimits& limits,
                          const std::string& what) {
    expect_error(ErrorKind::kModel, {what, "a.mat", kMend},
                 [&] { (void)check(variables, limits); });
  };
  const std::string zeros(1 << 20, '\0');
  const std::string plain = kMat.array(9, {1, zeros.size()}, "x", kMat.element(2, zeros));
  const MatLimits megabyte{.bytes = 1 << 20};
  refused(plain, megabyte, "the file would need more memory than is allowed");
  refused(kMat.packed(plain), megabyte, "more than are allowed once unpacked");
  EXPECT_EQ(check(kMat.packed(plain)), 1U);
  std::string empties;
  for (int i = 0; i < 100; ++i) empties += kMat.element(14, "");
  const std::string cells = kMat.array(1, {100, 1}, "x", empties);
  EXPECT_EQ(check(cells), 1U);
  refused(cells, {.arrays = 50}, "the file has more arrays than are allowed");
  refused(cells, {.bytes = 10'000}, "the file would need more memory than is allowed");
  const std::string rows =
      kMat.array(4, {100'000, 1}, "x", kMat.element(16, std::string(100'000, 'a')));
  EXPECT_EQ(check(rows), 1U);
  refused(rows, megabyte, "the file would need more memory than is allowed");
  const std::string bare = kMat.array(2, {1 << 12, 1 << 12}, "x", kLength + kMat.element(1, ""));
  refused(bare, {}, "it has too many fields");
  EXPECT_EQ(check(nested(3), {.depth = 3}), 1U);
  refused(nested(3), {.depth = 2}, "nested too deep");
}

TEST(Mat5Check, FewerThan128BytesAreRefused) {
  expect_error(ErrorKind::kModel, {"too few bytes for a MATLAB file", "a.mat", kMend},
               [] { (void)check_mat5(*source_of_bytes("a.mat", std::string(127, ' '))); });
}

}  // namespace mat5_check_test
}  // namespace robiq
