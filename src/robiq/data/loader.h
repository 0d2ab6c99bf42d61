#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "robiq/core/rng.h"
#include "robiq/data/dataset.h"
#include "robiq/data/picture_cache.h"

namespace robiq {

/// How a picture becomes training inputs.
struct CropPolicy {
  std::int64_t side = 0;       ///< pixels; 0: the whole picture
  std::int64_t per_image = 1;  ///< crops a picture and epoch
  bool flip = false;           ///< mirror half of the crops, left to right
  double upside_down = 0;      ///< share of the crops that are mirrored top to bottom
  bool exclusive = false;      ///< never draw the last row and column of offsets
  std::int64_t resize_height = 0, resize_width = 0;  ///< of pictures before the crop, as Pillow
                                                     ///< does it; 0: they keep their size
};

struct LoaderOptions {
  std::int64_t batch_size = 32;
  std::int64_t least_batch = 1;  ///< a last batch with fewer rows is left out
  std::int64_t workers = 1;      ///< decoding threads, >= 1
  std::int64_t ahead = 4;        ///< finished batches that may wait
  PictureCacheOptions cache;
  /// Of several processes that share every batch: each makes its own rows of it, contiguous ones.
  std::int64_t rank = 0, world = 1;
};

/// Bytes, not floats: the conversion happens once, on the device.
struct Batch {
  at::Tensor pixels;             ///< uint8 [N,3,H,W]; [0,3,0,0] where this process has no row
  at::Tensor mos;                ///< float32 [N]
  std::vector<std::string> ids;  ///< [N]; the crops of one picture repeat its id
  std::int64_t first_row = 0;    ///< of these rows in the batch that all processes share
  std::int64_t rows_of_all = 0;  ///< rows of that batch; N for a process alone
  /// float32 [N,3,H,W] in [0,1].
  [[nodiscard]] at::Tensor images(c10::Device device) const;
};

/// Decodes, crops and batches in order. The sequence of batches is a function of the records, the
/// policy, the options' batch size, the Rng and the epoch alone: not of the workers, not of timing,
/// and the rows of all processes together not of how many they are.
class Loader {
 public:
  /// \param dataset  must outlive the loader   \param records  indexes into its records
  Loader(const Dataset& dataset, std::vector<std::size_t> records, CropPolicy policy,
         LoaderOptions options, Rng rng);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Begins an epoch at one of its batches; ends what was under way.
  void start(std::int64_t epoch, std::int64_t first_batch = 0);
  /// The next batch; nothing at the end of the epoch. The last one may be smaller.
  /// \throws Error{kData} of the first picture that could not be read.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] std::int64_t batches_per_epoch() const;
  /// Pictures of one epoch, each of which gives one crop or more.
  [[nodiscard]] std::int64_t pictures_per_epoch() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace robiq
