#include "robiq/model/script_file.h"

#include <filesystem>

#include "robiq/core/error.h"
#include "robiq/io/zip_archive.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& file,
                         const std::string& mend) {
  throw Error(ErrorKind::kModel, {what, file, mend});
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
    static_cast<void>(archive.read(name));
  }
  if (has_code) return;
  refuse("the file is a checkpoint of weights, no TorchScript module", file,
         std::string("load it into its model in Python, and ") + kExportScript);
}

}  // namespace robiq
