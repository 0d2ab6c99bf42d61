#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <istream>
#include <system_error>
#include <utility>
#include <vector>

#include "robiq/core/error.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/video/video.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostHeaderBytes = 4096;

std::string ending_of(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char letter) {
    return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
  });
  return ending;
}

[[noreturn]] void refuse(const fs::path& file, const std::string& what, const std::string& hint) {
  throw Error(ErrorKind::kData, {what, file.string(), hint});
}

/// "420", "420p10", "422jpeg", "mono", "mono10" into chroma and bits; false for what is none.
bool parse_sampling(std::string text, YuvFormat& format) {
  using Chroma = YuvFormat::Chroma;
  constexpr std::array<std::pair<const char*, Chroma>, 4> kKinds = {{{"420", Chroma::k420},
                                                                     {"422", Chroma::k422},
                                                                     {"444", Chroma::k444},
                                                                     {"mono", Chroma::kNone}}};
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                 [&](const auto& entry) { return text.starts_with(entry.first); });
  if (kind == kKinds.end()) return false;
  format.chroma = kind->second;
  text = text.substr(std::string(kind->first).size());
  if (text.starts_with('p')) text = text.substr(1);
  format.bits = 8;
  // Where chroma samples lie; all are read alike.
  if (text.empty() || text == "jpeg" || text == "mpeg2" || text == "aldv") return true;
  std::int64_t bits = 0;
  if (!parse_integer(text, bits) || bits < 8 || bits > 16) return false;
  format.bits = static_cast<int>(bits);
  return true;
}

std::ifstream opened(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::error_code code;
  if (!stream || fs::is_directory(file, code))
    refuse(file, "the video cannot be opened", "check the path");
  return stream;
}

void check_size(ErrorKind kind, const std::string& where, const YuvFormat& format) {
  if (format.width > 0 && format.height > 0 && format.width <= kMaxPicturePixels / format.height)
    return;
  throw Error(kind,
              {"frames of " + std::to_string(format.width) + " x " + std::to_string(format.height) +
                   " pixels",
               where, "give frames of 1 to " + std::to_string(kMaxPicturePixels) + " pixels"});
}

/// Frames that lie in a file as they are, each behind a line of text or behind nothing.
class PlanarVideo final : public VideoReader {
 public:
  PlanarVideo(std::ifstream stream, const YuvFormat& format, VideoInfo info, bool with_lines)
      : stream_(std::move(stream)),
        format_(format),
        info_(info),
        with_lines_(with_lines),
        memory_(static_cast<std::size_t>(format.frame_bytes())) {}

  [[nodiscard]] const VideoInfo& info() const noexcept override { return info_; }
  [[nodiscard]] std::string damage() const override { return damage_; }

  [[nodiscard]] bool advance() override {
    if (!damage_.empty() || stream_.peek() == std::ifstream::traits_type::eof()) return false;
    if (with_lines_ && !pass_line()) return false;
    stream_.read(reinterpret_cast<char*>(memory_.data()),
                 static_cast<std::streamsize>(memory_.size()));
    const auto got = stream_.gcount();
    if (got != static_cast<std::streamsize>(memory_.size())) {
      damage_ = "frame " + std::to_string(read_) + " is cut off after " + std::to_string(got) +
                " of " + std::to_string(memory_.size()) + " bytes";
      return false;
    }
    ++read_;
    return true;
  }

  [[nodiscard]] at::Tensor frame() const override {
    return yuv_to_rgb(format_, packed_planes(format_, memory_.data()));
  }

 private:
  /// "FRAME", and what may stand behind it.
  bool pass_line() {
    std::string line;
    for (char letter = 0;
         line.size() < kMostHeaderBytes && stream_.get(letter) && letter != '\n';) {
      line += letter;
    }
    if (stream_ && (line == "FRAME" || line.starts_with("FRAME "))) return true;
    damage_ = "no frame begins where frame " + std::to_string(read_) + " should";
    return false;
  }

  std::ifstream stream_;
  YuvFormat format_;
  VideoInfo info_;
  bool with_lines_;
  std::vector<std::byte> memory_;
  std::int64_t read_ = 0;
  std::string damage_;
};

double rate_of(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  double numerator = 0, denominator = 1;
  if (parts.size() != 2 || !parse_number(parts[0], numerator) ||
      !parse_number(parts[1], denominator) || denominator <= 0) {
    return 0;
  }
  return std::max(0.0, numerator / denominator);
}

/// One word of a YUV4MPEG2 header. \return false for a value that is not understood
bool take_word(const std::string& word, YuvFormat& format, VideoInfo& info) {
  const std::string value = word.substr(1);
  switch (word.front()) {
    case 'W':
      return parse_integer(value, format.width);
    case 'H':
      return parse_integer(value, format.height);
    case 'C':
      return parse_sampling(value, format);
    case 'F':
      info.frames_per_second = rate_of(value);
      return true;
    case 'I':
      if (value == "t" || value == "b" || value == "m")
        info.remarks.emplace_back(kInterlacedRemark);
      return true;
    case 'X':
      if (word == "XCOLORRANGE=FULL") format.full_range = true;
      return true;
    default:
      return true;
  }
}

void settle(YuvFormat& format, const VideoHints& hints) {
  format.matrix = hints.matrix.value_or(usual_matrix(format.height));
  if (hints.full_range) format.full_range = *hints.full_range;
}

