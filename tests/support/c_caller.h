#ifndef SUPPORT_C_CALLER_H
#define SUPPORT_C_CALLER_H
#include "robiq/robiq.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Loads CNNIQA, scores RGB rows with the gradient's norm, and frees the model. */
robiq_status c_score(const char* weights, const uint8_t* pixels, int32_t width, int32_t height,
                     ptrdiff_t stride, robiq_score* result);

/* The same of a full-range 4:4:4 picture whose three planes are `grey`, without the gradient. */
robiq_status c_score_yuv(const char* weights, const uint8_t* grey, int32_t width, int32_t height,
                         robiq_score* result);

#ifdef __cplusplus
}
#endif

#endif
