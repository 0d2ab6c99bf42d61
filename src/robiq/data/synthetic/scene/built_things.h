#pragma once
#include "robiq/data/synthetic/scene/planes.h"
#include "robiq/data/synthetic/scene/studio.h"

namespace robiq::synthetic {

/// A row of buildings with windows that stand on row `ground`.
void paint_buildings(Planes& canvas, const Studio& studio, RandomStream& random, float ground);

/// A sign or page: a plane with lines of strokes that look like writing.
void paint_lettering(Planes& canvas, const Studio& studio, RandomStream& random);

/// A fence, a lattice, tiles or bricks: a grid of one thing, seen straight or slanted.
void paint_lattice(Planes& canvas, const Studio& studio, RandomStream& random);

}  // namespace robiq::synthetic
