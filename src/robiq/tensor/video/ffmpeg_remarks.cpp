#ifdef ROBIQ_WITH_FFMPEG

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "robiq/tensor/video/ffmpeg_parts.h"

namespace robiq {
namespace {

/// The matrix by which players turn the picture; null where there is none.
const std::int32_t* display_matrix(const AVStream& stream) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  const AVCodecParameters& parameters = *stream.codecpar;
  const AVPacketSideData* const side = av_packet_side_data_get(
      parameters.coded_side_data, parameters.nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  const std::uint8_t* const bytes =
      side != nullptr && side->size >= 9 * sizeof(std::int32_t) ? side->data : nullptr;
#else
  std::size_t size = 0;
  const std::uint8_t* bytes = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (size < 9 * sizeof(std::int32_t)) bytes = nullptr;
#endif
  return reinterpret_cast<const std::int32_t*>(bytes);
}

/// Colours that robiq takes for others.
std::string misread(const std::string& what, const char* taken_for) {
  return fmt::format(
      "{}; robiq reads {}, so that its scores do not compare with others. Convert it to BT.709 "
      "first",
      what, taken_for);
}

void remark_on_colours(const AVCodecParameters& codec, std::vector<std::string>& remarks) {
  const bool hdr =
      codec.color_trc == AVCOL_TRC_SMPTE2084 || codec.color_trc == AVCOL_TRC_ARIB_STD_B67;
  const bool wide = codec.color_primaries == AVCOL_PRI_BT2020 ||
                    codec.color_space == AVCOL_SPC_BT2020_NCL ||
                    codec.color_space == AVCOL_SPC_BT2020_CL;
  if (!hdr && !wide) return;
  const char* colours = "BT.2020";
  if (hdr) colours = codec.color_trc == AVCOL_TRC_SMPTE2084 ? "HDR (PQ)" : "HDR (HLG)";
  remarks.push_back(
      misread(fmt::format("its colours are {}", colours), "them as if they were BT.709"));
}

/// A matrix that is neither of the two that robiq knows, nor BT.2020's, which has its own remark.
void remark_on_matrix(const AVCodecParameters& codec, std::vector<std::string>& remarks) {
  switch (codec.color_space) {
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_YCGCO:
    case AVCOL_SPC_SMPTE2085:
    case AVCOL_SPC_ICTCP:
      remarks.push_back(
          misread(fmt::format("its colour matrix is {}", av_color_space_name(codec.color_space)),
                  "it as BT.601 or BT.709"));
      break;
    default:
      break;
  }
}

void remark_on_fields(const AVCodecParameters& codec, std::vector<std::string>& remarks) {
  if (codec.field_order == AV_FIELD_UNKNOWN || codec.field_order == AV_FIELD_PROGRESSIVE) return;
  remarks.emplace_back(kInterlacedRemark);
}

}  // namespace

std::vector<std::string> ffmpeg_remarks(const AVFormatContext& input, int stream) {
  std::vector<std::string> remarks;
  int videos = 0;
  for (unsigned i = 0; i < input.nb_streams; ++i) {
    const AVStream& other = *input.streams[i];
    const bool cover = (other.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (other.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !cover) ++videos;
  }
  if (videos > 1) {
    remarks.push_back(
        fmt::format("it has {} video streams; only stream {} is scored", videos, stream));
  }
  const AVStream& own = *input.streams[stream];
  remark_on_colours(*own.codecpar, remarks);
  remark_on_matrix(*own.codecpar, remarks);
  remark_on_fields(*own.codecpar, remarks);
  const std::int32_t* const matrix = display_matrix(own);
  const double turned = matrix == nullptr ? 0 : av_display_rotation_get(matrix);
  if (std::isfinite(turned) && std::lround(turned) != 0) {
    remarks.push_back(fmt::format(
        "players turn or mirror it ({} degrees); its frames are scored as they are stored",
        std::lround(std::abs(turned))));
  }
  return remarks;
}

}  // namespace robiq

#endif