std::int64_t frames_in(const fs::path& file, std::int64_t header, std::int64_t frame) {
  std::error_code code;
  const auto size = static_cast<std::int64_t>(fs::file_size(file, code));
  return code || size < header ? 0 : (size - header) / frame;
}

}  // namespace

YuvFormat::Matrix usual_matrix(std::int64_t height) noexcept {
  constexpr std::int64_t kMostRowsOfStandardDefinition = 576;
  return height > kMostRowsOfStandardDefinition ? YuvFormat::Matrix::kBt709
                                                : YuvFormat::Matrix::kBt601;
}

std::unique_ptr<VideoReader> open_y4m(const fs::path& file, const VideoHints& hints) {
  std::ifstream stream = opened(file);
  std::string header(kMostHeaderBytes, '\0');
  stream.getline(header.data(), static_cast<std::streamsize>(header.size()));
  if (!stream || stream.eof()) refuse(file, "the YUV4MPEG2 header has no end", "give a .y4m file");
  header.resize(std::char_traits<char>::length(header.c_str()));
  const std::vector<std::string> words = split(header, ' ');
  if (words.front() != "YUV4MPEG2")
    refuse(file, "this is not a YUV4MPEG2 video", "give a .y4m file");
  YuvFormat format;
  VideoInfo info;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].empty() || take_word(words[i], format, info)) continue;
    refuse(file, "'" + words[i] + "' in the YUV4MPEG2 header is not read",
           words[i].starts_with('C')
               ? "420, 422, 444 and mono of 8 to 16 bits are; FFmpeg converts with -pix_fmt yuv444p"
               : "W and H are whole numbers of pixels");
  }
  check_size(ErrorKind::kData, file.string(), format);
  settle(format, hints);
  info.width = format.width;
  info.height = format.height;
  constexpr std::int64_t kFrameLine = 6;
  info.frames = frames_in(file, static_cast<std::int64_t>(header.size()) + 1,
                          format.frame_bytes() + kFrameLine);
  return std::make_unique<PlanarVideo>(std::move(stream), format, info, true);
}

std::unique_ptr<VideoReader> open_raw_yuv(const fs::path& file, const VideoHints& hints) {
  YuvFormat format;
  const std::vector<std::string> parts = split(hints.raw, ':');
  const std::vector<std::string> sides = split(parts.front(), 'x');
  if (parts.size() != 2 || sides.size() != 2 || !parse_integer(sides[0], format.width) ||
      !parse_integer(sides[1], format.height) || format.width < 1 || format.height < 1 ||
      !parse_sampling(parts[1], format)) {
    throw Error(ErrorKind::kUsage,
                {hints.raw.empty() ? "a raw YUV file does not say its layout"
                                   : "'" + hints.raw + "' is not a layout of a raw video",
                 "--raw", "write WIDTHxHEIGHT:CHROMA[pBITS], e.g. 1920x1080:420p10"});
  }
  if (has_video_ending(file) && ending_of(file) != ".yuv") {
    throw Error(ErrorKind::kUsage, {"a " + ending_of(file) + " file says its layout itself",
                                    "--raw", "leave --raw out; it is for .yuv files"});
  }
  check_size(ErrorKind::kUsage, "--raw", format);
  settle(format, hints);
  VideoInfo info{format.width, format.height, frames_in(file, 0, format.frame_bytes()),
                 hints.raw_rate};
  return std::make_unique<PlanarVideo>(opened(file), format, info, false);
}

void warn_of_remarks(const fs::path& file, const VideoInfo& info) {
  for (const std::string& remark : info.remarks) log::warning("{}: {}", file.string(), remark);
}

bool has_video_ending(const fs::path& file) {
  constexpr std::array kEndings = {
      ".y4m", ".yuv",  ".mp4", ".m4v",  ".mov", ".mkv",  ".webm", ".avi", ".ts",  ".m2ts",
      ".mts", ".mpeg", ".mpg", ".vob",  ".flv", ".f4v",  ".wmv",  ".asf", ".3gp", ".3g2",
      ".mxf", ".nut",  ".264", ".h264", ".265", ".h265", ".hevc", ".ivf", ".obu", ".ogv"};
  const std::string ending = ending_of(file);
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

namespace {

/// \throws Error{kData} for what no video can be read from
void check_file(const fs::path& file) {
  const auto refuse = [&](const std::string& what, const char* hint) {
    throw Error(ErrorKind::kData, {what, file.string(), hint});
  };
  std::error_code code;
  const fs::file_status status = fs::status(file, code);
  if (!fs::exists(status)) refuse("there is no file '" + file.string() + "'", "check the path");
  if (fs::is_directory(status)) refuse("this is a folder", "name a video in it");
  if (!fs::is_regular_file(status)) {
    refuse("a video is read from a file, and this is a pipe or a device", "write it to a file");
  }
  if (fs::file_size(file, code) == 0) refuse("the file is empty", "check how it was written");
}

}  // namespace

std::unique_ptr<VideoReader> open_video(const fs::path& file, const VideoHints& hints) {
  check_file(file);
  const std::string ending = ending_of(file);
  if (!hints.raw.empty() || ending == ".yuv") return open_raw_yuv(file, hints);
  std::array<char, 9> beginning{};
  std::ifstream stream = opened(file);
  stream.read(beginning.data(), beginning.size());
  const bool is_y4m = std::string(beginning.data(), beginning.size()) == "YUV4MPEG2";
  return is_y4m || ending == ".y4m" ? open_y4m(file, hints) : open_with_ffmpeg(file, hints);
}

}  // namespace robiq
