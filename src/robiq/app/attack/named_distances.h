#pragma once
#include <c10/core/Device.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "robiq/app/attack/attacked_picture.h"
#include "robiq/metric/distance/fidelity.h"

namespace robiq {

/// The distances that an evaluation takes besides its own (--distance).
class NamedDistances {
 public:
  /// \param specs  "lpips:net=alex,heads=FILE,trunk=FILE"; a name may stand once
  /// \throws Error{kUsage}, Error{kModel} for files that do not fit
  explicit NamedDistances(const std::vector<std::string>& specs);

  /// Between each clean and attacked picture or view: the means over the views, by name.
  [[nodiscard]] std::map<std::string, double> between(const AttackedPicture& attacked,
                                                      c10::Device device) const;

 private:
  std::map<std::string, std::unique_ptr<Fidelity>> distances_;
};

}  // namespace robiq
