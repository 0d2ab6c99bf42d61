#include "robiq/cli/first_steps.h"

#include "robiq/core/version.h"

namespace robiq::cli {

std::string first_steps() {
  return "robiq " + std::string(version()) + R"(: robust no-reference image quality

To see what it does, on built-in data, in some minutes:
  robiq demo --out demo

To train a model, score pictures with it, and attack them:
  robiq train --model cnniqa --data builtin --out run
  robiq score photo.jpg --model cnniqa --weights run/checkpoints/best.safetensors
  robiq attack ifgsm photo.jpg --model cnniqa --weights run/checkpoints/best.safetensors --out attacked

To look around:
  robiq list                    which models, attacks, defenses, data sets and measures there are
  robiq describe attack ifgsm   the options of one of them
  robiq --help                  all commands; `robiq COMMAND --help` tells the flags of one
)";
}

}  // namespace robiq::cli
