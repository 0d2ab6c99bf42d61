#pragma once
#include "robiq/data/synthetic/scene/planes.h"
#include "robiq/data/synthetic/scene/studio.h"

namespace robiq::synthetic {

/// A sky from zenith to horizon, with clouds or without.
void paint_sky(Planes& canvas, const Studio& studio, RandomStream& random);

/// Two to four ranges of hills below the sky, hazier with distance.
/// \return the row of pixels where the nearest ground begins
float paint_hills(Planes& canvas, const Studio& studio, RandomStream& random);

/// A surface that fills the picture: two colours mixed by a texture, under slanting light.
void paint_wall(Planes& canvas, const Studio& studio, RandomStream& random);

/// Water with waves from row `top` downwards.
void paint_water(Planes& canvas, const Studio& studio, RandomStream& random, float top);

}  // namespace robiq::synthetic
