#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "robiq/core/options/registry.h"
#include "robiq/core/score_scale.h"

namespace robiq {

/// One rated picture. Pixels are read later, with Dataset::read().
struct ImageRecord {
  std::string id;              ///< unique in the data set, stable; for files the path as listed
  std::filesystem::path file;  ///< empty for pictures that are made on the fly
  double mos = 0;              ///< on DatasetCard::scale
  std::string content;         ///< pictures of one content (scene) must share a split
  std::string split;           ///< "train", "val", "test" where the data set says so, else ""
  std::string distortion;      ///< e.g. "blur-3"; "" where unknown
};

/// Facts about a data set.
struct DatasetCard {
  std::string name;   ///< the registered name
  std::string spec;   ///< what was asked for, with every option, so that equal specs are equal sets
  std::string paper;  ///< its source
  ScoreScale scale;   ///< smallest and largest label; worst > best for DMOS
};

/// An index of rated pictures.
class Dataset {
 public:
  static constexpr const char* kNoun = "dataset";
  virtual ~Dataset() = default;
  [[nodiscard]] virtual const DatasetCard& card() const noexcept = 0;
  /// In a fixed order; ids are unique.
  [[nodiscard]] virtual std::span<const ImageRecord> records() const = 0;
  /// The pixels of one record, uint8 [3,H,W]. Safe to call from several threads at once; does no
  /// tensor arithmetic. \throws Error{kData} naming the picture.
  [[nodiscard]] virtual at::Tensor read(const ImageRecord& record) const;
};

template <>
Registry<Dataset>& Registry<Dataset>::instance();

}  // namespace robiq
