#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace robiq {

/// Names of the pictures that attacks save, and where they may lie.
class AttackedNames {
 public:
  /// \param inputs  the pictures that are attacked, which are never replaced
  /// \param endings of what is saved of each: ".png", ".triplet.png"
  AttackedNames(std::filesystem::path folder, std::vector<std::filesystem::path> inputs,
                std::vector<std::string> endings, bool force);

  /// The stem under which `file` is saved: its own, or with a number where an earlier one has that.
  /// \param count  how many pictures it becomes: one, or its views
  /// \throws Error{kUsage} when that would replace a picture that robiq did not make, or an input
  [[nodiscard]] std::string stem_for(const std::filesystem::path& file, std::size_t count);

 private:
  [[nodiscard]] std::vector<std::string> names_of(const std::string& stem, std::size_t count) const;
  void check(const std::filesystem::path& target) const;

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> inputs_;
  std::vector<std::string> endings_;
  bool force_;
  std::set<std::string> used_;
};

}  // namespace robiq
