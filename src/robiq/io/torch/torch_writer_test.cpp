#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "robiq/core/files/files.h"
#include "robiq/io/torch/torch_file.h"
#include "robiq/io/zip/zip_archive.h"
#include "robiq/io/zip/zip_writer.h"
#include "support/errors.h"
#include "support/python.h"

namespace robiq {
namespace torch_writer_test {

namespace fs = std::filesystem;
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

class TorchWriter : public testing::Test {
 protected:
  std::string written(const NamedTensors& tensors) {
    write_torch_file(file_, tensors);
    return read_file(file_, 1 << 20);
  }
  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "model.pth";
};

NamedTensors samples() {
  const at::Tensor grid = at::arange(6, at::kDouble).view({2, 3});
  NamedTensors tensors{{"z", grid.to(at::kFloat)}, {"é.weight", grid.t()}};
  for (const at::ScalarType type : {at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                                    at::kChar, at::kByte, at::kBool}) {
    tensors.emplace_back(at::toString(type), grid.to(type));
  }
  tensors.emplace_back("scalar", at::full({}, -7, at::kLong));
  tensors.emplace_back("empty", at::empty({0, 3}));
  tensors.emplace_back("large", at::arange(70'000, at::kInt));
  tensors.emplace_back("grad", grid.clone().requires_grad_());
  return tensors;
}

TEST_F(TorchWriter, PythonsTorchReadsIt) {
  if (!test::python_has("torch")) GTEST_SKIP() << "Python has no torch";
  write_torch_file(file_, samples());
  const test::PythonRun run = test::run_python(
      "import sys, torch, collections\n"
      "for only in (True, False):\n"
      "  d = torch.load(sys.argv[1], weights_only=only)\n"
      "  assert type(d) is collections.OrderedDict, type(d)\n"
      "  g = torch.arange(6, dtype=torch.float64).view(2, 3)\n"
      "  types = dict(Half='float16', BFloat16='bfloat16', Long='int64', Int='int32',\n"
      "               Short='int16', Char='int8', Byte='uint8', Bool='bool')\n"
      "  assert list(d) == ['z', '\\u00e9.weight', *types, 'scalar', 'empty', 'large', 'grad']\n"
      "  for k, t in types.items():\n"
      "    assert d[k].dtype == getattr(torch, t) and torch.equal(d[k], g.to(d[k].dtype)), k\n"
      "  assert torch.equal(d['z'], g.float()) and torch.equal(d['\\u00e9.weight'], g.t())\n"
      "  assert d['scalar'].shape == () and d['scalar'].item() == -7\n"
      "  assert d['empty'].shape == (0, 3) and d['empty'].dtype == torch.float32\n"
      "  assert torch.equal(d['large'], torch.arange(70000, dtype=torch.int32))\n"
      "  assert torch.equal(d['grad'], g) and not d['grad'].requires_grad\n"
      "  assert all(t.is_contiguous() for t in d.values())\n"
      "assert not torch.load(sys.argv[1])['z'].requires_grad\n"
      "print('read')\n",
      file_.string());
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_EQ(run.output, "read\n");
}

TEST_F(TorchWriter, OurReaderReadsIt) {
  const NamedTensors tensors = samples();
  write_torch_file(file_, tensors);
  const TorchFile back = read_torch_file(file_);
  EXPECT_EQ(back.container, "PyTorch zip");
  const auto& dict = *back.root->get_if<Object::Dict>();
  ASSERT_EQ(dict.size(), tensors.size());
  for (std::size_t i = 0; i < dict.size(); ++i) {
    SCOPED_TRACE(tensors[i].first);
    EXPECT_EQ(*dict[i].first->get_if<std::string>(), tensors[i].first);
    const at::Tensor& tensor = *dict[i].second->get_if<at::Tensor>();
    EXPECT_EQ(tensor.scalar_type(), tensors[i].second.scalar_type());
    EXPECT_TRUE(at::equal(tensor, tensors[i].second.detach()));
  }
}

TEST_F(TorchWriter, PythonsTorchReadsNothingAsNothing) {
  if (!test::python_has("torch")) GTEST_SKIP() << "Python has no torch";
  write_torch_file(file_, {});
  const test::PythonRun run = test::run_python(
      "import sys, torch\nprint(dict(torch.load(sys.argv[1], weights_only=True)))\n",
      file_.string());
  EXPECT_EQ(run.output, "{}\n");
}

TEST_F(TorchWriter, MembersAreThoseOfPyTorchAndBeginAtMultiplesOf64) {
  const std::string bytes = written({{"a", at::ones({3})}, {"b", at::tensor({7}, at::kByte)}});
  const ZipArchive zip(file_);
  EXPECT_THAT(zip.names(),
              testing::ElementsAre("archive/data.pkl", "archive/byteorder", "archive/data/0",
                                   "archive/data/1", "archive/version"));
  EXPECT_EQ(zip.read("archive/version"), "3\n");
  EXPECT_EQ(zip.read("archive/byteorder"), "little");
  EXPECT_EQ(zip.read("archive/data/1"), "\7");
  for (const std::string& name : zip.names()) {
    const std::string contents = zip.read(name);
    const std::size_t header = bytes.find(name);
    const std::size_t padding = bytes.find("FB", header);
    ASSERT_EQ(padding, header + name.size());
    const auto low = static_cast<unsigned char>(bytes[padding + 2]);
    const std::size_t begin = padding + 4 + low;
    EXPECT_EQ(begin % 64, 0U) << name;
    EXPECT_EQ(bytes.substr(begin, contents.size()), contents) << name;
  }
}

TEST_F(TorchWriter, TheSameTensorsGiveTheSameBytes) {
  EXPECT_EQ(written(samples()), written(samples()));
}

TEST_F(TorchWriter, WhatTheFormatLacksIsABugOfOurs) {
  const auto expect_bug = [&](const NamedTensors& tensors, const std::string& what) {
    expect_error(ErrorKind::kInternal, {what, file_.string(), "a .pth file cannot hold that"},
                 [&] { write_torch_file(file_, tensors); });
    EXPECT_FALSE(fs::exists(file_));
  };
  expect_bug({{"a", at::zeros({1}, at::kComplexFloat)}}, "tensor 'a' has the type ComplexFloat");
  expect_bug({{"a", at::Tensor()}}, "tensor 'a' is undefined or not dense");
  expect_bug({{"a", at::ones({1})}, {"a", at::ones({1})}}, "two tensors are called 'a'");
  expect_bug({{"\xFF", at::ones({1})}}, "a name is not UTF-8");
}

TEST_F(TorchWriter, AFolderThatCannotBeWrittenIsADataError) {
  write_file(folder_.path() / "file", "x");
  expect_error(ErrorKind::kData,
               {"cannot make the folder", "file", "check that every part of the path is a folder"},
               [&] { write_torch_file(folder_.path() / "file" / "a.pth", {}); });
}

std::string zip_of(std::uint64_t zip64_from) {
  std::ostringstream out;
  ZipWriter zip(out, zip64_from);
  zip.add("small", "ab");
  zip.add("larger", std::string(200, 'x'));
  zip.add("empty", "");
  zip.finish();
  return out.str();
}

// Files beyond 4 GiB are too large for a test; the same fields are written for a lower bound.
TEST(ZipWriter, Zip64FieldsAreReadAsPlainOnesAre) {
  for (const std::uint64_t from : {ZipWriter::kZip64From, std::uint64_t{100}, std::uint64_t{0}}) {
    SCOPED_TRACE(from);
    const ZipArchive zip(source_of_bytes("a.zip", zip_of(from)));
    EXPECT_THAT(zip.names(), testing::ElementsAre("small", "larger", "empty"));
    EXPECT_EQ(zip.read("small"), "ab");
    EXPECT_EQ(zip.read("larger"), std::string(200, 'x'));
    EXPECT_EQ(zip.read("empty"), "");
  }
}

TEST(ZipWriter, PythonReadsZip64Fields) {
  if (!test::python_has("zipfile")) GTEST_SKIP() << "no Python";
  const TemporaryFolder folder;
  for (const std::uint64_t from : {ZipWriter::kZip64From, std::uint64_t{100}, std::uint64_t{0}}) {
    SCOPED_TRACE(from);
    write_file(folder.path() / "a.zip", zip_of(from));
    const test::PythonRun run = test::run_python(
        "import sys, zipfile\n"
        "z = zipfile.ZipFile(sys.argv[1])\n"
        "print(z.testzip(), [len(z.read(n)) for n in z.namelist()])\n",
        (folder.path() / "a.zip").string());
    EXPECT_EQ(run.output, "None [2, 200, 0]\n");
  }
}

}  // namespace torch_writer_test
}  // namespace robiq
