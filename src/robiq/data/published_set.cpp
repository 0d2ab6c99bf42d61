#include "robiq/data/published_set.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <unordered_set>

#include "robiq/core/error.h"
#include "robiq/core/options/params.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

std::map<std::string, PublishedFacts>& mutable_facts() {
  static std::map<std::string, PublishedFacts> facts;
  return facts;
}

}  // namespace

const std::map<std::string, PublishedFacts>& published_facts() { return mutable_facts(); }

namespace detail {

bool add_published_facts(const std::string& name, PublishedFacts facts) {
  return mutable_facts().emplace(name, std::move(facts)).second;
}

std::string published_spec(const std::string& name,
                           const std::vector<std::pair<std::string, OptionValue>>& options) {
  std::string path, rest;
  for (const auto& [key, value] : options) {
    if (key == "path") {
      path = with_doubled_commas(option_text(value));
    } else {
      rest += "," + option_part(key, option_text(value));
    }
  }
  if (path.empty()) {
    throw Error(ErrorKind::kUsage, {"the data set " + name + " needs the folder that it lies in",
                                    name, "write " + name + ":PATH"});
  }
  return name + ":" + path + rest;
}

}  // namespace detail

PublishedSet::PublishedSet(DatasetCard card, PublishedFacts facts)
    : card_(std::move(card)), facts_(std::move(facts)) {}

void PublishedSet::finish() {
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::kData, {what, card_.spec, hint});
  };
  if (records_.empty()) {
    refuse("the label file lists no rated picture", "get the publisher's file again");
  }
  std::unordered_set<std::string> ids;
  for (const ImageRecord& record : records_) {
    if (!ids.insert(record.id).second) {
      refuse("'" + record.id + "' is listed twice", "get the publisher's label file again");
    }
    if (!std::isfinite(record.mos)) {
      refuse("the label of '" + record.id + "' is not a finite number",
             "get the publisher's label file again");
    }
  }
  const auto is_there = [](const ImageRecord& record) {
    std::error_code code;
    return std::filesystem::is_regular_file(record.file, code);
  };
  if (std::none_of(records_.begin(), records_.end(), is_there)) {
    refuse("not one of the " + std::to_string(records_.size()) + " rated pictures is there",
           "'" + records_.front().file.string() + "' is where the first should be");
  }
  double low = facts_.lowest, high = facts_.highest;
  if (facts_.range_is_nominal) {
    const auto by_mos = [](const ImageRecord& a, const ImageRecord& b) { return a.mos < b.mos; };
    const auto ends = std::minmax_element(records_.begin(), records_.end(), by_mos);
    low = ends.first->mos;
    high = ends.second->mos;
    if (low == high) refuse("all labels are " + number_text(low), "get the label file again");
  }
  card_.scale = facts_.higher_is_better ? ScoreScale{low, high} : ScoreScale{high, low};
}

}  // namespace robiq
