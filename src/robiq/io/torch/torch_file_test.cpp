// Files as Python writes them: small ones that make.py made, new ones where PyTorch is installed,
// and real ones.
#include "robiq/io/torch/torch_file.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "robiq/core/files/files.h"
#include "support/errors.h"
#include "support/object_json.h"
#include "support/python.h"
#include "support/test_files.h"

namespace robiq {
namespace torch_file_test {

using nlohmann::json;
using test::plain;
namespace fs = std::filesystem;

std::string container_of(const std::string& name) {
  if (name.starts_with("split")) return "pickle";
  return name.find("legacy") == std::string::npos ? "PyTorch zip" : "PyTorch legacy pickle";
}

void expect_as_python_says(const fs::path& folder) {
  const json expected = test::read_json(folder / "expected.json");
  EXPECT_EQ(expected.size(), 16U);
  for (const auto& [name, value] : expected.items()) {
    SCOPED_TRACE(name);
    const TorchFile file = read_torch_file(folder / name);
    EXPECT_EQ(file.container, container_of(name));
    EXPECT_EQ(plain(*file.root), value);
  }
}

TEST(TorchFile, HoldsWhatPythonWrote) { expect_as_python_says(test::fixture_path("checkpoints")); }

TEST(TorchFile, HoldsWhatThisMachinesPythonWrites) {
  if (!test::python_has("torch, numpy")) GTEST_SKIP() << "the system's Python has no PyTorch";
  const TemporaryFolder folder;
  const std::string script = read_file(test::fixture_path("checkpoints/make.py"), 1 << 20);
  const test::PythonRun run = test::run_python(script, folder.path().string());
  ASSERT_EQ(run.exit_code, 0) << run.output;
  expect_as_python_says(folder.path());
}

TEST(TorchFile, TensorsHaveMemoryOfTheirOwn) {
  for (const char* const name : {"checkpoints/zip.pth", "checkpoints/legacy.pth"}) {
    const TorchFile file = read_torch_file(test::fixture_path(name));
    at::Tensor head = *file.root->find("shared.head")->get_if<at::Tensor>();
    const at::Tensor all = *file.root->find("shared.all")->get_if<at::Tensor>();
    const at::Tensor before = all.clone();
    head.fill_(99);
    EXPECT_TRUE(at::equal(all, before));
    at::Tensor grid = *file.root->find("conv.weight")->get_if<at::Tensor>();
    const at::Tensor transposed = *file.root->find("conv.transposed")->get_if<at::Tensor>();
    const at::Tensor kept = transposed.clone();
    grid.fill_(99);
    EXPECT_TRUE(at::equal(transposed, kept));
  }
}

TEST(TorchFile, ReadsFromMemoryAsFromTheFile) {
  const fs::path path = test::fixture_path("checkpoints/zip.pth");
  const TorchFile file = read_torch_file(source_of_bytes("memory", read_file(path, 1 << 20)));
  EXPECT_EQ(plain(*file.root), plain(*read_torch_file(path).root));
}

TEST(TorchFile, ModulesAreRefusedByTheirClass) {
  const std::string file = test::fixture_path("checkpoints/whole_module.pth").string();
  expect_error(ErrorKind::kModel,
               {"the file asks for torch.nn.modules.linear.Linear, which robiq does not run", file,
                "torch.save(model.state_dict(), FILE)"},
               [&] { (void)read_torch_file(file); });
}

TEST(TorchFile, TorchScriptIsSentToItsFlag) {
  const std::string file = test::fixture_path("checkpoints/script.pt").string();
  expect_error(ErrorKind::kModel,
               {"it is a TorchScript module", file, "use it with --model torchscript:" + file},
               [&] { (void)read_torch_file(file); });
}

class NoTorchFile : public testing::Test {
 protected:
  void expect_refused(const std::string& bytes, const std::string& what, const std::string& hint) {
    write_file(file_, bytes);
    expect_error(ErrorKind::kModel, {what, file_.string(), hint},
                 [&] { (void)read_torch_file(file_); });
  }
  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "weights.pth";
};

TEST_F(NoTorchFile, WhatPeopleHaveByMistakeIsNamed) {
  expect_refused("", "the weights file is empty", "a download may have broken off");
  for (const char* const page : {"<!DOCTYPE html><html>", "\xEF\xBB\xBF\n  <HTML lang=en>",
                                 "<?xml version=\"1.0\"?><html/>"}) {
    expect_refused(page, "it is a web page, not weights", "open the address in a browser");
  }
  expect_refused("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                 "it is a git-lfs pointer", "git lfs pull");
}

TEST_F(NoTorchFile, OtherFilesAreNone) {
  for (const char* const bytes : {"x", "\x89PNG\r\n", "0123456789", "{\"a\": 1}\n"}) {
    expect_refused(bytes, "this is not a weights file", "get the file again");
  }
}

TEST_F(NoTorchFile, MissingFilesAndFoldersAreNone) {
  expect_error(ErrorKind::kModel,
               {"there is no file '" + file_.string() + "'", "", "check the path"},
               [&] { (void)read_torch_file(file_); });
  expect_error(ErrorKind::kModel,
               {"it is not an ordinary file", folder_.path().string(), "check the path"},
               [&] { (void)read_torch_file(folder_.path()); });
}

double norm_of_all(const Object& root) {
  double sum = 0;
  for (const auto& [key, value] : *root.get_if<Object::Dict>()) {
    sum += value->get_if<at::Tensor>()->to(at::kDouble).square().sum().item<double>();
  }
  return std::sqrt(sum);
}

struct RealFile {
  const char* name;
  std::size_t tensors;
  const char* first;
  double norm;  ///< of all elements, as PyTorch computed it
};

TEST(TorchFile, RealFilesHoldWhatPyTorchFinds) {
  const RealFile files[] = {{"dists_weights.pt", 2, "alpha", 0.0554736994639},
                            {"lpips_alex.pth", 5, "lin0.model.1.weight", 6.36270112395},
                            {"lpips_squeeze.pth", 7, "lin0.model.1.weight", 8.55471117619},
                            {"lpips_vgg.pth", 5, "lin0.model.1.weight", 4.37498840614},
                            {"scnn.pkl", 68, "module.features.0.weight", 22.2634470253}};
  if (test::shared_path("weights").empty()) GTEST_SKIP() << "the shared weights are not here";
  for (const RealFile& real : files) {
    SCOPED_TRACE(real.name);
    const TorchFile file = read_torch_file(test::shared_path(std::string("weights/") + real.name));
    EXPECT_EQ(file.container, "PyTorch legacy pickle");
    const auto& dict = *file.root->get_if<Object::Dict>();
    EXPECT_EQ(dict.size(), real.tensors);
    EXPECT_EQ(*dict.front().first->get_if<std::string>(), real.first);
    EXPECT_NEAR(norm_of_all(*file.root), real.norm, 1e-9 * real.norm);
  }
}

}  // namespace torch_file_test
}  // namespace robiq
