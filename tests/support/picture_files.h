#pragma once
// Picture files of every kind, made by OpenCV or, where it cannot, byte by byte.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

namespace robiq::test {

/// A smooth picture with every channel different, blue, green, red as OpenCV wants it.
inline cv::Mat sample(int height, int width, int type = CV_8UC3) {
  cv::Mat picture(height, width, type);
  const int channels = picture.channels();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const int value = (5 * x + 3 * y + 60 * c) % 256;
        if (picture.depth() == CV_8U) {
          picture.ptr<std::uint8_t>(y)[x * channels + c] = static_cast<std::uint8_t>(value);
        } else {
          picture.ptr<std::uint16_t>(y)[x * channels + c] =
              static_cast<std::uint16_t>(value * 256 + (255 - value));
        }
      }
    }
  }
  return picture;
}

inline std::string encoded(const std::string& ending, const cv::Mat& picture,
                           const std::vector<int>& parameters = {}) {
  std::vector<std::uint8_t> bytes;
  EXPECT_TRUE(cv::imencode(ending, picture, bytes, parameters));
  return {bytes.begin(), bytes.end()};
}

inline at::Tensor expected(const cv::Mat& picture) {
  at::Tensor planes = at::empty({3, picture.rows, picture.cols}, at::kByte);
  const int channels = picture.channels();
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int from = x * channels + (channels >= 3 ? 2 - c : 0);
        planes[c][y][x] = picture.depth() == CV_8U ? picture.ptr<std::uint8_t>(y)[from]
                                                   : picture.ptr<std::uint16_t>(y)[from] >> 8;
      }
    }
  }
  return planes;
}

inline void append32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
}

inline std::uint32_t crc_of(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
  }
  return ~crc;
}

inline std::string chunk(const std::string& type, const std::string& data) {
  std::string out;
  append32(out, static_cast<std::uint32_t>(data.size()));
  out += type + data;
  append32(out, crc_of(type + data));
  return out;
}

struct PngRecipe {
  std::uint32_t width = 0, height = 0;
  char depth = 8;
  char colour = 0;
  std::string rows = {};    ///< with the filter byte of each
  std::string chunks = {};  ///< between header and data
};

/// A PNG whose data is stored, not compressed.
inline std::string png(const PngRecipe& recipe) {
  std::string header, data = "\x78\x01\x01";
  append32(header, recipe.width);
  append32(header, recipe.height);
  header += {recipe.depth, recipe.colour, 0, 0, 0};
  const auto length = static_cast<std::uint32_t>(recipe.rows.size());
  for (const std::uint32_t word : {length, ~length}) {
    data += {static_cast<char>(word & 255), static_cast<char>(word >> 8 & 255)};
  }
  std::uint32_t a = 1, b = 0;
  for (const char c : recipe.rows) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  data += recipe.rows;
  append32(data, b << 16 | a);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + recipe.chunks + chunk("IDAT", data) +
         chunk("IEND", "");
}

}  // namespace robiq::test
