#include "robiq/app/run/error_boundary.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <string>

#include "robiq/core/error.h"
#include "robiq/tensor/torch_failure.h"

namespace robiq {
namespace {

[[noreturn]] void throw_out_of_memory(const std::string& detail) {
  throw Error(ErrorKind::kDevice,
              {"out of memory" + detail, "", "use smaller pictures or batches, or fewer views"});
}

[[noreturn]] void throw_internal(const std::string& what) {
  throw Error(ErrorKind::kInternal, {what, "",
                                     "this is a bug of robiq's: please report it with the "
                                     "command that led here"});
}

}  // namespace

void within_error_boundary(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    throw_out_of_memory("");
  } catch (const c10::Error& error) {
    const std::string all = error.what_without_backtrace();
    const std::string what = all.substr(0, all.find('\n'));
    if (torch_failure(error) == TorchFailure::kOutOfMemory) throw_out_of_memory(": " + what);
    throw_internal(what);
  } catch (const nlohmann::json::exception& error) {
    throw_internal(error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error(ErrorKind::kData,
                {"a file or folder cannot be used: " + error.code().message(),
                 error.path1().string(), "check that it exists and may be read and written"});
  }
}

}  // namespace robiq
