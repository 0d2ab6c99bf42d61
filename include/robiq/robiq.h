/* robiq's C interface (C11): load a quality model, score pictures in memory, ask how far a score
 * can be moved.
 *
 * Every function that can fail returns a robiq_status and leaves its outputs alone when it fails;
 * robiq_last_error() then says what was wrong, where, and what to do. No C++ exception leaves the
 * library. A model belongs to one thread at a time; different threads may each own models and work
 * at once. */
#ifndef ROBIQ_ROBIQ_H
#define ROBIQ_ROBIQ_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ROBIQ_API __attribute__((visibility("default")))
#else
#define ROBIQ_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Rises when a function or a struct of this header changes its meaning. What is only added keeps
 * the number. Compare with robiq_interface_version() where the library is loaded at run time. */
#define ROBIQ_INTERFACE_VERSION 1

/* The values are the exit codes of the program. */
typedef enum robiq_status {
  ROBIQ_OK = 0,
  ROBIQ_USAGE = 2,    /* an argument is wrong, or weights are needed and none were given */
  ROBIQ_DATA = 3,     /* a picture is refused, e.g. smaller than the model can take */
  ROBIQ_MODEL = 4,    /* a file of weights is missing, corrupt or of another model */
  ROBIQ_DEVICE = 5,   /* no such device, or out of memory */
  ROBIQ_NUMERIC = 6,  /* a score is no finite number */
  ROBIQ_INTERNAL = 70 /* a bug of robiq's */
} robiq_status;

/* Why the last call of this thread failed. The texts are never NULL; they live until this thread's
 * next call. */
typedef struct robiq_error {
  robiq_status status;
  const char* what;  /* what is wrong, with the offending value */
  const char* where; /* the argument, file or tensor; "" where that says nothing */
  const char* hint;  /* what to do about it; may be "" */
} robiq_error;

/* A loaded model. */
typedef struct robiq_model robiq_model;

/* Chroma sampling of a YUV picture. */
typedef enum robiq_chroma {
  ROBIQ_CHROMA_400 = 400, /* grey: there is no chroma */
  ROBIQ_CHROMA_420 = 420,
  ROBIQ_CHROMA_422 = 422,
  ROBIQ_CHROMA_444 = 444
} robiq_chroma;

/* The matrix between YUV and RGB. */
typedef enum robiq_matrix { ROBIQ_BT601 = 601, ROBIQ_BT709 = 709 } robiq_matrix;

/* A planar YUV picture in memory. Planes are Y, U (Cb), V (Cr). Chroma planes have
 * (width + 1) / 2 columns with 420 and 422, and (height + 1) / 2 rows with 420; with 400 theirs are
 * not looked at. */
typedef struct robiq_yuv {
  const void* planes[3];
  ptrdiff_t strides[3]; /* bytes from one row to the next; negative for pictures stored bottom up */
  int32_t width;        /* pixels, of the Y plane */
  int32_t height;
  int32_t bits;       /* 8: a byte a sample; 9 to 16: two bytes, the machine's order, low bits */
  int32_t full_range; /* 0: Y from 16 to 235 (of 8 bits); 1: from 0 to 255 */
  robiq_chroma chroma;
  robiq_matrix matrix;
} robiq_yuv;

/* What a picture's score is. */
typedef struct robiq_score {
  double score;       /* on the model's native scale, see robiq_model_scale() */
  double gradient_l1; /* l1 norm of the score's gradient by the picture, values in [0,1]: a change
                         of every value by at most e moves the score by about e times this, to first
                         order. NaN where it was not asked for */
} robiq_score;

/* ROBIQ_INTERFACE_VERSION of the library that is loaded. */
ROBIQ_API int32_t robiq_interface_version(void);

/* The library's own version, e.g. "0.1.0". */
ROBIQ_API const char* robiq_version(void);

/* What went wrong in this thread's last call that failed; status ROBIQ_OK before any has. */
ROBIQ_API robiq_error robiq_last_error(void);

/* How many threads one score may use, for the whole process; 0: the cores the process may use.
 * Call it once, before the first model is loaded; scores depend on it in their last digits
 * only. It also makes LibTorch's results repeat, for the whole process: deterministic algorithms,
 * no TF32, and CUBLAS_WORKSPACE_CONFIG in the environment, where that is not set. */
ROBIQ_API robiq_status robiq_set_threads(int32_t threads);

/* Loads a model.
 *   model    a registered name, with options as the program takes them: "cnniqa"
 *   weights  the checkpoint; NULL or "" for the weights that come with robiq, or for models whose
 *            name has their file in it ("torchscript:FILE")
 *   device   "cpu", "cuda", "cuda:1" or "auto"; NULL means "cpu"
 *   loaded   receives the model; give it to robiq_model_free() */
ROBIQ_API robiq_status robiq_model_load(const char* model, const char* weights, const char* device,
                                        robiq_model** loaded);

/* The same for weights that do not name their scale (files of other programs).
 *   worst, best  the scores of the worst and of the best picture; they replace what a card names */
ROBIQ_API robiq_status robiq_model_load_scaled(const char* model, const char* weights, double worst,
                                               double best, const char* device,
                                               robiq_model** loaded);

/* What one should know of the model's scale: that nothing names it, and 0 to 100 was assumed; ""
 * where it is known. Never NULL; lives as long as the model. */
ROBIQ_API const char* robiq_model_note(const robiq_model* model);

/* Frees a model; NULL is allowed. */
ROBIQ_API void robiq_model_free(robiq_model* model);

/* The native scale's two ends: the score of the worst and of the best picture. worst > best where a
 * model predicts difference scores. */
ROBIQ_API robiq_status robiq_model_scale(const robiq_model* model, double* worst, double* best);

/* Scores an 8-bit RGB picture, red first, three bytes a pixel.
 *   pixels         the first row
 *   width, height  in pixels
 *   stride         bytes from one row to the next, at least 3 * width; negative for pictures stored
 *                  bottom up
 *   with_gradient  0: the score alone; else gradient_l1, too, in some four times the time; the
 *                  score is then the same but for its last digits
 *   result         receives the score */
ROBIQ_API robiq_status robiq_score_rgb(robiq_model* model, const uint8_t* pixels, int32_t width,
                                       int32_t height, ptrdiff_t stride, int32_t with_gradient,
                                       robiq_score* result);

/* The same for a YUV picture, which becomes 8-bit RGB first; the gradient is by the RGB values. */
ROBIQ_API robiq_status robiq_score_yuv(robiq_model* model, const robiq_yuv* picture,
                                       int32_t with_gradient, robiq_score* result);

#ifdef __cplusplus
}
#endif

#endif
