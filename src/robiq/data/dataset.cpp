#include "robiq/data/dataset.h"

#include "robiq/tensor/pictures/image_io.h"

namespace robiq {

template <>
Registry<Dataset>& Registry<Dataset>::instance() {
  static Registry<Dataset> the_registry;
  return the_registry;
}

at::Tensor Dataset::read(const ImageRecord& record) const { return read_picture(record.file); }

}  // namespace robiq
