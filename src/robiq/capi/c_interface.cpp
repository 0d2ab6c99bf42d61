#include <ATen/ATen.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/run/error_boundary.h"
#include "robiq/core/error.h"
#include "robiq/core/options/params.h"
#include "robiq/core/version.h"
#include "robiq/model/picture_input.h"
#include "robiq/model/picture_score.h"
#include "robiq/model/weights/shipped_weights.h"
#include "robiq/model/weights/weights.h"
#include "robiq/robiq.h"
#include "robiq/tensor/device.h"
#include "robiq/tensor/pictures/image_io.h"
#include "robiq/tensor/video/yuv.h"

struct robiq_model {
  robiq::LoadedModel loaded;
};

namespace robiq {
namespace {

struct LastError {
  robiq_status status = ROBIQ_OK;
  ErrorText text;
};

LastError& last_error() {
  thread_local LastError error;
  return error;
}

robiq_status remember(robiq_status status, const std::string& what, const std::string& where,
                      const std::string& hint) noexcept {
  LastError& last = last_error();
  last.status = status;
  try {
    last.text = {what, where, hint};
  } catch (const std::exception&) {  // no memory for the texts: the status stands alone
    last.text.what.clear();
    last.text.where.clear();
    last.text.hint.clear();
  }
  return status;
}

/// Arguments are called as the program's flags are.
std::string argument_of(const std::string& where) {
  return where.starts_with("--") ? where.substr(2) : where;
}

/// Runs `work`; what it throws becomes the thread's last error.
template <class Work>
robiq_status answered(const Work& work) noexcept {
  try {
    within_error_boundary(work);
    return ROBIQ_OK;
  } catch (const Error& error) {
    const ErrorText& text = error.text();
    return remember(static_cast<robiq_status>(error.kind()), text.what, argument_of(text.where),
                    text.hint);
  } catch (const std::exception& error) {
    return remember(ROBIQ_INTERNAL, error.what(), "", "this is a bug of robiq's: please report it");
  } catch (...) {
    return remember(ROBIQ_INTERNAL, "an unknown exception", "",
                    "this is a bug of robiq's: please report it");
  }
}

void require(bool holds, const char* what, const char* where, const char* hint) {
  if (!holds) throw Error(ErrorKind::kUsage, {what, where, hint});
}

void require_given(const void* pointer, const char* argument) {
  require(pointer != nullptr, "a pointer is NULL", argument, "give the address of an object");
}

/// uint8 [3,H,W] of rows of RGB pixels.
at::Tensor picture_of_rows(const std::uint8_t* pixels, std::int64_t width, std::int64_t height,
                           std::ptrdiff_t stride) {
  at::Tensor rows = at::empty({height, width, 3}, at::kByte);
  for (std::int64_t row = 0; row < height; ++row) {
    std::memcpy(rows.data_ptr<std::uint8_t>() + row * width * 3, pixels + row * stride,
                static_cast<std::size_t>(width * 3));
  }
  return rows.permute({2, 0, 1}).contiguous();
}

robiq_score scored(QualityModel& model, const at::Tensor& bytes, bool with_gradient) {
  const ModelCard& card = model.card();
  const at::Tensor picture = picture_input(bytes, card, card.views, /*fit=*/false, model.device());
  const std::vector<View> views =
      make_views(card.views, picture.size(2), picture.size(3), Rng(0).child("views"));
  if (!with_gradient) {
    return {score_picture(model, picture, views), std::numeric_limits<double>::quiet_NaN()};
  }
  const PictureGradient both = score_gradient(model, picture, views);
  return {both.score, both.gradient.abs().sum(at::kDouble).item<double>()};
}

YuvFormat format_of(const robiq_yuv& picture) {
  require(picture.bits >= 8 && picture.bits <= 16, "the samples' size is out of range",
          "picture->bits", "give 8 to 16 bits");
  YuvFormat format;
  format.width = picture.width;
  format.height = picture.height;
  format.bits = picture.bits;
  format.full_range = picture.full_range != 0;
  switch (picture.chroma) {
    case ROBIQ_CHROMA_420:
      format.chroma = YuvFormat::Chroma::k420;
      break;
    case ROBIQ_CHROMA_422:
      format.chroma = YuvFormat::Chroma::k422;
      break;
    case ROBIQ_CHROMA_444:
      format.chroma = YuvFormat::Chroma::k444;
      break;
    case ROBIQ_CHROMA_400:
      format.chroma = YuvFormat::Chroma::kNone;
      break;
    default:
      require(false, "an unknown chroma sampling", "picture->chroma",
              "use ROBIQ_CHROMA_400, ROBIQ_CHROMA_420, ROBIQ_CHROMA_422 or ROBIQ_CHROMA_444");
  }
  require(picture.matrix == ROBIQ_BT601 || picture.matrix == ROBIQ_BT709, "an unknown matrix",
          "picture->matrix", "use ROBIQ_BT601 or ROBIQ_BT709");
  format.matrix =
      picture.matrix == ROBIQ_BT709 ? YuvFormat::Matrix::kBt709 : YuvFormat::Matrix::kBt601;
  return format;
}

YuvPlanes planes_of(const robiq_yuv& picture, const YuvFormat& format) {
  YuvPlanes planes;
  const std::size_t count = format.chroma == YuvFormat::Chroma::kNone ? 1 : 3;
  for (std::size_t plane = 0; plane < count; ++plane) {
    require_given(picture.planes[plane], "picture->planes");
    planes.first[plane] = static_cast<const std::byte*>(picture.planes[plane]);
    planes.stride[plane] = picture.strides[plane];
    require(std::abs(picture.strides[plane]) >=
                format.columns(static_cast<int>(plane)) * format.bytes_per_sample(),
            "a stride is shorter than a row of its plane", "picture->strides",
            "give the bytes from one row to the next");
  }
  return planes;
}

robiq_model** given(robiq_model** loaded) {
  require_given(static_cast<void*>(loaded), "loaded");
  return loaded;
}

robiq_model* loaded_model(const char* model, const char* weights, std::optional<ScoreScale> scale,
                          const char* device) {
  require_given(model, "model");
  const Spec spec = Registry<QualityModel>::instance().parse(model, "model");
  const c10::Device place = parse_device(device == nullptr ? "cpu" : device);
  const std::string file = find_weights(spec, weights == nullptr ? "" : weights);
  return std::make_unique<robiq_model>(robiq_model{load_model(spec, file, scale, place)}).release();
}

void require_size(std::int32_t width, std::int32_t height) {
  require(width > 0 && height > 0 && width <= kMaxPicturePixels / height,
          "the picture's size is out of range", "width, height",
          "give 1 to 100000000 pixels altogether");
}

}  // namespace
}  // namespace robiq

