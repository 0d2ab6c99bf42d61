/* Uses robiq from C11; c_interface_test.cpp calls it. */
#include "support/c_caller.h"

robiq_status c_score(const char* weights, const uint8_t* pixels, int32_t width, int32_t height,
                     ptrdiff_t stride, robiq_score* result) {
  robiq_model* model = NULL;
  robiq_status status = robiq_model_load("cnniqa", weights, NULL, &model);
  if (status != ROBIQ_OK) return status;
  status = robiq_score_rgb(model, pixels, width, height, stride, 1, result);
  robiq_model_free(model);
  return status;
}

robiq_status c_score_yuv(const char* weights, const uint8_t* grey, int32_t width, int32_t height,
                         robiq_score* result) {
  const robiq_yuv picture = {.planes = {grey, grey, grey},
                             .strides = {width, width, width},
                             .width = width,
                             .height = height,
                             .bits = 8,
                             .full_range = 1,
                             .chroma = ROBIQ_CHROMA_444,
                             .matrix = ROBIQ_BT709};
  robiq_model* model = NULL;
  robiq_status status = robiq_model_load("cnniqa", weights, "cpu", &model);
  if (status != ROBIQ_OK) return status;
  status = robiq_score_yuv(model, &picture, 0, result);
  robiq_model_free(model);
  return status;
}
