#pragma once
// Several processes of one run, as torchrun would start them.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/dist/process_group.h"
#include "support/free_port.h"
#include "support/program.h"

#define SKIP_WITHOUT_GROUPS() \
  if (std::string why; !::robiq::ProcessGroup::available(&why)) GTEST_SKIP() << why

namespace robiq::test {

/// Names and values of environment variables, for the life of the guard.
class ScopedEnvironment {
 public:
  explicit ScopedEnvironment(const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
      names_.push_back(name);
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
  ~ScopedEnvironment() {
    for (const std::string& name : names_) ::unsetenv(name.c_str());
  }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  std::vector<std::string> names_;
};

/// As many processes of one run, in one folder.
class Ranks {
 public:
  Ranks(const std::filesystem::path& folder, std::int64_t count, const std::string& arguments) {
    const std::string port = std::to_string(free_port()), world = std::to_string(count);
    for (std::int64_t rank = 0; rank < count; ++rank) {
      const ScopedEnvironment environment({{"RANK", std::to_string(rank)},
                                           {"WORLD_SIZE", world},
                                           {"LOCAL_RANK", std::to_string(rank)},
                                           {"LOCAL_WORLD_SIZE", world},
                                           {"MASTER_ADDR", "127.0.0.1"},
                                           {"MASTER_PORT", port}});
      programs_.push_back(std::make_unique<Program>(folder, words(arguments)));
    }
  }
  Program& operator[](std::size_t rank) { return *programs_[rank]; }
  std::vector<Finished> wait() {
    std::vector<Finished> all;
    for (auto& program : programs_) all.push_back(program->wait());
    return all;
  }

 private:
  std::vector<std::unique_ptr<Program>> programs_;
};

}  // namespace robiq::test
