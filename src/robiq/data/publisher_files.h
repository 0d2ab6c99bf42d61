#pragma once
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/io/table/csv.h"

namespace robiq {

/// How a publisher lays out a data set, for finding it and for messages.
struct PublishedLayout {
  std::string name;    ///< the registered name
  std::string folder;  ///< what the publisher's archive unpacks to
  std::string marker;  ///< a file or folder inside by which it is known
};

/// The publisher's folder: `path` itself, or the one of that name in it.
/// \throws Error{kData} naming what was looked for
[[nodiscard]] std::filesystem::path published_root(const std::filesystem::path& path,
                                                   const PublishedLayout& layout);

/// The first of the candidates that exists under the root.
/// \param what  "label file", "folder of pictures"   \throws Error{kData} naming all of them
[[nodiscard]] std::filesystem::path find_published(const std::filesystem::path& root,
                                                   const std::vector<std::string>& candidates,
                                                   const std::string& what);

/// The files of one folder by name, whatever the case of its letters: publishers list "I01.BMP" and
/// ship "i01.bmp".
class FolderIndex {
 public:
  /// \throws Error{kData} for a folder that cannot be read
  explicit FolderIndex(std::filesystem::path folder);

  /// The file of that name, in its own letters; where there is none, the path at which it should
  /// be. \throws Error{kData} when two files differ only in the case of their letters.
  [[nodiscard]] std::filesystem::path find(const std::string& name) const;

 private:
  std::filesystem::path folder_;
  std::unordered_map<std::string, std::vector<std::string>> names_;
};

/// ASCII letters made small.
[[nodiscard]] std::string lower_case(std::string text);

/// A numeric array of a MATLAB file, in C order. \throws Error{kData}, also when it is absent.
[[nodiscard]] std::vector<double> mat_numbers(const std::filesystem::path& file,
                                              const std::string& variable);
/// A cell array of texts of a MATLAB file. \throws Error{kData}
[[nodiscard]] std::vector<std::string> mat_texts(const std::filesystem::path& file,
                                                 const std::string& variable);

/// The table below the first row of a sheet that holds all those column names, whatever their case;
/// rows where all of them are empty are left out. \param sheet  "" for the first
/// \throws Error{kData}
[[nodiscard]] CsvTable sheet_table(const std::filesystem::path& file, const std::string& sheet,
                                   const std::vector<std::string>& columns);

}  // namespace robiq
