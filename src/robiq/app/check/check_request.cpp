#include <filesystem>
#include <string>

#include "robiq/app/check/check_run.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/tensor/video/video.h"

namespace robiq {

OptionTable<GamingRequest> GamingRequest::options() {
  using R = GamingRequest;
  const OptionTable<R> rows = {
      {"pictures", &R::pictures,
       "pictures, folders of pictures, - for paths on standard input, or one video"},
      {"model", &R::model, "the model, with options as NAME:key=value"},
      {"weights", &R::weights, kWeightsHelp},
      {"gain", &R::gain, "an edit that gains at least this many points games the model", 0, 100,
       "points"},
      {"similarity", &R::similarity, "only edits that leave at least this SSIM count", -1, 1},
      {"perturbation", &R::perturbation,
       "a universal perturbation at graded strengths: fit makes one for this model on painted "
       "scenes, FILE is one that `robiq uap` made, none leaves it out"},
      {"figure", &R::figure,
       "SVG file to write: points gained over the SSIM that each edit leaves"},
      {"force", &R::force, "let --figure replace a file that robiq did not draw"},
      {"frames", &R::frames, "of a video: number of frames to check, evenly spread", 1, 1e6},
      {"scale", &R::scale, "WORST:BEST of the model's scores; \"\": the weights' own"},
  };
  return joined_tables<R>({rows, options_of<R>(&R::views), options_of<R>(&R::compute)});
}

bool GamingRequest::names_one_video() const {
  return pictures.size() == 1 && has_video_ending(pictures.front());
}

void GamingRequest::settle(GamingRequest& request, const Params& given) {
  const OptionRules rules(given);
  rules.need(request.names_one_video(), {"frames"}, "a video");
  rules.need(!request.figure.empty(), {"force"}, "--figure FILE");
  for (const std::string& file : request.pictures) {
    if (!has_video_ending(file)) continue;
    if (request.pictures.size() > 1) {
      throw Error(ErrorKind::kUsage,
                  {"a video is checked by itself", file, "name one video, or pictures"});
    }
    std::string ending = std::filesystem::path(file).extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
    if (ending == ".yuv") {
      throw Error(ErrorKind::kUsage, {"a raw YUV file does not say its layout", file,
                                      "convert it to .y4m, which does"});
    }
  }
}

}  // namespace robiq
