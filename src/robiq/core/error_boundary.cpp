#include "robiq/core/error_boundary.h"

#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>

namespace robiq {

void throw_out_of_memory(const std::string& detail) {
  throw Error(ErrorKind::kDevice, {"out of memory" + (detail.empty() ? "" : ": " + detail), "",
                                   "use smaller pictures or batches, or fewer views"});
}

Error internal_error(const std::string& what) {
  return {
      ErrorKind::kInternal,
      {what, "",
       "this is a bug of robiq's, or of a plugin in use: please report it with the command that "
       "led here"}};
}

void throw_internal(const std::string& what) { throw Error(internal_error(what)); }

void within_system_boundary(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    throw_out_of_memory("");
  } catch (const nlohmann::json::exception& error) {
    throw_internal(error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error(ErrorKind::kData,
                {"a file or folder cannot be used: " + error.code().message(),
                 error.path1().string(), "check that it exists and may be read and written"});
  }
}

}  // namespace robiq
