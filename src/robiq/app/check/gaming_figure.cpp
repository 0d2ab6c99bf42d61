#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "robiq/app/check/check_run.h"
#include "robiq/app/run/output_files.h"
#include "robiq/core/error.h"
#include "robiq/core/text/escape.h"

namespace robiq {
namespace fs = std::filesystem;
namespace {

/// How every figure of robiq begins, and so how it is known again.
constexpr const char* kBeginning = "<svg id=\"robiq-check\" ";

bool is_our_figure(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string beginning(std::string(kBeginning).size(), '\0');
  stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return stream && beginning == kBeginning;
}

[[noreturn]] void refuse_figure(const std::string& what, const std::string& hint) {
  throw Error(ErrorKind::kUsage, {what, "--figure", hint});
}

constexpr double kLeft = 60, kRight = 620, kTop = 66, kBottom = 396;

/// From SSIM lost (0 to 1, its square root, so that small losses have room) and points gained.
struct Axes {
  double least, most;  ///< points

  [[nodiscard]] double x(double ssim) const {
    return kLeft + std::sqrt(std::clamp(1 - ssim, 0.0, 1.0)) * (kRight - kLeft);
  }
  [[nodiscard]] double y(double gain) const {
    return kBottom - (gain - least) / (most - least) * (kBottom - kTop);
  }
};

Axes axes_for(const GamingResult& result, double threshold) {
  Axes axes{-5, std::max(5.0, threshold)};
  for (const EditResult& edit : result.edits) {
    axes.least = std::min(axes.least, edit.gain);
    axes.most = std::max(axes.most, edit.gain);
  }
  axes.least = std::floor(axes.least / 10) * 10;
  axes.most = std::ceil(axes.most / 10) * 10;
  return axes;
}

std::string line(double x1, double y1, double x2, double y2, const char* colour,
                 const char* dashes = "") {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
      "stroke-dasharray=\"{}\"/>\n",
      x1, y1, x2, y2, colour, dashes);
}

std::string words(double x, double y, const char* anchor, const std::string& content) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     markup_text(content));
}

std::string scales(const Axes& axes) {
  std::string svg;
  for (const double ssim : {1.0, 0.99, 0.95, 0.9, 0.8, 0.6, 0.3, 0.0}) {
    svg += line(axes.x(ssim), kTop, axes.x(ssim), kBottom, "#ddd");
    svg += words(axes.x(ssim), kBottom + 18, "middle", fmt::format("{:g}", ssim));
  }
  const double step = axes.most - axes.least > 60 ? 20 : 10;
  for (double gain = axes.least; gain <= axes.most; gain += step) {
    svg += line(kLeft, axes.y(gain), kRight, axes.y(gain), gain == 0 ? "#555" : "#ddd");
    svg += words(kLeft - 6, axes.y(gain) + 4, "end", fmt::format("{:+g}", gain));
  }
  svg += words((kLeft + kRight) / 2, kBottom + 38, "middle", "SSIM that the edit leaves");
  return svg + words(kLeft, kTop - 8, "start", "points of 100 that it gains");
}

/// In two lines where one would be too long for the picture.
std::string title(const std::string& content) {
  constexpr std::size_t kMostLetters = 110;
  if (content.size() <= kMostLetters) return words(kLeft, 36, "start", content);
  const std::size_t space = content.rfind(' ', kMostLetters);
  if (space == content.npos) return words(kLeft, 36, "start", content);
  return words(kLeft, 20, "start", content.substr(0, space)) +
         words(kLeft, 36, "start", content.substr(space + 1));
}

/// One for each filter that comes with robiq, and one for the perturbation.
constexpr const char* kColours[] = {"#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee",
                                    "#aa3377", "#777777", "#ee7733", "#332288", "#dd99bb",
                                    "#44aa99", "#884400", "#000000", "#99dd55"};

}  // namespace

void check_figure_file(const GamingRequest& request, const std::vector<fs::path>& inputs) {
  const fs::path file = request.figure;
  std::error_code code;
  if (file.extension() != ".svg") {
    refuse_figure("the figure is an SVG picture, and '" + file.string() + "' has another ending",
                  "name a file that ends in .svg");
  }
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, code)) {
    refuse_figure("there is no folder '" + folder.string() + "'", "make it, or name another");
  }
  for (const fs::path& input : inputs) {
    if (!fs::equivalent(input, file, code)) continue;
    refuse_figure("the figure would replace '" + input.string() + "', which is read",
                  "name another file");
  }
  if (request.force || !is_there(file) || is_our_figure(file)) return;
  refuse_figure("'" + file.string() + "' is there already, and robiq did not draw it",
                "name another file, or replace it with --force");
}

std::string gaming_figure(const GamingResult& result, const GamingRequest& request) {
  const Axes axes = axes_for(result, request.gain);
  std::string svg = std::string(kBeginning) +
                    "xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 820 446\" "
                    "font-family=\"sans-serif\" font-size=\"12\">\n"
                    "<rect width=\"820\" height=\"446\" fill=\"#fff\"/>\n";
  svg += title(result.model + ": " + result.verdict) + scales(axes);
  svg += line(kLeft, axes.y(request.gain), axes.x(request.similarity), axes.y(request.gain), "#c00",
              "5 4");
  svg += line(axes.x(request.similarity), kTop, axes.x(request.similarity), axes.y(request.gain),
              "#c00", "5 4");
  std::map<std::string, const char*> colours;
  for (const EditResult& edit : result.edits) {
    const auto [entry, is_new] = colours.try_emplace(edit.edit, "");
    if (is_new) {
      entry->second = kColours[(colours.size() - 1) % std::size(kColours)];
      const double y = kTop + 18 * static_cast<double>(colours.size());
      svg += fmt::format("<circle cx=\"640\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>\n", y - 4,
                         entry->second);
      svg += words(650, y, "start", edit.edit);
    }
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"><title>{} {}: {:+.1f} points, "
        "SSIM {:.3f}, PSNR {:.1f} dB</title></circle>\n",
        axes.x(edit.ssim), axes.y(edit.gain), entry->second, markup_text(edit.edit),
        edit.strength_text(), edit.gain, edit.ssim, edit.psnr_db);
  }
  return svg + "</svg>\n";
}

}  // namespace robiq
