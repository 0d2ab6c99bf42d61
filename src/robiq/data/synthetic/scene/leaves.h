#pragma once
#include "robiq/data/synthetic/scene/planes.h"
#include "robiq/data/synthetic/scene/studio.h"

namespace robiq::synthetic {

/// How a heap of things lies.
struct Heap {
  double cover = 2;       ///< their area, in pictures
  double smallest = 1.5;  ///< pixels, whatever the size of the picture
  double largest = 0.25;  ///< of the picture's side
  double top = 0;         ///< they lie below this share of the picture's height
  bool large_first = false;
  double blur = 0.1;  ///< share of things out of focus
};

/// Things that hide one another, their sizes by the inverse cube law of the dead-leaves model (Lee,
/// Mumford and Huang, 2001), which has the statistics of natural pictures.
void paint_leaves(Planes& canvas, const Studio& studio, RandomStream& random, const Heap& heap);

}  // namespace robiq::synthetic
