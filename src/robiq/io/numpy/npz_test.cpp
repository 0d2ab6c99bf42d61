#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "robiq/core/files/files.h"
#include "robiq/io/numpy/npy.h"
#include "robiq/io/zip/zip_writer.h"
#include "support/errors.h"
#include "support/python.h"

namespace robiq {
namespace npz_test {

constexpr const char* kMend = "get the file again, or write it again";

std::string npy(const std::string& type, const std::string& shape, const std::string& data) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string bytes = "\x93NUMPY";
  bytes += {'\1', '\0', static_cast<char>(header.size()), '\0'};
  return bytes + header + data;
}

std::string zip(const std::vector<std::pair<std::string, std::string>>& members) {
  std::ostringstream out;
  ZipWriter writer(out);
  for (const auto& [name, bytes] : members) writer.add(name, bytes);
  writer.finish();
  return out.str();
}

class Npz : public testing::Test {
 protected:
  TensorMap read(const std::string& bytes) {
    return read_npz(source_of_bytes(file_.string(), bytes));
  }
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "a.npz";
};

TEST_F(Npz, MembersComeBackByTheirNames) {
  const TensorMap tensors =
      read(zip({{"Transformer/encoderblock_0/LayerNorm_0/scale.npy", npy("|u1", "(2,)", "\3\4")},
                {"cls.npy", npy("<i2", "(1, 1)", std::string("\5\1", 2))}}));
  ASSERT_EQ(tensors.size(), 2);
  EXPECT_TRUE(at::equal(tensors.at("Transformer/encoderblock_0/LayerNorm_0/scale"),
                        at::tensor({3, 4}, at::kByte)));
  EXPECT_TRUE(at::equal(tensors.at("cls"), at::tensor({261}, at::kShort).view({1, 1})));
}

TEST_F(Npz, AnEmptyArchiveHasNoTensors) { EXPECT_TRUE(read(zip({})).empty()); }

TEST_F(Npz, MessagesNameFileAndMember) {
  expect_error(ErrorKind::kModel,
               {"the type '|O' is not read", file_.string() + ", 'w.npy'", kMend}, [&] {
                 (void)read(zip({{"w.npy", npy("|O", "(1,)", "12345678")}}));
               });
  expect_error(ErrorKind::kModel,
               {"its shape needs 8 bytes, and it has 4 bytes", file_.string() + ", 'w.npy'", kMend},
               [&] {
                 (void)read(zip({{"w.npy", npy("<f4", "(2,)", "1234")}}));
               });
}

TEST_F(Npz, AMemberThatIsNoArrayIsRefused) {
  for (const char* name : {"data.pkl", ".npy", "folder/"}) {
    SCOPED_TRACE(name);
    expect_error(ErrorKind::kModel,
                 {"a member is not a .npy array", std::string("'") + name + "'", kMend}, [&] {
                   (void)read(zip({{name, ""}}));
                 });
  }
}

TEST_F(Npz, SomethingElseIsRefused) {
  expect_error(ErrorKind::kModel, {"*", file_.string(), "*"}, [&] { (void)read("\x93NUMPY"); });
  expect_error(ErrorKind::kModel, {"there is no file '", "", "check the path"},
               [&] { (void)read_npz(folder_.path() / "none.npz"); });
}

TEST_F(Npz, EveryShorterFileIsRefusedAndEveryFlippedBitReadOrRefused) {
  const std::string whole =
      zip({{"a.npy", npy("<f4", "(2,)", "12345678")}, {"b.npy", npy("|b1", "(1,)", "\1")}});
  ASSERT_EQ(read(whole).size(), 2);
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
  EXPECT_GT(refused, 1500);
}

TEST_F(Npz, ReadsWhatNumpyWritesStoredAndDeflated) {
  if (!test::python_has("numpy")) GTEST_SKIP() << "Python has no numpy";
  for (const char* save : {"savez", "savez_compressed"}) {
    SCOPED_TRACE(save);
    const test::PythonRun run = test::run_python(
        std::string("import sys, numpy as np\n"
                    "r = np.random.RandomState(0)\n"
                    "d = {'opt/target/embedding/kernel': r.rand(8, 8, 3, 16).astype('f4'),\n"
                    "     'opt/target/cls': np.zeros((1, 1, 16), 'f4'), 'step': np.int32(7)}\n"
                    "np.") +
            save + "(sys.argv[1], **d)\nprint('%.6f' % d['opt/target/embedding/kernel'].sum())\n",
        file_.string());
    ASSERT_EQ(run.exit_code, 0) << run.output;
    const TensorMap tensors = read_npz(file_);
    ASSERT_EQ(tensors.size(), 3);
    const at::Tensor& kernel = tensors.at("opt/target/embedding/kernel");
    EXPECT_EQ(kernel.sizes(), at::IntArrayRef({8, 8, 3, 16}));
    EXPECT_NEAR(kernel.sum(at::kDouble).item<double>(), std::stod(run.output), 1e-2);
    EXPECT_EQ(tensors.at("step").item<int>(), 7);
    EXPECT_EQ(tensors.at("opt/target/cls").abs().sum().item<float>(), 0);
  }
}

// A deflated member of zeros is a thousand times smaller than it says it will be.
TEST_F(Npz, AMemberThatUnpacksToGigabytesIsRefused) {
  if (!test::python_has("zipfile")) GTEST_SKIP() << "no Python";
  const test::PythonRun run = test::run_python(
      "import sys, zipfile\n"
      "with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:\n"
      "  with z.open('a.npy', 'w') as m:\n"
      "    for i in range(128): m.write(bytes(1 << 20))\n",
      file_.string());
  ASSERT_EQ(run.exit_code, 0) << run.output;
  expect_error(ErrorKind::kModel, {"*", file_.string(), "*"}, [&] { (void)read_npz(file_); });
}

}  // namespace npz_test
}  // namespace robiq
