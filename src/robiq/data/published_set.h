#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "robiq/data/dataset.h"

namespace robiq {

/// What the publisher of a data set states of it, and what one must know to read it rightly.
struct PublishedFacts {
  std::int64_t pictures = 0;  ///< rated ones
  std::int64_t contents = 0;  ///< scenes; 0: every picture is one of its own
  double lowest = 0, highest = 0;
  bool higher_is_better = true;
  /// lowest and highest are the ends of the rating scale; the smallest and largest label, which
  /// the card's scale needs, are then taken from the label file.
  bool range_is_nominal = false;
  std::map<std::string, std::int64_t, std::less<>> official;  ///< pictures of its own split
  std::vector<std::string> traps;  ///< a sentence each, for `robiq describe` and the manual
};

/// A rated set as its publisher ships it. A picture that is listed and not there stays in the
/// records, so that `robiq data verify` can name all of them; reading it is an error.
class PublishedSet : public Dataset {
 public:
  [[nodiscard]] const DatasetCard& card() const noexcept override { return card_; }
  [[nodiscard]] std::span<const ImageRecord> records() const override { return records_; }
  [[nodiscard]] const PublishedFacts& facts() const noexcept { return facts_; }

 protected:
  /// \throws Error{kUsage} when the spec names no folder
  PublishedSet(DatasetCard card, PublishedFacts facts);

  void add(ImageRecord record) { records_.push_back(std::move(record)); }
  /// To be called once all records are there: sets the card's scale.
  /// \throws Error{kData} for no records, an id that is listed twice, a label that is no finite
  ///         number, or when not one of the pictures is there
  void finish();

 private:
  DatasetCard card_;
  PublishedFacts facts_;
  std::vector<ImageRecord> records_;
};

/// The facts of every published set, read with default options, by its registered name.
[[nodiscard]] const std::map<std::string, PublishedFacts>& published_facts();

namespace detail {

bool add_published_facts(const std::string& name, PublishedFacts facts);
/// "NAME:PATH,key=value": every option but "path", commas in the path written twice.
[[nodiscard]] std::string published_spec(
    const std::string& name, const std::vector<std::pair<std::string, OptionValue>>& options);

}  // namespace detail

/// The card of a set whose folder is the option "path".
template <class Type>
DatasetCard published_card(const typename Type::Options& options) {
  return {
      Type::kName, detail::published_spec(Type::kName, option_values(options)), Type::kPaper, {}};
}

/// As register_type(); Type offers facts(Options) too.
template <class Type>
bool register_published() {
  return detail::add_published_facts(Type::kName, Type::facts({})) &&
         register_type<Dataset, Type>();
}

}  // namespace robiq

/// Put once at the end of the one file that implements Type.
#define ROBIQ_REGISTER_PUBLISHED(Type) \
  [[maybe_unused]] static const bool robiq_registered_##Type = ::robiq::register_published<Type>()
