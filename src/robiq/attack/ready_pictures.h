#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace robiq {

/// A folder with pictures that stand for those of a data set. For "a/1.jpg" it holds one of
/// a%2F1.jpg.png (so `robiq evaluate --save` names it), a/1.jpg, a/1.png, a/1.jpg.png,
/// or 1.jpg.png, 1.png, 1.jpg.
class PictureFolder {
 public:
  /// \throws Error{kData} when there is no such folder
  explicit PictureFolder(std::filesystem::path folder);

  /// See ReadsPictures.
  void know(const std::vector<std::string>& ids);
  /// \throws Error{kData} where none stands for it, or one that could stand for another picture
  [[nodiscard]] std::filesystem::path file_of(const std::string& id) const;

 private:
  [[nodiscard]] bool holds(const std::filesystem::path& name) const;
  /// Under which names a picture may stand for `id`, the nearest first.
  [[nodiscard]] std::vector<std::filesystem::path> names_of(const std::string& id) const;

  std::filesystem::path folder_;
  /// Of every name that is not one picture's alone, the pictures that ask for it.
  std::map<std::string, std::vector<std::string>> askers_;
};

/// What an attack also is when it has a file of its own for every picture of a data set.
class ReadsPictures {
 public:
  virtual ~ReadsPictures() = default;
  /// Names all pictures of the set, those that are not attacked too: a file that could stand for
  /// two of them is refused when it is asked for.
  virtual void know_pictures(const std::vector<std::string>& ids) = 0;
  /// SHA-256 of the file that stands for a picture. \throws Error{kData} where none does
  [[nodiscard]] virtual std::string content_for(const std::string& id) const = 0;
};

}  // namespace robiq
