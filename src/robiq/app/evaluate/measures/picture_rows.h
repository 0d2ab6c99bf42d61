#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/store/results_store.h"

namespace robiq {

/// What an evaluation stores of one picture.
struct PictureRows {
  std::vector<ScoreRow> scores;
  std::vector<DistanceRow> distances;
  std::vector<ExampleRow> examples;
  std::string thumbnail;  ///< JPEG bytes; "" where the picture is known already

  /// A score, and the distances that were asked for besides.
  void add(ScoreRow score, const AttackedPicture& attacked);
  /// Whose rows these are.
  void set_key(std::int64_t run, std::int64_t model, std::int64_t image);

  /// As bytes for another process of this program.
  [[nodiscard]] std::string packed() const;
  /// \throws Error{kData} for bytes that packed() did not make
  [[nodiscard]] static PictureRows unpacked(const std::string& bytes);
};

/// What a report shows of a picture: JPEG bytes, 96 pixels along its longer side.
/// \param bytes  uint8 [3,H,W]
[[nodiscard]] std::string thumbnail_of(const at::Tensor& bytes);

/// What a report shows of an attack on it: the middle of the picture (or of its middle view), at
/// most `side` x `side` pixels, clean and attacked, rounded to 8 bits.
/// \param score  the attack's row; \param id  of the picture: its lot depends on it
[[nodiscard]] ExampleRow example_of(const AttackedPicture& attacked, const ScoreRow& score,
                                    const std::string& id, std::int64_t side);

}  // namespace robiq
