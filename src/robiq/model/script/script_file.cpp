#include "robiq/model/script/script_file.h"

#include <cctype>
#include <filesystem>

#include "robiq/core/error.h"
#include "robiq/io/zip/zip_archive.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& file,
                         const std::string& hint) {
  throw Error(ErrorKind::kModel, {what, file, hint});
}

/// The first of TorchScript's operations on files or other machines that stands in a module's
/// source as a word, or "". Loading a module can run some of its code, so this comes before.
std::string reaching_out(const std::string& source) {
  const auto in_word = [](char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
  };
  for (const std::string word : {"from_file", "save", "rpc_async", "rpc_sync", "rpc_remote"}) {
    for (std::size_t at = source.find(word); at != source.npos; at = source.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      const bool begins = at == 0 || !in_word(source[at - 1]);
      if (begins && (end == source.size() || !in_word(source[end]))) return word;
    }
  }
  return "";
}

}  // namespace

void check_script_file(const std::string& file) {
  if (!std::filesystem::is_regular_file(file)) {
    refuse(std::filesystem::exists(file) ? "the module is no file" : "there is no such file", file,
           "check the path");
  }
  const auto source = open_source(file);
  if (!ZipArchive::is_zip(*source))
    refuse("the file is no TorchScript module", file, kExportScript);
  const ZipArchive archive(source);
  bool has_code = false;
  for (const std::string& name : archive.names()) {
    has_code = has_code || name.ends_with("/constants.pkl");
    const std::string bytes = archive.read(name);
    const std::string word = name.ends_with(".py") ? reaching_out(bytes) : "";
    if (word.empty()) continue;
    refuse("the module's code says '" + word + "': it may read or write files, or reach others",
           file, "take that out of the module; what is meant harmlessly needs another name");
  }
  if (has_code) return;
  refuse("the file is a checkpoint of weights, no TorchScript module", file,
         std::string("load it into its model in Python, and ") + kExportScript);
}

}  // namespace robiq
