#pragma once
#include <string>
#include <vector>

namespace robiq {

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
