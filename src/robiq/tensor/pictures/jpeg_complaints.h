#pragma once
#include <array>
#include <csetjmp>
#include <cstdio>
// After <cstdio>, which it needs and does not include.
#include <jpeglib.h>

namespace robiq {

/// What libjpeg reports goes here, and ends the work by longjmp(), which runs no destructors.
struct JpegComplaints {
  jpeg_error_mgr base{};  ///< first: libjpeg hands back a pointer to it
  std::jmp_buf way_out{};
  std::array<char, JMSG_LENGTH_MAX> text{};
};

/// For jpeg_error_mgr::error_exit of such complaints.
[[noreturn]] inline void leave_jpeg(j_common_ptr common) {
  auto* complaints = reinterpret_cast<JpegComplaints*>(common->err);
  complaints->base.format_message(common, complaints->text.data());
  std::longjmp(complaints->way_out, 1);
}

}  // namespace robiq
