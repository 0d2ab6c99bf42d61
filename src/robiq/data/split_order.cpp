#include "robiq/data/split_order.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>
#include <utility>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/io/torch/torch_file.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorKind::kData, {what, file.string(),
                                 "give a pickled list of the positions 0, 1, 2, ... in some order, "
                                 "made for this data set"});
}

std::vector<std::int64_t> integers(const Object& root, const std::filesystem::path& file) {
  std::vector<std::int64_t> numbers;
  if (const auto* const tensor = root.get_if<at::Tensor>()) {
    if (!at::isIntegralType(tensor->scalar_type(), false))
      refuse(file, "its array is of no integers");
    const at::Tensor flat = tensor->to(at::kLong).contiguous().flatten();
    const std::int64_t* const data = flat.data_ptr<std::int64_t>();
    return {data, data + flat.numel()};
  }
  const auto* const list = root.get_if<Object::List>();
  if (list == nullptr) refuse(file, "the file holds no list");
  for (const ObjectPtr& item : *list) {
    if (const auto* const number = item->get_if<std::int64_t>()) {
      numbers.push_back(*number);
      continue;
    }
    // list(numpy.random.permutation(n)) holds numbers of NumPy.
    const auto* const one = item->get_if<at::Tensor>();
    if (one == nullptr || one->dim() != 0 || !at::isIntegralType(one->scalar_type(), false)) {
      refuse(file, "its list holds something other than whole numbers");
    }
    numbers.push_back(one->item<std::int64_t>());
  }
  return numbers;
}

/// How many contents the first `share` of them are.
std::size_t count_of(double share, std::size_t contents, Rounding rounding) {
  const double exact = share * static_cast<double>(contents);
  // 0.8 + 0.1 of 10 must not be 8 because of its last binary digit.
  const double whole = rounding == Rounding::kDown ? std::floor(exact + 1e-9) : std::round(exact);
  return std::min(contents, static_cast<std::size_t>(whole));
}

}  // namespace

std::vector<std::string> contents_in_order(std::span<const ImageRecord> records) {
  std::unordered_map<std::string, bool> seen;
  std::vector<std::string> contents;
  for (const ImageRecord& record : records) {
    if (seen.emplace(record.content, true).second) contents.push_back(record.content);
  }
  return contents;
}

std::vector<std::int64_t> numpy_order(std::uint32_t seed, std::int64_t count) {
  std::mt19937 generator(seed);
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < count; ++i) order.push_back(i);
  for (std::int64_t i = count - 1; i > 0; --i) {
    std::uint32_t mask = 1;
    while (mask < i) mask = mask << 1 | 1;
    std::uint32_t j = 0;
    do j = static_cast<std::uint32_t>(generator()) & mask;
    while (j > i);
    std::swap(order[static_cast<std::size_t>(i)], order[j]);
  }
  return order;
}

std::vector<std::int64_t> read_order(const std::filesystem::path& file, std::int64_t count) {
  TorchFile pickle;
  try {
    pickle = read_torch_file(file);
  } catch (const Error& error) {
    throw Error(ErrorKind::kData, error.text());
  }
  std::vector<std::int64_t> order = integers(*pickle.root, file);
  if (std::ssize(order) != count) {
    refuse(file, "it orders " + std::to_string(order.size()) + " and the data set has " +
                     std::to_string(count));
  }
  std::vector<bool> seen(order.size(), false);
  for (const std::int64_t position : order) {
    if (position < 0 || position >= count) {
      refuse(file, "it holds " + std::to_string(position) + ", and positions run from 0 to below " +
                       std::to_string(count));
    }
    if (seen[static_cast<std::size_t>(position)]) {
      refuse(file, "it holds " + std::to_string(position) + " twice");
    }
    seen[static_cast<std::size_t>(position)] = true;
  }
  return order;
}

Split split_in_order(std::span<const ImageRecord> records, const std::vector<std::int64_t>& order,
                     const SplitShares& shares, Rounding rounding) {
  check_shares(shares);
  const std::vector<std::string> contents = contents_in_order(records);
  const std::size_t train = count_of(shares.train, contents.size(), rounding);
  const std::size_t judged = shares.test == 0
                                 ? contents.size()
                                 : count_of(shares.train + shares.val, contents.size(), rounding);
  std::unordered_map<std::string, std::string> part_of;
  for (std::size_t i = 0; i < order.size(); ++i) {
    part_of[contents.at(static_cast<std::size_t>(order[i]))] = i < train    ? "train"
                                                               : i < judged ? "val"
                                                                            : "test";
  }
  std::vector<std::string> parts;
  for (const ImageRecord& record : records) parts.push_back(part_of.at(record.content));
  Split split = split_from_parts(records, parts);
  if ((shares.train > 0 && split.train.empty()) || (shares.val > 0 && split.val.empty()) ||
      (shares.test > 0 && split.test.empty())) {
    throw Error(ErrorKind::kData,
                {std::to_string(contents.size()) + " contents are too few for these shares",
                 "split", "add pictures of other contents, or give a part the share 0"});
  }
  return split;
}

}  // namespace robiq
