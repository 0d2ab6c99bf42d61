#pragma once
#include "robiq/core/rng.h"
#include "robiq/data/synthetic/scene/planes.h"

namespace robiq::synthetic {

/// What a camera does to a scene. Without a change it is the camera of every plain scene.
struct Camera {
  float lens = 0;           ///< share of a pixel that its lens gives to each neighbour of an axis
  float least_grain = 2.0;  ///< the sensor's noise, in steps of 1/255, is drawn between these two
  float most_grain = 4.5;
  float finish = 0.125;  ///< the same share after the sensor; below 0 it sharpens
};

/// A camera as photographs know them: from soft to sharpened, from clean to grainy.
/// \param scene  the scene's place in the randomness
[[nodiscard]] Camera draw_camera(const Rng& scene);

/// Exposes a painted scene, blurs it, adds grain and finishes it. Values end in [0,1].
/// \param exposure  the stream that painted the scene
void take_picture(Planes& canvas, const Camera& camera, const Rng& scene, RandomStream& exposure);

}  // namespace robiq::synthetic
