// score MODEL WEIGHTS PICTURE: what `robiq score` prints, from a program of your own.
#include <robiq/core/error.h>
#include <robiq/model/picture_input.h>
#include <robiq/model/picture_score.h>
#include <robiq/model/weights/weights.h>
#include <robiq/tensor/device.h>
#include <robiq/tensor/pictures/image_io.h>

#include <cstdio>

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: score MODEL WEIGHTS PICTURE\n"), 2;
  robiq::prepare_arithmetic(0);
  const robiq::Spec spec = robiq::parse_spec(argv[1], "MODEL");
  const auto loaded = robiq::load_model(spec, argv[2], std::nullopt, c10::kCPU);
  const robiq::ModelCard& card = loaded.model->card();
  const at::Tensor picture = robiq::picture_input(robiq::read_picture(argv[3]), card, card.views,
                                                  /*fit=*/false, c10::kCPU);
  const auto views = robiq::make_views(card.views, picture.size(2), picture.size(3), robiq::Rng(0));
  std::printf("%.9g\n", robiq::score_picture(*loaded.model, picture, views));
} catch (const robiq::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return error.exit_code();
}
