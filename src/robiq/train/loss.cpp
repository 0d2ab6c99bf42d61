#include "robiq/train/loss.h"

namespace robiq {

template <>
Registry<Loss>& Registry<Loss>::instance() {
  static Registry<Loss> the_registry;
  return the_registry;
}

}  // namespace robiq
