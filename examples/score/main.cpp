// score MODEL WEIGHTS PICTURE: what `robiq score` prints, from a program of your own.
#include <robiq/core/error.h>
#include <robiq/model/picture_scorer.h>
#include <robiq/model/weights/weights.h>
#include <robiq/tensor/device.h>

#include <cstdio>
#include <optional>

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: score MODEL WEIGHTS PICTURE\n"), 2;
  robiq::prepare_arithmetic(0);
  const robiq::Spec spec = robiq::parse_spec(argv[1], "MODEL");
  const auto loaded = robiq::load_model(spec, argv[2], std::nullopt, c10::kCPU);
  std::printf("%.9g\n", robiq::PictureScorer(*loaded.model).score_file(argv[3]));
} catch (const robiq::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return error.exit_code();
}