extern "C" {

int32_t robiq_interface_version(void) { return ROBIQ_INTERFACE_VERSION; }

const char* robiq_version(void) {
  static const std::string text(robiq::version());
  return text.c_str();
}

robiq_error robiq_last_error(void) {
  const robiq::LastError& last = robiq::last_error();
  return {last.status, last.text.what.c_str(), last.text.where.c_str(), last.text.hint.c_str()};
}

robiq_status robiq_set_threads(int32_t threads) {
  return robiq::answered([&] {
    robiq::require(threads >= 0 && threads <= 1024, "the number of threads is out of range",
                   "threads", "give 0 to 1024");
    static_cast<void>(robiq::prepare_arithmetic(threads));
  });
}

robiq_status robiq_model_load(const char* model, const char* weights, const char* device,
                              robiq_model** loaded) {
  return robiq::answered(
      [&] { *robiq::given(loaded) = robiq::loaded_model(model, weights, std::nullopt, device); });
}

robiq_status robiq_model_load_scaled(const char* model, const char* weights, double worst,
                                     double best, const char* device, robiq_model** loaded) {
  return robiq::answered([&] {
    const robiq::ScoreScale scale{worst, best};
    robiq::require(scale.valid(), "the scale's ends are equal or no finite numbers", "worst, best",
                   "give the scores of the worst and of the best picture");
    *robiq::given(loaded) = robiq::loaded_model(model, weights, scale, device);
  });
}

const char* robiq_model_note(const robiq_model* model) {
  return model == nullptr ? "" : model->loaded.scale_note.c_str();
}

void robiq_model_free(robiq_model* model) { delete model; }

robiq_status robiq_model_scale(const robiq_model* model, double* worst, double* best) {
  return robiq::answered([&] {
    robiq::require_given(model, "model");
    robiq::require_given(worst, "worst");
    robiq::require_given(best, "best");
    *worst = model->loaded.model->card().scale.worst;
    *best = model->loaded.model->card().scale.best;
  });
}

robiq_status robiq_score_rgb(robiq_model* model, const uint8_t* pixels, int32_t width,
                             int32_t height, ptrdiff_t stride, int32_t with_gradient,
                             robiq_score* result) {
  return robiq::answered([&] {
    robiq::require_given(model, "model");
    robiq::require_given(pixels, "pixels");
    robiq::require_given(result, "result");
    robiq::require_size(width, height);
    robiq::require(std::abs(stride) >= std::ptrdiff_t{3} * width,
                   "the stride is shorter than a row", "stride", "give at least 3 * width bytes");
    *result =
        robiq::scored(*model->loaded.model, robiq::picture_of_rows(pixels, width, height, stride),
                      with_gradient != 0);
  });
}

robiq_status robiq_score_yuv(robiq_model* model, const robiq_yuv* picture, int32_t with_gradient,
                             robiq_score* result) {
  return robiq::answered([&] {
    robiq::require_given(model, "model");
    robiq::require_given(picture, "picture");
    robiq::require_given(result, "result");
    robiq::require_size(picture->width, picture->height);
    const robiq::YuvFormat format = robiq::format_of(*picture);
    const at::Tensor bytes = robiq::yuv_to_rgb(format, robiq::planes_of(*picture, format));
    *result = robiq::scored(*model->loaded.model, bytes, with_gradient != 0);
  });
}

}  // extern "C"
