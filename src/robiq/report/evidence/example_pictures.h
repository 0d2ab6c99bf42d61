#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/names/titles.h"
#include "robiq/report/report.h"

namespace robiq {

/// Every scored picture once, by data set and name, and where it stands among them.
class PictureIndex {
 public:
  explicit PictureIndex(const Evidence& evidence);

  /// With MOS and thumbnails, in the order of their places.
  [[nodiscard]] const std::vector<ReportPicture>& pictures() const { return pictures_; }
  /// \throws std::out_of_range for a picture that nobody scored
  [[nodiscard]] std::size_t at(const std::string& dataset, const std::string& name) const {
    return places_.at({dataset, name});
  }

 private:
  std::vector<ReportPicture> pictures_;
  std::map<std::pair<std::string, std::string>, std::size_t> places_;
};

/// How much a report carries of what the results keep.
struct ExampleLimits {
  std::size_t count = 100;
  std::size_t bytes = std::size_t{12} << 20;  ///< of PNGs
};

/// Examples for the page, spread over the subjects and attacks: of each the largest change, the one
/// nearest to the median change of all its pictures ("typical"), then others by lot ("random") and
/// further large changes, as long as the limits allow. By attack, the largest change first.
[[nodiscard]] std::vector<Example> chosen_examples(const Evidence& evidence, const Titles& titles,
                                                   const PictureIndex& pictures,
                                                   const ExampleLimits& limits = {});

}  // namespace robiq
