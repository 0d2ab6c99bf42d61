// What `cmake --install` leaves is enough for programs and plugins outside the tree: both examples
// are built against it and run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "robiq/core/files/files.h"
#include "robiq/core/text/text.h"
#include "support/installed.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::shell;
using testing::HasSubstr;

/// An installation and both examples, built against it; made once.
class Installed : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    test::install_this_build();
    for (const char* example : {"score", "my_attack"}) test::build_example(example);
  }
  static fs::path path(const std::string& name) { return test::Workbench::get().path(name); }
  static constexpr const char* kRobiq = test::kInstalledRobiq;
  static constexpr const char* kWeights = " --weights w.safetensors --threads 1 --format json ";
};

TEST_F(Installed, HasHeadersLibrariesAndAPackageAndNoMore) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path("moved"))) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("bin", "include", "lib", "share"));
  std::size_t headers = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path("moved/include"))) {
    if (entry.is_directory()) continue;
    EXPECT_EQ(entry.path().extension(), ".h") << entry.path();
    ++headers;
  }
  EXPECT_GT(headers, 50u);
  EXPECT_FALSE(fs::exists(path("moved/include/robiq/cli"))) << "which needs CLI11";
  EXPECT_THAT(shell("ldd moved/bin/robiq"), testing::Not(HasSubstr("torch")));
  const std::string libraries = shell("ldd moved/bin/robiq-compute");
  EXPECT_THAT(libraries, HasSubstr("moved/bin/../lib/librobiq.so"));
  EXPECT_THAT(libraries, testing::Not(HasSubstr("not found")));
  EXPECT_THAT(libraries, testing::Not(HasSubstr(ROBIQ_BINARY_DIR)));
}

TEST_F(Installed, TheProgramRuns) {
  EXPECT_EQ(shell(std::string(kRobiq) + "--version"), test::Workbench::get().run("--version").out);
  const std::string score = "score pictures/p0.png" + std::string(kWeights);
  EXPECT_EQ(shell(kRobiq + score), test::Workbench::get().run(score).out);
}

TEST_F(Installed, TheExampleScoresAsTheProgramDoes) {
  for (const std::string picture : {"pictures/p0.png", "pictures/p3.png"}) {
    double from_example = 0;
    const std::string printed = shell("score/score cnniqa w.safetensors " + picture);
    ASSERT_TRUE(parse_number(trim(printed), from_example)) << printed;
    const Json row = Json::parse(shell(kRobiq + ("score " + picture) + kWeights));
    EXPECT_NEAR(from_example, row.at("score").get<double>(), 1e-5);
  }
  shell("score/score cnniqa none.safetensors pictures/p0.png > /dev/null 2> why; test $? = 4");
  EXPECT_THAT(read_file(path("why"), 1 << 16), HasSubstr("none.safetensors"));
}

TEST_F(Installed, TheCInterfaceIsFoundByCMakeAndByPkgConfig) {
  shell("cmake -G '" ROBIQ_GENERATOR "' -S '" + test::source_folder() +
        "/examples/c' -B c -DCMAKE_PREFIX_PATH=\"$PWD/moved\" && cmake --build c");
  const std::string by_cmake = shell("c/score w.safetensors");
  EXPECT_THAT(by_cmake, HasSubstr("0 (worst) to 100 (best)"));
  shell(
      "PKG_CONFIG_PATH=\"$(dirname $(find $PWD/moved -name robiq.pc))\" && export PKG_CONFIG_PATH "
      "&& "
      "cc -std=c11 '" +
      test::source_folder() +
      "/examples/c/score.c' $(pkg-config --cflags --libs robiq) "
      "-Wl,-rpath,$(pkg-config --variable=libdir robiq) -o by_pkgconfig");
  EXPECT_EQ(shell("./by_pkgconfig w.safetensors"), by_cmake);
  const std::string by_python = shell("python3 '" + test::source_folder() +
                                      "/examples/c/score.py' $(find $PWD/moved -name librobiq.so) "
                                      "w.safetensors");
  EXPECT_EQ(by_python.substr(0, by_python.find(',')), by_cmake.substr(0, by_cmake.find(' ')));
}

TEST_F(Installed, ThePluginIsListedDescribedAndRun) {
  const std::string plugin = std::string(kRobiq) + "--plugin my_attack/libmy_attack.so ";
  EXPECT_THAT(shell(plugin + "list attacks"), HasSubstr("\nsign-noise "));
  EXPECT_THAT(shell(std::string(kRobiq) + "list attacks --plugin my_attack/libmy_attack.so"),
              HasSubstr("\nsign-noise "));
  EXPECT_THAT(shell(std::string(kRobiq) + "list attacks"), testing::Not(HasSubstr("sign-noise")));
  EXPECT_THAT(shell(plugin + "describe attack sign-noise"), HasSubstr("tries"));
  const auto attack = [&](const std::string& spec, const std::string& out) {
    return Json::parse(shell(plugin + "attack " + spec + " pictures/p0.png --level image --out " +
                             out + kWeights));
  };
  const Json row = attack("sign-noise:epsilon=0.02,tries=4", "noisy");
  EXPECT_NEAR(row.at("linf").get<double>(), 0.02, 1e-5);
  const auto gain = [](const Json& one) {
    return std::abs(one.at("after").get<double>() - one.at("before").get<double>());
  };
  EXPECT_GT(gain(row), 0);
  EXPECT_GE(gain(attack("sign-noise:epsilon=0.02,tries=12", "noisier")), gain(row));
  EXPECT_TRUE(fs::exists(path("noisy/p0.png")));
}

TEST_F(Installed, APluginInTheFolderOneStandsInNeedsNoPath) {
  fs::copy(path("my_attack/libmy_attack.so"), path("libmy_attack.so"));
  EXPECT_THAT(shell(std::string(kRobiq) + "--plugin libmy_attack.so list attacks"),
              HasSubstr("sign-noise"));
}

}  // namespace
}  // namespace robiq
