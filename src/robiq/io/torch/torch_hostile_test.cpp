// Checkpoints as an enemy would write them.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/io/torch/torch_file.h"
#include "support/errors.h"
#include "support/zip_bytes.h"

namespace robiq {
namespace torch_hostile_test {

using test::le;
using namespace std::string_literals;

constexpr const char* kMend = "get the file again";

TorchFile read(const std::string& bytes) {
  return read_torch_file(source_of_bytes("a.pth", bytes));
}

void expect_refused(const std::string& bytes, const std::string& what,
                    const std::string& where = "a.pth") {
  expect_error(ErrorKind::kModel, {what, where, kMend}, [&] { (void)read(bytes); });
}

/// The parts of a tensor in a pickle, as protocol 0 writes them.
struct TensorText {
  std::string storage = "FloatStorage";
  std::string key = "0";
  std::string elements = "6";
  std::string offset = "0";
  std::string sizes = "I2\nI3\n";
  std::string strides = "I3\nI1\n";
  std::string view = "";  ///< "N" or a tuple, in the oldest files

  [[nodiscard]] std::string text() const {
    return "ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\n" + storage + "\nS'" + key +
           "'\nS'cpu'\nI" + elements + "\n" + view + "tQI" + offset + "\n(" + sizes + "t(" +
           strides + "tI00\nccollections\nOrderedDict\n)RtR";
  }
  /// {"w": the tensor}.
  [[nodiscard]] std::string dict() const { return "}S'w'\n" + text() + "s."; }
};

const std::string kSixFloats =
    "\0\0\x80\x3F\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xA0\x40\0\0\xC0\x40"s;

std::string zip_file(const std::string& pickle, const std::string& storage = kSixFloats) {
  return test::zip_of({{"x/data.pkl", pickle}, {"x/data/0", storage}, {"x/version", "3\n"}}).bytes;
}

const std::string kMagic = "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s;

std::string legacy_file(const std::string& pickle, const std::string& keys = "]S'0'\na.",
                        const std::string& storages = le(6, 8) + kSixFloats) {
  return kMagic + "M\xE9\3.}S'little_endian'\nI01\ns." + pickle + keys + storages;
}

/// The same tensor in both containers must be refused.
void expect_tensor_refused(const TensorText& tensor, const std::string& what,
                           const std::string& where = "a.pth, 'w'") {
  expect_refused(zip_file(tensor.dict()), what, where);
  expect_refused(legacy_file(tensor.dict()), what, "a.pth");
}

void expect_tensor(const std::string& bytes, const at::Tensor& wanted) {
  const at::Tensor given = *read(bytes).root->find("w")->get_if<at::Tensor>();
  EXPECT_TRUE(at::equal(given, wanted)) << given;
}

const at::Tensor& one_to_six() {
  static const at::Tensor kTensor = at::arange(1, 7, at::kFloat).view({2, 3});
  return kTensor;
}

TEST(HandWrittenCheckpoint, IsReadInBothContainers) {
  expect_tensor(zip_file(TensorText{}.dict()), one_to_six());
  expect_tensor(legacy_file(TensorText{}.dict()), one_to_six());
  expect_tensor(zip_file(TensorText{.strides = "I1\nI2\n"}.dict()),
                at::arange(1, 7, at::kFloat).view({3, 2}).t());
  expect_tensor(
      zip_file(TensorText{.sizes = "I1\nI2\n", .strides = "I4611686018427387904\nI5\n"}.dict()),
      at::tensor({1.0F, 6.0F}).view({1, 2}));
}

TEST(HandWrittenCheckpoint, ViewsOfTheOldestFilesAreRead) {
  expect_tensor(legacy_file(TensorText{.view = "N"}.dict()), one_to_six());
  expect_tensor(
      legacy_file(
          TensorText{.sizes = "I2\n", .strides = "I1\n", .view = "(S'v'\nI3\nI3\nt"}.dict()),
      at::tensor({4.0F, 5.0F}));
}

TEST(HostileTensor, StoragesThatCannotBe) {
  for (const char* const elements : {"-1", "4611686018427387904", "281474976710657"}) {
    expect_tensor_refused({.elements = elements}, "elements cannot be");
  }
  expect_tensor_refused({.storage = "float32"}, "the type of a storage is not one of PyTorch's");
  expect_tensor_refused({.view = "(S'v'\nI3\nI4\nt"}, "the view of a storage goes beyond it");
  expect_tensor_refused({.view = "(S'v'\nI-1\nI4\nt"}, "the view of a storage goes beyond it");
  expect_tensor_refused({.view = "(I1\nt"}, "the view of a storage has not three parts");
}

TEST(HostileTensor, StoragesOfOtherSizes) {
  for (const char* const elements : {"5", "7", "281474976710656", "0"}) {
    const std::string pickle =
        TensorText{.elements = elements, .sizes = "I0\n", .strides = "I1\n"}.dict();
    expect_refused(zip_file(pickle), "its storage has 24 bytes, and should have", "a.pth, 'w'");
    expect_refused(legacy_file(pickle), "a storage has two sizes", "a.pth, '0'");
  }
  expect_refused(legacy_file(TensorText{.elements = "281474976710656"}.dict(), "]S'0'\na.",
                             le(281474976710656, 8) + kSixFloats),
                 "it is cut off inside a storage", "a.pth, '0'");
}

TEST(HostileTensor, StoragesThatAreMissing) {
  const TensorText elsewhere{.key = "../../1"};
  expect_refused(zip_file(elsewhere.dict()), "its storage is missing in the file", "a.pth, 'w'");
  expect_refused(legacy_file(elsewhere.dict()), "its list of storages has one that no tensor uses");
  expect_refused(legacy_file(TensorText{}.dict(), "].", ""), "its storage is missing in the file",
                 "a.pth, 'w'");
  expect_refused(TensorText{}.dict(), "it has a tensor, and no place where its numbers lie",
                 "a.pth, 'w'");
}

TEST(HostileTensor, OneStorageOfTwoKinds) {
  const std::string first = "}(S'v'\n" + TensorText{}.text();
  for (const TensorText& second : {TensorText{.storage = "IntStorage"},
                                   TensorText{.storage = "HalfStorage", .elements = "12"}}) {
    expect_refused(zip_file(first + "S'w'\n" + second.text() + "u."),
                   "two tensors tell different types or sizes", "a.pth, 'w'");
  }
  expect_refused(legacy_file(first + "S'w'\n" + TensorText{.elements = "5"}.text() + "u."),
                 "two tensors tell two sizes of a storage");
}

TEST(HostileTensor, ShapesBeyondTheirStorage) {
  const std::string beyond = "a tensor goes beyond the end of its storage";
  const std::string untrue = "a tensor's shape is too large to be true";
  expect_tensor_refused({.sizes = "I2\nI4\n"}, beyond);
  expect_tensor_refused({.offset = "1"}, beyond);
  expect_tensor_refused({.strides = "I4\nI1\n"}, beyond);
  expect_tensor_refused({.offset = "9223372036854775807"}, untrue);
  expect_tensor_refused({.offset = "-1"}, untrue);
  expect_tensor_refused({.strides = "I9223372036854775807\nI9223372036854775807\n"}, untrue);
  expect_tensor_refused({.sizes = "I4294967296\nI4294967296\n", .strides = "I0\nI0\n"}, untrue);
  expect_tensor_refused({.sizes = "I0\nI4611686018427387904\n", .strides = "I0\nI0\n"}, untrue);
  expect_tensor_refused({.strides = "I-3\nI1\n"}, "the stride of a tensor is negative");
  expect_tensor_refused({.sizes = "I-2\nI3\n"}, "the size of a tensor is negative");
  expect_tensor_refused({.sizes = "I6\n"}, "a tensor has 1 sides and 2 strides");
  expect_tensor_refused({.sizes = "S'2'\nI3\n"}, "the size of a tensor is not a whole number");
  std::string ones;
  for (int i = 0; i < 33; ++i) ones += "I1\n";
  expect_tensor_refused({.sizes = ones, .strides = ones}, "a tensor has too many sides");
}

TEST(HostileTensor, ExpansionIsBounded) {
  const std::string large = "its values would take more memory than a file of its size may";
  expect_tensor_refused({.sizes = "I1000000000\n", .strides = "I0\n"}, large);
  expect_tensor_refused({.sizes = "I1000000000000000\n", .strides = "I0\n"}, large);
  std::string many = "](";
  const std::string tensor = TensorText{.sizes = "I1000000\n", .strides = "I0\n"}.text();
  for (int i = 0; i < 17; ++i) many += tensor;
  expect_refused(zip_file(many + "e."), large);
}

TEST(HostileTensor, BoolsThatAreNone) {
  const std::string pickle = TensorText{.storage = "BoolStorage", .elements = "24"}.dict();
  const std::string what = "a truth value of a storage is something other than 0 and 1";
  expect_refused(zip_file(pickle), what, "a.pth, 'w'");
  expect_refused(legacy_file(pickle, "]S'0'\na.", le(24, 8) + kSixFloats), what, "a.pth, 'w'");
}

TEST(HostileTensor, PartsOfTheWrongKind) {
  const auto refused = [](std::string pickle, const std::string& from, const std::string& to,
                          const std::string& what) {
    pickle.replace(pickle.find(from), from.size(), to);
    expect_refused(zip_file(pickle), what, "a.pth, 'w'");
  };
  const std::string pickle = TensorText{}.dict();
  refused(pickle, "S'storage'", "S'module'", "outside the pickle that is not a storage");
  refused(pickle, "tQ", "t", "a tensor's storage is not a storage");
  refused(pickle, "I00\nccollections", "I00\nNNccollections", "called with 8 arguments");
  refused(pickle, ")RtR", ")R(S'conj'\nI01\ndtR", "a tensor is conjugated or negated");
  refused(pickle, "ctorch._utils\n_rebuild_tensor_v2\n((", "ctorch._utils\n_rebuild_parameter\n((",
          "_rebuild_parameter is called with 6 arguments");
}

TEST(HostileNumpy, ArraysThatCannotBe) {
  const auto array = [](const std::string& type, const std::string& order, const std::string& shape,
                        const std::string& bytes) {
    return "}S'w'\ncnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n(I0\ntS'b'\n\x87R(I1\n(" +
           shape + "tcnumpy\ndtype\nS'" + type + "'\nI0\nI1\n\x87R(I3\nS'" + order +
           "'\nNNNI-1\nI-1\nI0\ntbI00\nS'" + bytes + "'\ntbs.";
  };
  const auto refused = [&](const std::string& pickle, const std::string& what) {
    expect_refused("\x80\2" + pickle, what, "a.pth, 'w'");
  };
  EXPECT_TRUE(at::equal(
      *read("\x80\2" + array("u1", "|", "I2\n", "ab")).root->find("w")->get_if<at::Tensor>(),
      at::tensor({97, 98}, at::kByte)));
  refused(array("f4", ">", "I1\n", "abcd"), "an array is big-endian");
  refused(array("O8", "|", "I1\n", "abcdefgh"), "an array is of NumPy's type 'O8'");
  refused(array("f4", "<", "I2\n", "abcd"), "an array of 2 numbers has 4 bytes");
  refused(array("f4", "<", "I1\n", "abcde"), "an array of 1 numbers has 5 bytes");
  refused(array("f4", "<", "I-1\n", "abcd"), "a side of an array is negative");
  refused(array("f4", "<", "I4611686018427387904\nI4\n", "abcd"), "too large to be true");
  refused(array("f4", "<", "I1000000000\n", "abcd"), "an array's bytes are too few");
  refused(array("b1", "|", "I1\n", "a"),
          "a truth value of an array is something other than 0 and 1");
  refused(array("u8", "<", "I1\n", "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff"),
          "a number of an array is too large for int64");
  refused("}S'w'\ncnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n(tS'b'\n\x87Rs.",
          "an array has no bytes");
}

TEST(HostileZipCheckpoint, IsRefused) {
  using test::zip_of;
  const std::string pickle = TensorText{}.dict();
  expect_refused(zip_of({{"a.npy", "x"}}).bytes, "none of torch.save(): it has no data.pkl");
  expect_refused(zip_of({{"x/y/data.pkl", "N."}}).bytes, "it has no data.pkl");
  expect_refused(zip_of({{"x/data.pkl", "N."}, {"y/data.pkl", "N."}}).bytes, "in two folders");
  expect_refused(zip_of({{"x/data.pkl", ""}}).bytes, "it is cut off inside its pickle");
  expect_refused(zip_of({{"x/data.pkl", "N.N."}}).bytes, "bytes are left over behind its pickle");
  for (const char* const version : {"", "x", "0", "11", "-3", "99999999999999999999999"}) {
    expect_refused(zip_of({{"x/data.pkl", "N."}, {"x/version", version}}).bytes,
                   "its version is one that robiq does not read", "a.pth, 'x/version'");
  }
  expect_refused(zip_of({{"x/data.pkl", "N."}, {"x/byteorder", "big"}}).bytes, "it is big-endian",
                 "a.pth, 'x/byteorder'");
  for (const char* const member : {"x/constants.pkl", "x/code/__torch__.py"}) {
    expect_error(ErrorKind::kModel,
                 {"it is a TorchScript module", "a.pth", "--model torchscript:a.pth"}, [&] {
                   (void)read(zip_of({{"x/data.pkl", "N."}, {member, ""}}).bytes);
                 });
  }
  std::string damaged = zip_file(pickle);
  damaged[damaged.find(kSixFloats) + 2] ^= 1;
  expect_refused(damaged, "its bytes are damaged: their CRC-32", "a.pth, 'x/data/0'");
}

TEST(HostileLegacyCheckpoint, IsRefused) {
  const std::string rest = "N.].";
  const std::string little = "}S'little_endian'\nI01\ns.";
  EXPECT_NO_THROW((void)read(kMagic + "M\xE9\3." + little + rest));
  expect_refused(kMagic + "M\xEA\3." + little + rest, "it is of a protocol other than 1001");
  expect_refused(kMagic + "]." + little + rest, "it is of a protocol other than 1001");
  expect_refused(kMagic + "M\xE9\3.}." + rest, "it does not tell its byte order");
  expect_refused(kMagic + "M\xE9\3.}S'little_endian'\nI00\ns." + rest, "it is big-endian");
  expect_refused(kMagic + "M\xE9\3." + little + "N.N.", "its list of storages is not a list");
  expect_refused(kMagic + "M\xE9\3." + little + "N.]I1\na.", "one that no tensor uses");
  expect_refused(legacy_file(TensorText{}.dict()) + "x", "bytes are left over behind its storages");
  expect_refused(legacy_file(TensorText{}.dict(), "](S'0'\nS'0'\ne.",
                             le(6, 8) + kSixFloats + le(6, 8) + kSixFloats),
                 "a storage stands there twice", "a.pth, '0'");
  expect_refused(legacy_file(TensorText{}.dict(), "]S'0'\na.", le(~0ULL, 8) + kSixFloats),
                 "a storage has two sizes", "a.pth, '0'");
  expect_error(ErrorKind::kModel,
               {"the file asks for collections.OrderedDict, which robiq does not run", "*", "*"},
               [&] { (void)read(kMagic + "ccollections\nOrderedDict\n)R."); });
}

TEST(HostileCheckpoint, CommandsAreRefusedInEveryContainer) {
  const std::string command = "cos\nsystem\n(S'touch robiq_was_here'\ntR.";
  for (const std::string& bytes : {zip_file(command), legacy_file(command), "\x80\2" + command}) {
    expect_error(ErrorKind::kModel,
                 {"the file asks for os.system, which robiq does not run", "a.pth",
                  "torch.save(model.state_dict(), FILE)"},
                 [&] { (void)read(bytes); });
  }
}

}  // namespace torch_hostile_test
}  // namespace robiq
