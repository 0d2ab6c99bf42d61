/* score WEIGHTS: the score of a grey ramp, and how far a change of 1/255 could move it. */
#include <robiq/robiq.h>
#include <stdio.h>

enum { kWidth = 256, kHeight = 128 };

static int report(void) {
  const robiq_error error = robiq_last_error();
  fprintf(stderr, "%s\n  where: %s\n  hint: %s\n", error.what, error.where, error.hint);
  return (int)error.status;
}

int main(int argc, char** argv) {
  static uint8_t pixels[kHeight][kWidth][3];
  robiq_model* model = NULL;
  robiq_score result;
  double worst, best;
  if (argc != 2) return fprintf(stderr, "usage: score WEIGHTS\n"), 2;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (int c = 0; c < 3; ++c) pixels[y][x][c] = (uint8_t)x;

  if (robiq_set_threads(0) != ROBIQ_OK) return report();
  if (robiq_model_load("cnniqa", argv[1], "cpu", &model) != ROBIQ_OK) return report();
  if (robiq_model_scale(model, &worst, &best) != ROBIQ_OK) return report();
  if (robiq_score_rgb(model, &pixels[0][0][0], kWidth, kHeight, sizeof pixels[0], 1, &result) !=
      ROBIQ_OK)
    return report();
  printf("%.9g of %g (worst) to %g (best); a change of 1/255 moves it by about %.3g\n",
         result.score, worst, best, result.gradient_l1 / 255);
  robiq_model_free(model);
  return 0;
}
