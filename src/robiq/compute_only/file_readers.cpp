// What stands in for the readers of MATLAB, Excel and packed zip files in a compute-only build.
#include "robiq/core/error.h"
#include "robiq/io/matlab/mat.h"
#include "robiq/io/table/xlsx.h"
#include "robiq/io/zip/zip_fields.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error(ErrorKind::kModel,
              {"this robiq was built compute-only and cannot read " + what, where,
               "use a robiq that was configured with -DROBIQ_COMPUTE_ONLY=OFF"});
}

}  // namespace

ObjectPtr read_mat(const std::filesystem::path& file) { refuse("MATLAB files", file.string()); }

const std::string& XlsxSheet::cell(std::size_t /*row*/, std::size_t /*column*/) const {
  refuse("Excel files", "XlsxSheet");
}
XlsxSheet read_xlsx(const std::filesystem::path& file, const std::string& /*sheet*/) {
  refuse("Excel files", file.string());
}
XlsxSheet read_xlsx(const std::shared_ptr<const ByteSource>& source, const std::string& /*sheet*/,
                    const XlsxLimits& /*limits*/) {
  refuse("Excel files", source->name());
}

bool unpack_member(const ByteSource& source, const ZipMember& member, unsigned char* /*to*/) {
  refuse("packed members of zip files", source.name() + ", '" + member.name + "'");
}

}  // namespace robiq
